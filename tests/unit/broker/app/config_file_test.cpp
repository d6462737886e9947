#include "broker/app/config_file.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

constexpr std::string_view kGood = R"(
node.id: 3
cluster.id: AQIDBAUGBwgJCgsMDQ4PEA
log.dir: /tmp/x
listeners:
  - name: plain
    address: 127.0.0.1:9092
  - name: tls
    address: 0.0.0.0:9093
    advertised: broker.example:9093
    tls:
      domain: seoul
      ca: ca.pem
      certificate: broker.pem
      key: broker.key
      client.auth: requested
super.users: ["User:CN=admin,O=seoul"]
mirror.principals: ["User:CN=mirror"]
auto.create.topics.enable: false
log.retention.ms: 60000
log.segment.bytes: 1MiB
sealane.flush: os
admin.address: 127.0.0.1:0
)";

TEST(BrokerConfigFile, IsReadWhole) {
    const auto config = parse_broker_config(kGood, "b.yaml");
    ASSERT_TRUE(config.has_value()) << config.error().to_string();
    EXPECT_EQ(config->node_id, BrokerId(3));
    ASSERT_EQ(config->listeners.size(), 2U);
    EXPECT_EQ(config->listeners[1].advertised->to_string(), "broker.example:9093");
    EXPECT_EQ(config->listeners[1].tls->client_auth, runtime::TlsIdentity::ClientAuth::kRequested);
    EXPECT_EQ(config->topic_defaults.segment_bytes, 1 << 20);
    EXPECT_EQ(config->topic_defaults.flush, FlushMode::kOs);
    EXPECT_FALSE(config->auto_create_topics);
    EXPECT_TRUE(config->may_use_private_apis("User:CN=mirror"));
    EXPECT_FALSE(config->may_use_private_apis("User:CN=other"));
}

std::string complaint(std::string_view from, std::string_view to) {
    std::string text(kGood);
    text.replace(text.find(from), from.size(), to);
    const auto config = parse_broker_config(text, "b.yaml");
    EXPECT_FALSE(config.has_value());
    if (config) return "";
    EXPECT_EQ(config.error().code(), ErrorCode::kBadConfig);
    return config.error().detail();
}

TEST(BrokerConfigFile, MistakesAreNamedWithTheirPlace) {
    const std::string unknown = complaint("log.retention.ms", "log.retention.msec");
    EXPECT_NE(unknown.find("b.yaml:"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("log.retention.ms"), std::string::npos) << unknown;
    EXPECT_NE(complaint("node.id: 3", "node.id: -3").find("node.id"), std::string::npos);
    EXPECT_NE(complaint("name: tls", "name: plain").find("plain"), std::string::npos);
    EXPECT_NE(
        complaint("    advertised: broker.example:9093\n", "").find("advertised"), std::string::npos
    );
    EXPECT_NE(complaint("\"User:CN=mirror\"", "\"CN=mirror\"").find("User:"), std::string::npos);
    EXPECT_NE(complaint("os", "never").find("never"), std::string::npos);
}

TEST(BrokerConfigFile, ConsumerGroupsHaveTimesWithinTheirBounds) {
    const auto wrong = [](const std::string& lines) {
        return complaint("admin.address: 127.0.0.1:0\n", lines);
    };
    const auto says = [](const std::string& text, std::string_view part) {
        return text.find(part) != std::string::npos;
    };
    EXPECT_TRUE(says(
        wrong("group.consumer.session.timeout.ms: 1000\n"),
        "group.consumer.min.session.timeout.ms (45000)"
    ));
    EXPECT_TRUE(says(
        wrong("group.consumer.heartbeat.interval.ms: 16000\n"),
        "group.consumer.max.heartbeat.interval.ms (15000)"
    ));
    EXPECT_TRUE(says(
        wrong("group.consumer.min.session.timeout.ms: 5000\n"
              "group.consumer.session.timeout.ms: 5000\n"),
        "must be less than"
    ));
    EXPECT_TRUE(says(wrong("group.consumer.assignors: [best]\n"), "best"));
    EXPECT_TRUE(says(wrong("group.consumer.assignors: [range, range]\n"), "twice"));
    EXPECT_TRUE(says(wrong("group.consumer.assignors: []\n"), "at least one"));
}

TEST(BrokerConfigFile, TheReferenceListsEveryKey) {
    const std::string reference = broker_config_reference();
    for (const char* key : {"node.id", "log.dir", "sealane.flush", "max.connections"}) {
        EXPECT_NE(reference.find(key), std::string::npos) << key;
    }
}

}  // namespace
}  // namespace sealane::broker
