#pragma once
// What load to make, as plain data, and the pieces that every measurement needs: payloads, batches
// made before the clock starts, the leader's connection.

#include "common/client/cluster_client.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "tests/bench/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::bench {

struct Load {
    std::string topic = "bench";
    std::int32_t topics = 1;  // `create` only: topic-0, topic-1, ... when more than one
    std::int32_t partitions = 1;
    std::int16_t replicas = -1;    // of created topics; -1: the broker's default
    std::string flush = "synced";  // of created topics; empty: not said, for brokers without it
    std::int16_t acks = -1;
    std::size_t record_bytes = 1024;     // of one value
    std::size_t batch_bytes = 64 << 10;  // before compression
    std::size_t request_batches = 1;     // batches of one request, each for another partition
    std::size_t in_flight = 8;           // requests to each leader
    kafka::Codec codec = kafka::Codec::kNone;
    std::int64_t total_bytes = 256LL << 20;  // of values
    std::int32_t rate = 1000;                // records a second
    Duration duration = 5s;
    Duration patience = 300s;  // of waiting for what others bring
};

// The value of record `number`: words that compress about 2:1, as log lines do.
[[nodiscard]] BufferSlice payload(std::size_t size, std::uint64_t number);

// One batch of whole records, as large as load.batch_bytes allows.
[[nodiscard]] Result<kafka::RecordBatch> make_batch(const Load& load, WallTime now);

// The bytes of values that a batch made by make_batch holds.
[[nodiscard]] std::int64_t value_bytes(const Load& load, const kafka::RecordBatch& batch);

[[nodiscard]] double seconds_of(Duration span);

// How long a measurement may take before it counts as hung.
inline constexpr Duration kPatience = 300s;

// Every measurement: its own connections, ended when it returns.
using Access = client::ClientOptions;
[[nodiscard]] runtime::Task<Result<Report>> create_topics(
    runtime::World& world, Access access, Load load
);
[[nodiscard]] runtime::Task<Result<Report>> delete_topic(
    runtime::World& world, Access access, Load load
);
// Lets User:ANONYMOUS read and write the topic, and others do something with as many other topics.
[[nodiscard]] runtime::Task<Result<Report>> create_acls(
    runtime::World& world, Access access, Load load, std::int32_t others
);
// Prebuilt batches over one connection to each leader: what the brokers can take.
[[nodiscard]] runtime::Task<Result<Report>> produce_batches(
    runtime::World& world, Access access, Load load
);
// Record by record through the native client.
[[nodiscard]] runtime::Task<Result<Report>> produce_records(
    runtime::World& world, Access access, Load load
);
// From send to acknowledgement at a fixed rate, counted from when each send was due.
[[nodiscard]] runtime::Task<Result<Report>> produce_latency(
    runtime::World& world, Access access, Load load
);
// Everything in the topic, checksums verified; record by record when asked.
[[nodiscard]] runtime::Task<Result<Report>> consume(
    runtime::World& world, Access access, Load load, bool each_record
);
// Waits until the topic's end offsets together reach `records`; timed from the last look before
// the first new one.
[[nodiscard]] runtime::Task<Result<Report>> await_records(
    runtime::World& world, Access access, Load load, std::int64_t records
);
// From before the send to the source until the record was consumed at the target.
[[nodiscard]] runtime::Task<Result<Report>> end_to_end_latency(
    runtime::World& world, Access source, Access target, Load load
);

}  // namespace sealane::bench
