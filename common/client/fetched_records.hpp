#pragma once
// The records that a caller sees of a fetch: without control records, without what lies below the
// position, and, reading committed, without aborted transactions (KIP-98).

#include "common/client/fetch_positions.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <vector>

namespace sealane::client {

enum class Isolation : std::int8_t { kReadUncommitted = 0, kReadCommitted = 1 };

struct ConsumerRecord {
    TopicPartition partition;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    kafka::Record record;
};

// kCorruptMessage when a batch does not decompress or parse.
[[nodiscard]] Result<std::vector<ConsumerRecord>> records_of(
    const FetchedPartition& fetched, Isolation isolation
);

}  // namespace sealane::client
