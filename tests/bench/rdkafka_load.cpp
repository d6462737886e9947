// sealane-bench-rdkafka: produce and consume through librdkafka, as most programs in the field do.
// One line of JSON, as sealane-bench.
//
//     sealane-bench-rdkafka --bootstrap=127.0.0.1:9092 --topic=t --acks=1 produce

#include "tests/bench/rdkafka_client.hpp"
#include "tests/bench/report.hpp"

#include <cstdio>

DEFINE_int32(acks, -1, "-1 (all), 1");
DEFINE_int64(total_mb, 256, "produce: megabytes of values");
DEFINE_int64(records, 0, "consume: how many");

namespace {

using namespace sealane::bench;

int produce() {
    Outcome outcome;
    rd_kafka_conf_t* conf = producer_configuration(outcome);
    set(conf, "acks", std::to_string(FLAGS_acks));
    const Handle client = create(RD_KAFKA_PRODUCER, conf);
    const Topic topic = open_topic(client.get());
    std::vector<char> value = make_value();
    const std::int64_t records =
        FLAGS_total_mb * 1'000'000 / static_cast<std::int64_t>(value.size());
    const double cpu_before = own_cpu_seconds();
    const double start = now_seconds();
    for (std::int64_t i = 0; i < records; ++i) {
        const auto partition = static_cast<std::int32_t>(i / 256 % FLAGS_partitions);
        produce_one(client.get(), topic.get(), partition, value);
        if (i % 1024 == 0) (void)rd_kafka_poll(client.get(), 0);
    }
    (void)rd_kafka_flush(client.get(), 120'000);
    Report report;
    report.add_throughput(
        outcome.delivered * static_cast<std::int64_t>(value.size()),
        outcome.delivered,
        now_seconds() - start
    );
    report.add("client_cpu_s", own_cpu_seconds() - cpu_before);
    if (outcome.delivered != records) {
        std::fprintf(
            stderr, "sealane-bench-rdkafka: %ld of %ld delivered\n", outcome.delivered, records
        );
        return 1;
    }
    std::printf("%s\n", report.to_json().c_str());
    return 0;
}

// All partitions from the start, in batches of messages.
int consume() {
    rd_kafka_conf_t* conf = common_configuration();
    set(conf, "group.id", "bench");
    set(conf, "fetch.message.max.bytes", "4194304");
    set(conf, "queued.max.messages.kbytes", "131072");
    const Handle client = create(RD_KAFKA_CONSUMER, conf);
    rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(FLAGS_partitions);
    for (std::int32_t i = 0; i < FLAGS_partitions; ++i) {
        rd_kafka_topic_partition_list_add(all, FLAGS_topic.c_str(), i)->offset = 0;
    }
    rd_kafka_poll_set_consumer(client.get());
    const double cpu_before = own_cpu_seconds();
    const double start = now_seconds();
    rd_kafka_assign(client.get(), all);
    rd_kafka_topic_partition_list_destroy(all);
    rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(client.get());
    std::vector<rd_kafka_message_t*> messages(10'000);
    std::int64_t records = 0;
    std::int64_t bytes = 0;
    while (records < FLAGS_records && now_seconds() - start < 120) {
        const auto count =
            rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
        for (ssize_t i = 0; i < count; ++i) {
            rd_kafka_message_t* message = messages[static_cast<std::size_t>(i)];
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                ++records;
                bytes += static_cast<std::int64_t>(message->len);
            }
            rd_kafka_message_destroy(message);
        }
    }
    Report report;
    report.add_throughput(bytes, records, now_seconds() - start);
    report.add("client_cpu_s", own_cpu_seconds() - cpu_before);
    rd_kafka_queue_destroy(queue);
    (void)rd_kafka_consumer_close(client.get());
    if (records < FLAGS_records) {
        std::fprintf(stderr, "sealane-bench-rdkafka: %ld of %ld came\n", records, FLAGS_records);
        return 1;
    }
    std::printf("%s\n", report.to_json().c_str());
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    gflags::SetUsageMessage(
        "load through librdkafka\n  sealane-bench-rdkafka [flags] "
        "produce|consume|transactions|idempotent|idempotent-waiting"
    );
    gflags::ParseCommandLineFlags(&argc, &argv, true);
    const std::string what = argc == 2 ? argv[1] : "";
    if (what == "produce") return produce();
    if (what == "consume") return consume();
    if (what == "transactions") return produce_transactions();
    if (what == "idempotent") return produce_idempotent(false);
    if (what == "idempotent-waiting") return produce_idempotent(true);
    std::fprintf(
        stderr,
        "sealane-bench-rdkafka: '%s' is none of produce, consume, transactions, idempotent, "
        "idempotent-waiting\n",
        what.c_str()
    );
    return 2;
}
