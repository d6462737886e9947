// Transactions of a stock client, beside the same records without them.

#include "tests/bench/rdkafka_client.hpp"
#include "tests/bench/report.hpp"

#include <cstdio>

DEFINE_int32(records_per_transaction, 100, "transactions, idempotent: records of one");
DEFINE_int32(transactions, 100, "transactions, idempotent: how many");

namespace sealane::bench {
namespace {

constexpr int kPatienceMs = 60'000;

// True when there is none; else it has been printed.
bool succeeded(rd_kafka_error_t* error, const char* what) {
    if (error == nullptr) return true;
    std::fprintf(stderr, "sealane-bench-rdkafka: %s: %s\n", what, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    return false;
}

// The records of one transaction, some to each partition.
void produce_some(rd_kafka_t* client, rd_kafka_topic_t* topic, std::vector<char>& value) {
    for (std::int32_t i = 0; i < FLAGS_records_per_transaction; ++i) {
        produce_one(client, topic, i % FLAGS_partitions, value);
    }
}

struct Measured {
    Latencies commits;  // of the last call: waiting for the acknowledgements, and the end
    Latencies whole;    // from the beginning of each
    double cpu_before = own_cpu_seconds();
    double start = now_seconds();

    void add(double begun, double ending) {
        const double now = now_seconds();
        commits.add(static_cast<std::int64_t>((now - ending) * 1e9));
        whole.add(static_cast<std::int64_t>((now - begun) * 1e9));
    }
};

int finish(const Outcome& outcome, Measured& measured) {
    const double seconds = now_seconds() - measured.start;
    const std::int64_t expected = std::int64_t{FLAGS_transactions} * FLAGS_records_per_transaction;
    if (outcome.delivered != expected) {
        std::fprintf(
            stderr, "sealane-bench-rdkafka: %ld of %ld delivered\n", outcome.delivered, expected
        );
        return 1;
    }
    Report report;
    report.add_throughput(
        outcome.delivered * static_cast<std::int64_t>(FLAGS_record_bytes),
        outcome.delivered,
        seconds
    );
    report.add("transactions_per_s", FLAGS_transactions / seconds);
    measured.commits.add_to(report, "commit_");
    measured.whole.add_to(report, "whole_");
    report.add("client_cpu_s", own_cpu_seconds() - measured.cpu_before);
    std::printf("%s\n", report.to_json().c_str());
    return 0;
}

}  // namespace

int produce_transactions() {
    Outcome outcome;
    rd_kafka_conf_t* conf = producer_configuration(outcome);
    set(conf, "transactional.id", "bench");
    const Handle client = create(RD_KAFKA_PRODUCER, conf);
    const Topic topic = open_topic(client.get());
    std::vector<char> value = make_value();
    rd_kafka_t* const handle = client.get();
    if (!succeeded(rd_kafka_init_transactions(handle, kPatienceMs), "init")) return 1;
    Measured measured;
    for (std::int32_t i = 0; i < FLAGS_transactions; ++i) {
        const double begun = now_seconds();
        if (!succeeded(rd_kafka_begin_transaction(handle), "begin")) return 1;
        produce_some(handle, topic.get(), value);
        const double ending = now_seconds();
        if (!succeeded(rd_kafka_commit_transaction(handle, kPatienceMs), "commit")) return 1;
        measured.add(begun, ending);
    }
    return finish(outcome, measured);
}

int produce_idempotent(bool wait_for_each) {
    Outcome outcome;
    rd_kafka_conf_t* conf = producer_configuration(outcome);
    set(conf, "enable.idempotence", "true");
    const Handle client = create(RD_KAFKA_PRODUCER, conf);
    const Topic topic = open_topic(client.get());
    std::vector<char> value = make_value();
    Measured measured;
    for (std::int32_t i = 0; i < FLAGS_transactions; ++i) {
        const double begun = now_seconds();
        produce_some(client.get(), topic.get(), value);
        const double ending = now_seconds();
        if (wait_for_each) {
            (void)rd_kafka_flush(client.get(), kPatienceMs);
            measured.add(begun, ending);
        }
    }
    (void)rd_kafka_flush(client.get(), kPatienceMs);
    return finish(outcome, measured);
}

}  // namespace sealane::bench
