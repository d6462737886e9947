#include "topology/model/parse.hpp"

#include "topology/model/identity_files.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace sealane::topology {
namespace {

constexpr std::string_view kFull = R"(version: 1
name: prod
paths: {data: /data, run: /run/s, secrets: /etc/s}
domains:
  - {name: core, admins: ["User:CN=anna,O=core"]}
  - {name: edge, secrets: /etc/edge, ca: /etc/ca/edge.crt}
datacenters:
  - {name: ams1, region: Amsterdam}
clusters:
  - name: ams
    domain: core
    datacenter: ams1
    brokers:
      - id: 1
        data_dir: /fast/1
        identity: broker-1
        admin: 127.0.0.1:9650
        listeners:
          - {name: client, address: "0.0.0.0:9093", advertised: "b1.ams:9093", client_auth: requested}
          - {name: local, address: "127.0.0.1:9092", tls: none}
      - id: 2
    options: {log.retention.ms: 604800000, sealane.flush: os}
  - {name: old, domain: edge, kind: kafka, bootstrap: ["k1:9092", "k2:9092"], tls: none}
crossings:
  - {from: edge, to: core, topics: {include: ["a.*", b], exclude: [a.x]}, why: because}
links:
  - from: old
    to: ams
    name: intake
    kind: aggregate
    topics: {include: ["a.*"], exclude: [a.x]}
    groups: [app-*]
    group_prefix: old.
    target_topic: "old.{topic}"
    objectives: {rpo: 5s, rto: 1m}
    detection: 2s
    on_gap: ledger
    queue_bytes: 64MiB
mirrors:
  - {domain: core, data_dir: /data/m, admin: "127.0.0.1:9651"}
drills:
  - {name: d, link: intake, records_per_second: 10, record_bytes: 1KiB, baseline: 5s}
)";

TEST(TopologyFile, IsReadCompletely) {
    const auto parsed = parse_topology(kFull, "t.yaml");
    ASSERT_TRUE(parsed) << parsed.error().detail();
    const Topology& t = *parsed;
    EXPECT_EQ(t.file, "t.yaml");
    EXPECT_EQ(t.name.value, "prod");
    EXPECT_EQ(t.domains[0].secrets.value, "/etc/s/core");
    EXPECT_EQ(t.domains[0].admins, std::vector<std::string>{"User:CN=anna,O=core"});
    EXPECT_EQ(t.domains[1].ca->value, "/etc/ca/edge.crt");
    EXPECT_EQ(t.datacenters[0].region, "Amsterdam");

    const Cluster& ams = *t.find_cluster("ams");
    ASSERT_EQ(ams.brokers.size(), 2U);
    EXPECT_EQ(ams.brokers[0].listeners[0].address, (HostPort{"0.0.0.0", 9093}));
    EXPECT_EQ(ams.brokers[0].listeners[0].advertised, (HostPort{"b1.ams", 9093}));
    EXPECT_EQ(ams.brokers[0].listeners[0].client_auth, ClientAuth::kRequested);
    EXPECT_EQ(ams.brokers[0].listeners[1].security, ListenerSecurity::kPlain);
    EXPECT_EQ(ams.brokers[0].admin, (HostPort{"127.0.0.1", 9650}));
    // A broker that names no listener has one with TLS, whose address somebody assigns.
    ASSERT_EQ(ams.brokers[1].listeners.size(), 1U);
    EXPECT_EQ(ams.brokers[1].listeners[0].security, ListenerSecurity::kTls);
    EXPECT_FALSE(ams.brokers[1].listeners[0].address);
    EXPECT_EQ(t.data_dir_of(ams, ams.brokers[0]), "/fast/1");
    EXPECT_EQ(t.data_dir_of(ams, ams.brokers[1]), "/data/ams-2");
    ASSERT_EQ(ams.options.size(), 2U);
    EXPECT_EQ(ams.options[1].key.value, "sealane.flush");
    EXPECT_EQ(ams.options[1].value, "os");
    EXPECT_TRUE(ams.has_tls_listener());

    const Cluster& old = *t.find_cluster("old");
    EXPECT_EQ(old.kind, ClusterKind::kKafka);
    EXPECT_EQ(old.bootstrap.size(), 2U);
    EXPECT_FALSE(old.has_tls_listener());

    const Link& link = *t.find_link("intake");
    EXPECT_EQ(link.kind, LinkKind::kAggregate);
    EXPECT_TRUE(link.topics.selects("a.y"));
    EXPECT_FALSE(link.topics.selects("a.x"));
    EXPECT_FALSE(link.topics.selects("b"));
    EXPECT_TRUE(link.groups.selects("app-1"));
    EXPECT_EQ(link.objectives.rpo, Duration(5s));
    EXPECT_EQ(link.objectives.rto, Duration(60s));
    EXPECT_EQ(link.detection, Duration(2s));
    EXPECT_EQ(link.on_gap, OnGap::kLedger);
    EXPECT_EQ(link.queue_bytes, 64 << 20);
    EXPECT_EQ(link.target_topic, "old.{topic}");
    EXPECT_EQ(t.drills[0].record_bytes, 1024);
    EXPECT_EQ(t.mirrors[0].data_dir->value, "/data/m");
    EXPECT_EQ(t.crossings[0].why, "because");
    EXPECT_EQ(t.domain_of("old"), "edge");
    EXPECT_EQ(t.domain_of("none"), "");
}

