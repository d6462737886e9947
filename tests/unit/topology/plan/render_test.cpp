#include "topology/plan/render.hpp"

#include "broker/app/config_file.hpp"
#include "mirror/app/config_file.hpp"
#include "topology/model/parse.hpp"
#include "topology/model/quorum.hpp"

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

// seoul with three brokers that have addresses.
Topology of_three() {
    Topology topology = running_example();
    Cluster& seoul = *topology.find_cluster("seoul");
    std::uint16_t port = 21'000;
    for (const int id : {2, 3}) {
        Broker broker = seoul.brokers.front();
        broker.id = id;
        for (Listener& listener : broker.listeners) listener.address = {"127.0.0.1", port++};
        seoul.brokers.push_back(std::move(broker));
    }
    seoul.brokers[1].rack = "icn1-b";
    return topology;
}

TEST(RenderBroker, TellsEachOfSeveralHowToFindAndKnowTheOthers) {
    const Topology topology = of_three();
    const auto text = render_broker(topology, "seoul", 2);
    ASSERT_TRUE(text) << text.error().detail();
    const auto config = broker::parse_broker_config(*text, "seoul-2");
    ASSERT_TRUE(config) << config.error().detail() << "\n" << *text;
    EXPECT_EQ(config->node_id, BrokerId(2));
    EXPECT_EQ(config->cluster_id, cluster_id_of(topology, topology.clusters[0]));
    EXPECT_EQ(config->cluster.rack, "icn1-b");
    ASSERT_EQ(config->cluster.voters.size(), 3U);
    EXPECT_EQ(config->cluster.voters[0].to_string(), "1@127.0.0.1:20000");
    EXPECT_EQ(config->cluster.voters[2].to_string(), "3@127.0.0.1:21002");
    EXPECT_EQ(config->inter_broker_listener().name, "tls");
    EXPECT_EQ(
        config->cluster.broker_principals, std::vector<std::string>{"User:CN=broker,O=seoul"}
    );
    EXPECT_TRUE(config->may_act_as_broker("User:CN=broker,O=seoul"));
    EXPECT_FALSE(config->may_act_as_broker("User:CN=mirror,O=seoul"));
    const auto first = render_broker(topology, "seoul", 1);
    EXPECT_THAT(*first, testing::Not(HasSubstr("broker.rack")));
}

TEST(RenderBroker, ABrokerAloneIsRenderedAsEver) {
    const auto text = render_broker(example(), "seoul", 1);
    ASSERT_TRUE(text);
    for (const char* key : {"cluster.id", "voters", "broker.principals", "inter.broker"})
        EXPECT_EQ(text->find(key), std::string::npos) << key;
    Topology named = example();
    named.clusters[0].cluster_id = Text{"AAAAAAAAAAAAAAAAAAAAAA", {}};
    EXPECT_THAT(
        *render_broker(named, "seoul", 1), HasSubstr("cluster.id: AAAAAAAAAAAAAAAAAAAAAA\n")
    );
}

TEST(RenderBroker, NeedsToKnowWhereTheVotersAre) {
    Topology topology = of_three();
    topology.clusters[0].brokers[2].listeners[0].address.reset();
    const auto text = render_broker(topology, "seoul", 1);
    ASSERT_FALSE(text);
    EXPECT_THAT(text.error().detail(), HasSubstr("address of broker 3 of cluster seoul must be"));
    topology.clusters[0].brokers[2].listeners[0].name.value = "other";
    EXPECT_THAT(
        render_broker(topology, "seoul", 1).error().detail(), HasSubstr("has no listener 'tls'")
    );
    topology.clusters[0].voters = {1};
    EXPECT_TRUE(render_broker(topology, "seoul", 3)) << "who does not vote need not be known";
}

TEST(RenderBroker, MirrorsStartFromEveryBroker) {
    const auto text = render_mirror(of_three(), "seoul");
    ASSERT_TRUE(text);
    EXPECT_THAT(
        *text, HasSubstr("[\"127.0.0.1:20000\", \"127.0.0.1:21000\", \"127.0.0.1:21002\"]")
    );
}

TEST(Quorum, TheFirstOneThreeOrFiveVote) {
    Cluster cluster;
    for (const std::size_t expected : {1U, 1U, 3U, 3U, 5U, 5U, 5U}) {
        cluster.brokers.emplace_back().id = static_cast<int>(cluster.brokers.size());
        EXPECT_EQ(voters_of(cluster).size(), expected) << cluster.brokers.size();
    }
    cluster.voters = {7, 2};
    EXPECT_EQ(voters_of(cluster), (std::vector<std::int32_t>{7, 2}));
}

TEST(Quorum, ClusterIdsFollowFromTheNamesUnlessGiven) {
    Topology topology = example();
    const Cluster& seoul = topology.clusters[0];
    const std::string id = cluster_id_of(topology, seoul);
    EXPECT_TRUE(Uuid::parse(id)) << id;
    EXPECT_EQ(cluster_id_of(topology, seoul), id);
    EXPECT_NE(cluster_id_of(topology, topology.clusters[1]), id);
    topology.name.value = "other";
    EXPECT_NE(cluster_id_of(topology, seoul), id);
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
