#pragma once
// What deciders and their shards share.

#include "broker/log/log_state.hpp"
#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>

namespace sealane::broker {

// Names one request whose answer may be parked. Given by the shell, unique in one shard.
using Ticket = std::uint64_t;

struct ShardClock {
    Instant now;
    WallTime wall;
};

struct ShardLimits {
    std::int64_t expiry_check_ms = 0;
    std::int32_t commit_timeout_ms = 0;  // until a write is replicated
    // The log is rewritten when it holds more than so many bytes, and more than `garbage_factor`
    // times what is live.
    std::uint64_t rewrite_min_bytes = 0;
    std::uint64_t garbage_factor = 0;
};

struct ShardAppend {
    BufferSlice batch;
    AppendOrigin origin = AppendOrigin::kCoordinator;
};

// Whose transaction records belong to.
struct TransactionalProducer {
    ProducerId id;
    ProducerEpoch epoch;
    friend bool operator==(const TransactionalProducer&, const TransactionalProducer&) = default;
};

// The end of a transaction in one partition, as its coordinator has decided it.
struct TransactionEnd {
    TransactionalProducer producer;
    bool commit = false;
    std::int32_t coordinator_epoch = -1;
    bool strict = false;  // AppendOrigin::kStrictMarker
};

}  // namespace sealane::broker
