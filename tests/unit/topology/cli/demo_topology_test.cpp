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

TEST(DemoTopology, NamesThePlaceOfAMistake) {
    const auto text = complete_topology("domains: [\n", "bad.yaml", DemoHome("/demo"));
    ASSERT_FALSE(text);
    EXPECT_NE(text.error().detail().find("bad.yaml:"), std::string::npos) << text.error().detail();
}

}  // namespace
}  // namespace sealane::topology
