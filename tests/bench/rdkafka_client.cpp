#include "tests/bench/rdkafka_client.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

DEFINE_string(bootstrap, "", "host:port of the broker");
DEFINE_string(tls_ca, "", "authority of the broker; with it TLS is used");
DEFINE_string(tls_cert, "", "this client's certificate");
DEFINE_string(tls_key, "", "and its key");
DEFINE_string(topic, "bench", "topic");
DEFINE_int32(partitions, 1, "of the topic");
DEFINE_uint64(record_bytes, 1024, "bytes of a value");

namespace sealane::bench {

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

namespace {

void count_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    auto& outcome = *static_cast<Outcome*>(opaque);
    ++(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? outcome.delivered : outcome.failed);
}

}  // namespace

rd_kafka_conf_t* producer_configuration(Outcome& outcome) {
    rd_kafka_conf_t* conf = common_configuration();
    set(conf, "linger.ms", "5");
    set(conf, "batch.size", "65536");
    set(conf, "batch.num.messages", "100000");
    set(conf, "queue.buffering.max.messages", "1000000");
    set(conf, "queue.buffering.max.kbytes", "262144");
    rd_kafka_conf_set_dr_msg_cb(conf, &count_delivery);
    rd_kafka_conf_set_opaque(conf, &outcome);
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

Topic open_topic(rd_kafka_t* client) {
    return {rd_kafka_topic_new(client, FLAGS_topic.c_str(), nullptr), &rd_kafka_topic_destroy};
}

std::vector<char> make_value() {
    std::vector<char> value(FLAGS_record_bytes);
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>('a' + i * 7 % 23);
    return value;
}

void produce_one(
    rd_kafka_t* client, rd_kafka_topic_t* topic, std::int32_t partition, std::vector<char>& value
) {
    constexpr int kCopy = RD_KAFKA_MSG_F_COPY;
    void* const bytes = value.data();
    while (rd_kafka_produce(topic, partition, kCopy, bytes, value.size(), nullptr, 0, nullptr) != 0
    ) {
        (void)rd_kafka_poll(client, 1);
    }
}

double now_seconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

}  // namespace sealane::bench
