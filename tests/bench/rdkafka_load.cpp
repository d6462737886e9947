// sealane-bench-rdkafka: produce and consume through librdkafka, as most programs in the field do.
// One line of JSON, as sealane-bench.
//
//     sealane-bench-rdkafka --bootstrap=127.0.0.1:9092 --topic=t --acks=1 produce|consume

#include "tests/bench/report.hpp"

#include <gflags/gflags.h>

#include <chrono>
#include <cstdio>
#include <librdkafka/rdkafka.h>
#include <memory>
#include <string>
#include <vector>

DEFINE_string(bootstrap, "", "host:port of the broker");
DEFINE_string(tls_ca, "", "authority of the broker; with it TLS is used");
DEFINE_string(tls_cert, "", "this client's certificate");
DEFINE_string(tls_key, "", "and its key");
DEFINE_string(topic, "bench", "topic");
DEFINE_int32(partitions, 1, "of the topic");
DEFINE_int32(acks, -1, "-1 (all), 1");
DEFINE_uint64(record_bytes, 1024, "bytes of a value");
DEFINE_int64(total_mb, 256, "produce: megabytes of values");
DEFINE_int64(records, 0, "consume: how many");

namespace {

using sealane::bench::Report;
using Handle = std::unique_ptr<rd_kafka_t, decltype(&rd_kafka_destroy)>;

struct Outcome {
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
};

double now_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

void set(rd_kafka_conf_t* conf, const char* key, const std::string& value) {
    char error[256];
    if (rd_kafka_conf_set(conf, key, value.c_str(), error, sizeof(error)) != RD_KAFKA_CONF_OK) {
        std::fprintf(stderr, "sealane-bench-rdkafka: %s\n", error);
        std::exit(2);
    }
}

rd_kafka_conf_t* common_configuration() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", FLAGS_bootstrap);
    if (!FLAGS_tls_ca.empty()) {
        set(conf, "security.protocol", "ssl");
        set(conf, "ssl.ca.location", FLAGS_tls_ca);
        set(conf, "ssl.certificate.location", FLAGS_tls_cert);
        set(conf, "ssl.key.location", FLAGS_tls_key);
    }
    return conf;
}

Handle create(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
    char error[256];
    rd_kafka_t* made = rd_kafka_new(type, conf, error, sizeof(error));
    if (made == nullptr) {
        std::fprintf(stderr, "sealane-bench-rdkafka: %s\n", error);
        std::exit(2);
    }
    return {made, &rd_kafka_destroy};
}

void count_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& outcome = *static_cast<Outcome*>(opaque);
    ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? outcome.delivered : outcome.failed);
}

int produce() {
    Outcome outcome;
    rd_kafka_conf_t* conf = common_configuration();
    set(conf, "linger.ms", "5");
    set(conf, "batch.size", "65536");
    set(conf, "batch.num.messages", "100000");
    set(conf, "queue.buffering.max.messages", "1000000");
    set(conf, "queue.buffering.max.kbytes", "262144");
    set(conf, "acks", std::to_string(FLAGS_acks));
    rd_kafka_conf_set_dr_msg_cb(conf, &count_delivery);
    rd_kafka_conf_set_opaque(conf, &outcome);
    const Handle client = create(RD_KAFKA_PRODUCER, conf);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client.get(), FLAGS_topic.c_str(), nullptr);
    std::vector<char> value(FLAGS_record_bytes);
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>('a' + i * 7 % 23);
    const std::int64_t records =
        FLAGS_total_mb * 1'000'000 / static_cast<std::int64_t>(value.size());
    const double cpu_before = sealane::bench::own_cpu_seconds();
    const double start = now_seconds();
    for (std::int64_t i = 0; i < records; ++i) {
        const auto partition = static_cast<std::int32_t>(i / 256 % FLAGS_partitions);
        while (rd_kafka_produce(
                   topic,
                   partition,
                   RD_KAFKA_MSG_F_COPY,
                   value.data(),
                   value.size(),
                   nullptr,
                   0,
                   nullptr
               ) != 0) {
            (void)rd_kafka_poll(client.get(), 1);
        }
        if (i % 1024 == 0) (void)rd_kafka_poll(client.get(), 0);
    }
    (void)rd_kafka_flush(client.get(), 120'000);
    Report report;
    report.add_throughput(
        outcome.delivered * static_cast<std::int64_t>(value.size()),
        outcome.delivered,
        now_seconds() - start
    );
    report.add("client_cpu_s", sealane::bench::own_cpu_seconds() - cpu_before);
    rd_kafka_topic_destroy(topic);
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
    const double cpu_before = sealane::bench::own_cpu_seconds();
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
    report.add("client_cpu_s", sealane::bench::own_cpu_seconds() - cpu_before);
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
        "load through librdkafka\n  sealane-bench-rdkafka [flags] produce|consume"
    );
    gflags::ParseCommandLineFlags(&argc, &argv, true);
    const std::string what = argc == 2 ? argv[1] : "";
    if (what == "produce") return produce();
    if (what == "consume") return consume();
    std::fprintf(
        stderr, "sealane-bench-rdkafka: '%s' is neither produce nor consume\n", what.c_str()
    );
    return 2;
}
