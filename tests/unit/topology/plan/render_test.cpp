#include "topology/plan/render.hpp"

#include "broker/app/config_file.hpp"
#include "mirror/app/config_file.hpp"
#include "topology/model/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace sealane::topology {
namespace {

using testing::HasSubstr;

Topology example() {
    std::ifstream in(SEALANE_EXAMPLE_TOPOLOGY);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto parsed = parse_topology(text, "example");
    EXPECT_TRUE(parsed) << parsed.error().detail();
    return *parsed;
}

// The example with addresses, as after the brokers have been started.
Topology running_example() {
    Topology topology = example();
    std::uint16_t port = 20'000;
    for (Cluster& cluster : topology.clusters) {
        for (Broker& broker : cluster.brokers) {
            for (Listener& listener : broker.listeners) listener.address = {"127.0.0.1", port++};
        }
    }
    return topology;
}

TEST(RenderBroker, IsAcceptedByTheBroker) {
    const Topology topology = example();
    const auto files = render_brokers(topology, {.base_dir = "/srv/demo"});
    ASSERT_TRUE(files) << files.error().detail();
    ASSERT_EQ(files->size(), 4U);
    EXPECT_EQ(files->at(0).name, "seoul-1");
    for (const RenderedFile& file : *files) {
        const auto config = broker::parse_broker_config(file.content, file.name);
        ASSERT_TRUE(config) << config.error().detail() << "\n" << file.content;
    }
    const auto seoul = broker::parse_broker_config(files->at(0).content, "seoul-1");
    EXPECT_EQ(seoul->node_id, BrokerId{1});
    EXPECT_EQ(seoul->log_dir, "/var/lib/sealane/seoul-1");
    EXPECT_EQ(seoul->num_partitions, 2);
    EXPECT_EQ(seoul->super_users, std::vector<std::string>{"User:CN=operator,O=seoul"});
    EXPECT_EQ(seoul->mirror_principals, std::vector<std::string>{"User:CN=mirror,O=seoul"});
    ASSERT_EQ(seoul->listeners.size(), 2U);
    ASSERT_TRUE(seoul->listeners[0].tls);
    EXPECT_EQ(seoul->listeners[0].tls->domain, "seoul");
    EXPECT_EQ(seoul->listeners[0].tls->ca_file, "/srv/demo/pki/seoul/ca.crt");
    EXPECT_EQ(seoul->listeners[0].tls->key_file, "/srv/demo/pki/seoul/broker.key");
    EXPECT_EQ(seoul->listeners[0].tls->client_auth, runtime::TlsIdentity::ClientAuth::kRequired);
    EXPECT_FALSE(seoul->listeners[1].tls);
    EXPECT_EQ(seoul->listeners[1].address.port, 0);
}

TEST(RenderBroker, NamesWhatIsUnknown) {
    Topology topology = example();
    EXPECT_EQ(render_broker(topology, "x", 1).error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(render_broker(topology, "seoul", 9).error().code(), ErrorCode::kNotFound);
    topology.clusters[0].kind = ClusterKind::kKafka;
    EXPECT_EQ(render_broker(topology, "seoul", 1).error().code(), ErrorCode::kUnsupported);
    topology.domains.erase(topology.domains.begin() + 1);
    EXPECT_EQ(render_broker(topology, "busan", 1).error().code(), ErrorCode::kNotFound);
}

TEST(RenderBroker, AClusterWithoutTlsTakesItsMirrorForAnybody) {
    Topology topology = example();
    auto& listeners = topology.find_cluster("seoul")->brokers[0].listeners;
    listeners.erase(listeners.begin());
    const auto text = render_broker(topology, "seoul", 1);
    ASSERT_TRUE(text);
    EXPECT_THAT(*text, HasSubstr("mirror.principals: [\"User:ANONYMOUS\"]"));
}

TEST(RenderMirror, HoldsTheHalvesAndKeysOfOneDomainOnly) {
    const Topology topology = running_example();
    const auto seoul = render_mirror(topology, "seoul", {.base_dir = "/srv/demo"});
    ASSERT_TRUE(seoul) << seoul.error().detail();
    EXPECT_EQ(
        *seoul,
        "# Mirror of domain seoul. Rendered from topology demo.\n"
        "domain: seoul\n"
        "data.dir: /var/lib/sealane/mirror-seoul\n"
        "admin.address: \"127.0.0.1:0\"\n"
        "clusters:\n"
        "  - name: seoul\n"
        "    bootstrap: [\"127.0.0.1:20000\"]\n"
        "    tls:\n"
        "      domain: seoul\n"
        "      ca: /srv/demo/pki/seoul/ca.crt\n"
        "      certificate: /srv/demo/pki/seoul/mirror.crt\n"
        "      key: /srv/demo/pki/seoul/mirror.key\n"
        "halves:\n"
        "  - link: \"seoul->korea\"\n"
        "    role: consumer\n"
        "    cluster: seoul\n"
        "    socket: \"unix:/run/sealane/seoul-+korea.sock\"\n"
        "    kind: aggregate\n"
        "    topics: {include: [\"logs.*\"], exclude: [\"__*\"]}\n"
        "    groups: {include: [\"*\"], exclude: []}\n"
    );
    const auto korea = render_mirror(topology, "korea");
    ASSERT_TRUE(korea);
    EXPECT_THAT(*korea, HasSubstr("    role: producer\n    cluster: korea\n"));
    EXPECT_THAT(*korea, HasSubstr("    group.prefix: seoul.\n    target.topic: \"{topic}\"\n"));
    EXPECT_THAT(*korea, HasSubstr("    queue.bytes: 33554432\n    on.gap: stop\n"));
    EXPECT_THAT(*korea, HasSubstr("link: \"korea->tokyo\"\n    role: consumer\n"));
    for (const char* other : {"O=seoul", "pki/seoul", "pki/busan", "pki/tokyo"})
        EXPECT_EQ(korea->find(other), std::string::npos) << other;
}

TEST(RenderMirror, IsAcceptedByTheMirror) {
    const Topology topology = running_example();
    for (const std::string& domain : mirror_domains(topology)) {
        const auto text = render_mirror(topology, domain, {.base_dir = "/srv/demo"});
        ASSERT_TRUE(text) << text.error().detail();
        const auto config = mirror::parse_config(*text, domain);
        ASSERT_TRUE(config) << config.error().detail() << "\n" << *text;
        EXPECT_EQ(config->domain, domain);
    }
    const auto korea = mirror::parse_config(*render_mirror(topology, "korea"), "korea");
    ASSERT_EQ(korea->halves.size(), 3U);
    EXPECT_EQ(korea->halves[0].role, mirror::HalfRole::kProducer);
    EXPECT_EQ(korea->halves[0].kind, mirror::LinkKind::kAggregate);
    EXPECT_EQ(korea->halves[0].group_prefix, "seoul.");
    EXPECT_EQ(korea->halves[2].role, mirror::HalfRole::kConsumer);
    EXPECT_EQ(korea->halves[2].kind, mirror::LinkKind::kReplica);
    const auto tokyo = mirror::parse_config(*render_mirror(topology, "tokyo"), "tokyo");
    ASSERT_EQ(tokyo->halves.size(), 1U);
    EXPECT_EQ(tokyo->halves[0].socket, korea->halves[2].socket);
    EXPECT_EQ(tokyo->clusters[0].tls->key_file, "pki/tokyo/mirror.key");
}

TEST(RenderMirror, WaitsForAddresses) {
    const auto early = render_mirror(example(), "seoul");
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code(), ErrorCode::kBadConfig);
    EXPECT_THAT(early.error().detail(), HasSubstr("broker 1 of cluster seoul is not known yet"));
}

TEST(RenderMirror, KnowsWhichDomainsNeedOne) {
    Topology topology = running_example();
    EXPECT_EQ(
        mirror_domains(topology), (std::vector<std::string>{"seoul", "busan", "korea", "tokyo"})
    );
    topology.links.erase(topology.links.begin());
    EXPECT_EQ(mirror_domains(topology), (std::vector<std::string>{"busan", "korea", "tokyo"}));
    EXPECT_EQ(render_mirror(topology, "seoul").error().code(), ErrorCode::kNotFound);
    EXPECT_EQ(render_mirror(topology, "nobody").error().code(), ErrorCode::kNotFound);
}

TEST(RenderMirror, RefusesSocketPathsThatNoSocketCanHave) {
    Topology topology = running_example();
    topology.paths.run = "/" + std::string(120, 'r');
    const auto text = render_mirror(topology, "seoul");
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().detail(), HasSubstr("shorten paths.run"));
}

}  // namespace
}  // namespace sealane::topology