TEST(TopologyFile, IdentitiesFollowOneLayout) {
    const auto t = parse_topology(kFull, "t.yaml");
    ASSERT_TRUE(t);
    const IdentityFiles mirror = mirror_identity(t->domains[0]);
    EXPECT_EQ(mirror.ca, "/etc/s/core/ca.crt");
    EXPECT_EQ(mirror.certificate, "/etc/s/core/mirror.crt");
    EXPECT_EQ(mirror.key, "/etc/s/core/mirror.key");
    EXPECT_EQ(mirror.principal, "User:CN=mirror,O=core");
    EXPECT_EQ(operator_identity(t->domains[1]).ca, "/etc/ca/edge.crt");
    EXPECT_EQ(broker_identity(t->domains[0], t->clusters[0].brokers[0]).common_name, "broker-1");
}

TEST(TopologyFile, LinksAreNamedAfterTheirEnds) {
    const auto t = parse_topology(
        "version: 1\nname: t\ndomains: []\nclusters: []\n"
        "links: [{from: a, to: b, kind: replica, topics: [x]}]\n",
        "t"
    );
    ASSERT_TRUE(t) << t.error().detail();
    EXPECT_EQ(t->links[0].name.value, "a->b");
}

TEST(TopologyFile, TheShippedExampleIsRead) {
    std::ifstream in(SEALANE_EXAMPLE_TOPOLOGY);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto t = parse_topology(text, "example");
    ASSERT_TRUE(t) << t.error().detail();
    EXPECT_EQ(t->clusters.size(), 4U);
    EXPECT_EQ(t->links.size(), 3U);
}

// One wrong thing in a file that is otherwise whole, and all that is said about it.
struct Case {
    std::string name;
    std::string part;
    std::string other;
    std::string expected;
};

class BadTopologyFile : public testing::TestWithParam<Case> {};

TEST_P(BadTopologyFile, SaysWhereWhatAndHowToMend) {
    std::string text(kFull);
    const auto at = text.find(GetParam().part);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, GetParam().part.size(), GetParam().other);
    const auto t = parse_topology(text, "t.yaml");
    ASSERT_FALSE(t);
    EXPECT_EQ(t.error().code(), ErrorCode::kBadConfig);
    EXPECT_EQ(t.error().detail(), GetParam().expected);
}

