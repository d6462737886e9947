#pragma once
// What every load through librdkafka needs: its configuration from the flags, and its handle.

#include <gflags/gflags.h>

#include <cstdint>
#include <librdkafka/rdkafka.h>
#include <memory>
#include <string>
#include <vector>

DECLARE_string(topic);
DECLARE_int32(partitions);
DECLARE_uint64(record_bytes);

namespace sealane::bench {

using Handle = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;
using Topic = std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)>;

// What became of the records sent.
struct Outcome {
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
};

// The process ends with a message when librdkafka does not know the key or refuses the value.
void set(rd_kafka_conf_t* conf, const char* key, const std::string& value);
// Brokers and TLS as the flags say.
[[nodiscard]] rd_kafka_conf_t* common_configuration();
// A producer's: batches of 64 KiB, 5 ms of lingering, large queues; deliveries are counted in
// `outcome`, which outlives the handle.
[[nodiscard]] rd_kafka_conf_t* producer_configuration(Outcome& outcome);
// Takes the configuration over.
[[nodiscard]] Handle create(rd_kafka_type_t type, rd_kafka_conf_t* conf);
[[nodiscard]] Topic open_topic(rd_kafka_t* client);
[[nodiscard]] std::vector<char> make_value();
// Queues one record, waiting for room.
void produce_one(
    rd_kafka_t* client, rd_kafka_topic_t* topic, std::int32_t partition, std::vector<char>& value
);
[[nodiscard]] double now_seconds();

// --records_per_transaction records each, one after the other; the latency of each commit.
int produce_transactions();
// The same records by an idempotent producer: waiting for all acknowledgements where a transaction
// would end, or never until the end.
int produce_idempotent(bool wait_for_each);

}  // namespace sealane::bench
