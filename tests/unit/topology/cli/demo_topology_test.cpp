#include "topology/cli/demo_topology.hpp"

#include "topology/model/parse.hpp"
#include "topology/rules/rules.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sealane::topology {
namespace {

TEST(DemoTopology, CompletesTheShippedFileSoThatItCanRun) {
    const DemoHome home("/demo");
    const auto text = complete_topology(shipped_topology(), "shipped", home);
    ASSERT_TRUE(text) << text.error().to_string();
    const auto topology = parse_topology(*text, "completed");
    ASSERT_TRUE(topology) << topology.error().to_string();
    EXPECT_FALSE(has_errors(judge(*topology)));
    std::set<std::uint16_t> ports;
    for (const Cluster& cluster : topology->clusters) {
        for (const Broker& broker : cluster.brokers) {
            for (const Listener& listener : broker.listeners) {
                ASSERT_TRUE(listener.address) << cluster.name.value;
                EXPECT_EQ(listener.address->host, "127.0.0.1");
                EXPECT_TRUE(ports.insert(listener.address->port).second) << "one port twice";
            }
        }
    }
    EXPECT_EQ(topology->find_domain("korea")->secrets.value, "/demo/domains/korea");
}

TEST(DemoTopology, MultipliesTheBrokersOfEveryCluster) {
    Uuid id;
    const DemoScale scale{5, [&id] {
                              ++id.bytes[0];
                              return id;
                          }};
    const auto text = complete_topology(shipped_topology(), "shipped", DemoHome("/demo"), scale);
    ASSERT_TRUE(text) << text.error().to_string();
    const auto topology = parse_topology(*text, "completed");
    ASSERT_TRUE(topology) << topology.error().to_string();
    EXPECT_TRUE(judge(*topology).empty());
    std::set<std::uint16_t> ports;
    std::set<std::string> ids;
    for (const Cluster& cluster : topology->clusters) {
        ASSERT_EQ(cluster.brokers.size(), 5U);
        ASSERT_TRUE(cluster.cluster_id);
        EXPECT_TRUE(ids.insert(cluster.cluster_id->value).second);
        for (const Broker& broker : cluster.brokers) {
            for (const Listener& listener : broker.listeners) {
                ASSERT_TRUE(listener.address);
                EXPECT_LT(listener.address->port, 32'768) << "no outgoing connection takes it";
                EXPECT_TRUE(ports.insert(listener.address->port).second) << "one port twice";
            }
        }
    }
    const Cluster& korea = *topology->find_cluster("korea");
    EXPECT_EQ(korea.brokers[1].id, 2);
    EXPECT_EQ(korea.brokers[1].rack, "icn2-b");
    EXPECT_EQ(korea.brokers[1].data_dir->value, "/demo/clusters/korea/2/data");
}

TEST(DemoTopology, OneBrokerIsWhatItWas) {
    const DemoScale one{1, [] { return Uuid(); }};
    const auto text = complete_topology(shipped_topology(), "shipped", DemoHome("/demo"), one);
    ASSERT_TRUE(text);
    for (const char* key : {"cluster_id", "rack"})
        EXPECT_EQ(text->find(key), std::string::npos) << key;
    EXPECT_NE(text->find("/demo/clusters/korea/data"), std::string::npos);
}

TEST(DemoTopology, DoesNotMultiplyBrokersThatAFileNames) {
    const std::string two =
        "version: 1\nname: t\ndomains: [{name: d}]\n"
        "clusters: [{name: c, domain: d, brokers: [{id: 1}, {id: 2}]}]\n";
    const auto text = complete_topology(two, "two.yaml", DemoHome("/demo"), {3, nullptr});
    ASSERT_FALSE(text);
    EXPECT_NE(text.error().detail().find("leave --brokers out"), std::string::npos);
}

TEST(DemoTopology, NamesThePlaceOfAMistake) {
    const auto text = complete_topology("domains: [\n", "bad.yaml", DemoHome("/demo"));
    ASSERT_FALSE(text);
    EXPECT_NE(text.error().detail().find("bad.yaml:"), std::string::npos) << text.error().detail();
}

}  // namespace
}  // namespace sealane::topology