const std::vector<Case> kCases{
    {"UnknownKey",
     "datacenter: ams1",
     "datacentre: ams1",
     "t.yaml:12:5: clusters[0]: unknown key 'datacentre'; did you mean 'datacenter'?"},
    {"UnknownKind",
     "kind: aggregate",
     "kind: agregate",
     "t.yaml:30:11: links[0].kind: unknown value 'agregate'; did you mean 'aggregate'?"},
    {"MissingKey", "    to: ams\n", "", "t.yaml:27:5: links[0]: key 'to' is missing; add 'to:'"},
    {"WrongVersion",
     "version: 1",
     "version: 2",
     "t.yaml:1:10: version: version 2 is not known; write 1"},
    {"BadName",
     "name: ams\n",
     "name: a/b\n",
     "t.yaml:10:11: clusters[0].name: 'a/b' is not a name; use up to 64 letters, digits, '-', '_' "
     "and '.', beginning with a letter or digit"},
    {"BadPattern",
     "[\"a.*\"], exclude: [a.x]}\n    groups",
     "[\"a b\"], exclude: [a.x]}\n    groups",
     "t.yaml:31:24: links[0].topics: 'a b' is not a pattern; use letters, digits, '.', '_', '-', "
     "and the globs '*' and '?'"},
    {"NoReason", ", why: because", "", "t.yaml:25:5: crossings[0]: key 'why' is missing; add 'why:'"
    },
    {"ClientAuthOnPlain",
     "tls: none}\n      - id",
     "tls: none, client_auth: required}\n      - id",
     "t.yaml:20:78: clusters[0].brokers[0].listeners[1].client_auth: a plain listener asks for no "
     "certificates; leave it out"},
    {"ReplicaThatRenames",
     "kind: aggregate",
     "kind: replica",
     "t.yaml:33:19: links[0].group_prefix: a replica keeps the group's name; leave it out\n"
     "t.yaml:34:19: links[0].target_topic: a replica keeps the topic's name; leave it out"},
    {"TwoPlaces",
     "old.{topic}",
     "{topic}{topic}",
     "t.yaml:34:19: links[0].target_topic: '{topic}{topic}' is not a topic name; write a name, "
     "with {topic} at most once for the source's name"},
    {"RenderedOption",
     "sealane.flush: os",
     "node.id: 7",
     "t.yaml:22:44: clusters[0].options.node.id: this option follows from the topology; leave it "
     "out"},
    {"NoBrokers",
     "bootstrap: [\"k1:9092\", \"k2:9092\"]",
     "bootstrap: []",
     "t.yaml:23:55: clusters[1].bootstrap: the list is empty; name at least one"},
    {"BadDuration",
     "rpo: 5s",
     "rpo: 5",
     "t.yaml:35:23: links[0].objectives.rpo: '5' is not a duration; expected a duration such as "
     "500ms, 30s, 12h or 7d"},
    {"QueueTooSmall",
     "64MiB",
     "1KiB",
     "t.yaml:38:18: links[0].queue_bytes: '1KiB' is too small; allowed: 1MiB to 4GiB"},
};
INSTANTIATE_TEST_SUITE_P(Files, BadTopologyFile, testing::ValuesIn(kCases), [](const auto& info) {
    return info.param.name;
});

TEST(TopologyFile, SaysWhoVotesAndWhereBrokersStand) {
    const std::string text =
        "version: 1\nname: t\ndomains: [{name: d}]\nclusters:\n"
        "  - name: c\n    domain: d\n    cluster_id: MkU3OEVBNTcwNTJENDM2Qg\n"
        "    voters: [2]\n    brokers: [{id: 1, rack: a}, {id: 2, rack: b}]\n";
    const auto t = parse_topology(text, "t.yaml");
    ASSERT_TRUE(t) << t.error().detail();
    const Cluster& cluster = t->clusters.front();
    EXPECT_EQ(cluster.cluster_id->value, "MkU3OEVBNTcwNTJENDM2Qg");
    EXPECT_EQ(cluster.voters, std::vector<std::int32_t>{2});
    EXPECT_EQ(cluster.brokers[1].rack, "b");
    std::string bad = text;
    bad.replace(bad.find("MkU3"), 4, "x");
    const auto refused = parse_topology(bad, "t.yaml");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail().find("22 characters"), std::string::npos);
}

TEST(TopologyFile, AnEmptyFileIsNoTopology) {
    const auto t = parse_topology("", "t.yaml");
    ASSERT_FALSE(t);
    EXPECT_EQ(t.error().detail(), "t.yaml: no topology could be read; see the example in ops/demo");
}

}  // namespace
}  // namespace sealane::topology
