// Each rule against a file that breaks it: the rule's id, the place, and a word of what is said.
// Files are the small healthy one below with one part put in place of another.

#include "topology/rules/rules.hpp"

#include "topology/model/parse.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace sealane::topology {
namespace {

constexpr std::string_view kHealthy = R"(version: 1
name: t
domains:
  - {name: east}
  - {name: west}
datacenters:
  - {name: dc1}
  - {name: dc2}
clusters:
  - {name: e1, domain: east, datacenter: dc1, brokers: [{id: 1}]}
  - {name: w1, domain: west, datacenter: dc2, brokers: [{id: 1}]}
crossings:
  - {from: east, to: west, topics: ["logs.*"], why: reports}
links:
  - {from: e1, to: w1, kind: replica, topics: ["logs.*"], objectives: {rpo: 5s, rto: 60s}}
drills:
  - {name: d, link: e1->w1}
)";

std::string with(std::string text, std::string_view part, std::string_view other) {
    const auto at = text.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return text.replace(at, part.size(), other);
}
std::string healthy_with(std::string_view part, std::string_view other) {
    return with(std::string(kHealthy), part, other);
}

Findings judge_text(const std::string& text) {
    config::Problems problems("t.yaml");
    const Topology topology = parse_topology(text, problems);
    EXPECT_TRUE(problems.empty()) << problems.to_string();
    return judge(topology);
}

std::string listing(const Findings& findings) {
    std::string all;
    for (const Finding& finding : findings) all += to_string(finding, "t.yaml") + "\n";
    return all;
}

struct Case {
    std::string name;
    std::string text;
    std::string expected;  // the whole listing
};

class BadTopology : public testing::TestWithParam<Case> {};

TEST_P(BadTopology, IsFoundInItsPlace) {
    EXPECT_EQ(listing(judge_text(GetParam().text)), GetParam().expected);
}

std::vector<Case> reference_cases() {
    return {
        {"UnknownCluster",
         healthy_with("to: w1", "to: w2"),
         "t.yaml:13:5: warning[T005]: crossing east->west: no link uses it; remove it\n"
         "t.yaml:15:20: error[T001]: link e1->w2: there is no cluster 'w2'; did you mean 'w1'?\n"
         "t.yaml:17:21: error[T001]: drill d: there is no link 'e1->w1'; did you mean 'e1->w2'?\n"},
        {"UnknownDomain",
         healthy_with("domain: west", "domain: wset"),
         "t.yaml:5:12: warning[T020]: domain west: has no cluster; remove it\n"
         "t.yaml:11:24: error[T001]: cluster w1: there is no domain 'wset'; did you mean 'west'?\n"
         "t.yaml:13:5: warning[T005]: crossing east->west: no link uses it; remove it\n"},
        {"UnknownDatacenter",
         healthy_with("datacenter: dc2", "datacenter: elsewhere"),
         "t.yaml:8:12: warning[T020]: datacenter dc2: has no cluster; remove it\n"
         "t.yaml:11:42: error[T001]: cluster w1: there is no datacenter 'elsewhere'; known: dc1, "
         "dc2\n"},
        {"RepeatedCluster",
         healthy_with("name: w1", "name: e1"),
         "t.yaml:11:12: error[T002]: cluster e1: is here a second time, first in line 10; give "
         "each "
         "a name of its own\n"
         "t.yaml:13:5: warning[T005]: crossing east->west: no link uses it; remove it\n"
         "t.yaml:15:20: error[T001]: link e1->w1: there is no cluster 'w1'; did you mean 'e1'?\n"},
        {"RepeatedBrokerAndListener",
         healthy_with(
             "brokers: [{id: 1}]",
             "brokers: [{id: 1, listeners: [{name: a}, {name: a}]}, {id: 1, data_dir: x}]"
         ),
         "t.yaml:10:95: error[T002]: broker e1-1, listener a: is here a second time, first in line "
         "10; give each a name of its own\n"
         "t.yaml:10:101: error[T002]: cluster e1, broker 1: is here a second time, first in line "
         "10; give each a name of its own\n"},
        {"DrillOfAnAggregate",
         healthy_with("kind: replica", "kind: aggregate"),
         "t.yaml:15:73: warning[T018]: link e1->w1: an rto on an aggregate link measures nothing; "
         "leave it out\n"
         "t.yaml:17:21: error[T022]: drill d: link e1->w1 is an aggregate, which nobody fails over "
         "to; name a replica link\n"},
        {"UnusedParts",
         healthy_with("  - {name: dc2}", "  - {name: dc2}\n  - {name: dc3}"),
         "t.yaml:9:12: warning[T020]: datacenter dc3: has no cluster; remove it\n"},
    };
}

std::vector<Case> crossing_cases() {
    return {
        {"NoCrossing",
         healthy_with(
             "crossings:\n  - {from: east, to: west, topics: [\"logs.*\"], why: reports}\n", ""
         ),
         "t.yaml:13:12: error[T004]: link e1->w1: no crossing allows anything from domain east to "
         "west; add a crossing for its topics, with the reason\n"},
        {"CrossingTooNarrow",
         healthy_with("replica, topics: [\"logs.*\"]", "replica, topics: [\"logs.*\", audit]"),
         "t.yaml:15:47: error[T004]: link e1->w1: it would carry topics such as 'audit', which no "
         "crossing allows from domain east to west; narrow its topics, or widen the crossing\n"},
        {"CrossingExcludes",
         healthy_with(
             "topics: [\"logs.*\"], why",
             "topics: {include: [\"logs.*\"], exclude: [logs.pii]}, why"
         ),
         "t.yaml:15:47: error[T004]: link e1->w1: it would carry topics such as 'logs.pii', which "
         "no "
         "crossing allows from domain east to west; narrow its topics, or widen the crossing\n"},
        {"CrossingTheOtherWay",
         healthy_with("from: east, to: west", "from: west, to: east"),
         "t.yaml:13:5: warning[T005]: crossing west->east: no link uses it; remove it\n"
         "t.yaml:15:12: error[T004]: link e1->w1: no crossing allows anything from domain east to "
         "west; add a crossing for its topics, with the reason\n"},
        {"CrossingWithin",
         healthy_with("links:", "  - {from: east, to: east, topics: [\"*\"], why: none}\nlinks:"),
         "t.yaml:14:5: warning[T006]: crossing east->east: both sides are the same domain; remove "
         "it, or correct the domains\n"},
        {"PlainBetweenDomains",
         healthy_with(
             "dc2, brokers: [{id: 1}]", "dc2, brokers: [{id: 1, listeners: [{name: p, tls: none}]}]"
         ),
         "t.yaml:15:20: error[T015]: link e1->w1: cluster w1 offers no TLS listener; add a "
         "listener "
         "with tls: domain\n"},
    };
}

std::vector<Case> flow_cases() {
    const std::string two_way = with(
        healthy_with(
            "links:", "  - {from: west, to: east, topics: [\"logs.*\"], why: back}\nlinks:"
        ),
        "drills:",
        "  - {from: w1, to: e1, kind: replica, topics: [\"logs.a*\"]}\ndrills:"
    );
    const std::string second = healthy_with("drills:", "  - @\ndrills:");
    return {
        {"LinkToItself",
         healthy_with("to: w1", "to: e1, name: e1->w1"),
         "t.yaml:13:5: warning[T005]: crossing east->west: no link uses it; remove it\n"
         "t.yaml:15:20: error[T003]: link e1->w1: it leads from e1 to itself; name another "
         "cluster\n"},
        {"Circle",
         two_way,
         "t.yaml:16:5: error[T007]: link e1->w1: topics such as 'logs.a' flow in a circle: e1 -> "
         "w1 "
         "-> e1; remove one of the links, exclude the topics on one, or rename them with "
         "target_topic\n"},
        {"CircleOfAggregates",
         with(
             with(
                 with(two_way, "kind: replica", "kind: aggregate"),
                 "kind: replica",
                 "kind: aggregate"
             ),
             ", objectives: {rpo: 5s, rto: 60s}}\n  - {from: w1",
             "}\n  - {from: w1"
         ),
         "t.yaml:16:5: error[T007]: link e1->w1: topics such as 'logs.a' flow in a circle: e1 -> "
         "w1 "
         "-> e1; remove one of the links, exclude the topics on one, or rename them with "
         "target_topic\n"
         "t.yaml:19:21: error[T022]: drill d: link e1->w1 is an aggregate, which nobody fails over "
         "to; name a replica link\n"},
        {"ReplicaAndAggregateIntoOneTopic",
         with(
             with(second, "@", "{from: x1, to: w1, kind: aggregate, topics: [\"*.web\"]}"),
             "crossings:",
             "  - {name: x1, domain: west, datacenter: dc2, brokers: [{id: 1}]}\ncrossings:"
         ),
         "t.yaml:17:49: error[T008]: link x1->w1: topics such as 'logs.web' are also written at w1 "
         "by link e1->w1; let one link carry them\n"},
        {"TwoAggregatesBetweenTheSameClusters",
         with(
             with(
                 with(second, "kind: replica", "kind: aggregate"),
                 "@",
                 "{name: b, from: e1, to: w1, kind: aggregate, topics: [logs.x]}"
             ),
             ", objectives: {rpo: 5s, rto: 60s}}\n  - {name: b",
             "}\n  - {name: b"
         ),
         "t.yaml:16:58: error[T008]: link b: topics such as 'logs.x' are also carried to w1 by "
         "link "
         "e1->w1; let one link carry them\n"
         "t.yaml:18:21: error[T022]: drill d: link e1->w1 is an aggregate, which nobody fails over "
         "to; name a replica link\n"},
        {"GroupsOverwritten",
         std::string(R"(version: 1
name: t
domains: [{name: d}]
clusters:
  - {name: a, domain: d, brokers: [{id: 1}]}
  - {name: b, domain: d, brokers: [{id: 1}]}
  - {name: c, domain: d, brokers: [{id: 1}]}
links:
  - {from: a, to: c, kind: aggregate, topics: ["*"], groups: ["app-*"]}
  - {from: b, to: c, kind: aggregate, topics: ["*"], groups: ["*"]}
)"),
         "t.yaml:10:62: error[T009]: link b->c: offsets of groups such as 'app-' are also written "
         "at c by link a->c; give one of the links a group_prefix, or exclude the groups on one\n"},
        {"ReplicaIntoKafka",
         healthy_with(
             "datacenter: dc2, brokers: [{id: 1}]",
             "datacenter: dc2, kind: kafka, bootstrap: [\"k:9093\"]"
         ),
         "t.yaml:15:20: error[T010]: link e1->w1: cluster w1 is Apache Kafka, which assigns "
         "offsets "
         "and leader epochs itself; make the target a Sealane cluster\n"},
        {"NothingLeft",
         healthy_with(
             "replica, topics: [\"logs.*\"]",
             "replica, topics: {include: [\"logs.a*\"], exclude: [\"logs.*\"]}"
         ),
         "t.yaml:13:5: warning[T005]: crossing east->west: no link uses it; remove it\n"
         "t.yaml:15:47: error[T019]: link e1->w1: its exclude patterns leave no topic; correct the "
         "patterns, or remove the link\n"},
    };
}

std::vector<Case> quorum_cases() {
    const std::string three = "brokers: [{id: 1}, {id: 2}, {id: 3}]}\n  - {name: w1";
    const auto voters = [&three](const std::string& list) {
        return healthy_with(
            "brokers: [{id: 1}]}\n  - {name: w1", with(three, "]}\n", "], voters: " + list + "}\n")
        );
    };
    const std::string at = "t.yaml:10:";
    return {
        {"VoterThatIsNotThere",
         voters("[1, 2, 9]"),
         at + "93: error[T024]: cluster e1: voter 9 is no broker of it; add the broker, or correct "
              "the voters\n"},
        {"VoterTwice",
         voters("[1, 2, 2]"),
         at + "93: error[T024]: cluster e1: voter 2 is named twice; name each once\n"},
        {"EvenQuorum",
         voters("[1, 2]"),
         at +
             "93: warning[T025]: cluster e1: 2 voters survive the loss of 0, as 1 would; name one, "
             "three or five\n"},
        {"BrokersWithoutACommonListener",
         healthy_with(
             "brokers: [{id: 1}]}\n  - {name: w1",
             "brokers: [{id: 1}, {id: 2, listeners: [{name: x}]}]}\n  - {name: w1"
         ),
         at + "66: error[T026]: broker e1-2: has no listener 'tls' like that of broker 1; give "
              "every "
              "broker of the cluster a listener of that name and kind\n"},
        {"RacksForSome",
         healthy_with(
             "brokers: [{id: 1}]}\n  - {name: w1",
             "brokers: [{id: 1, rack: a}, {id: 2}]}\n  - {name: w1"
         ),
         at + "75: warning[T028]: broker e1-2: names no rack, and others of its cluster do; name a "
              "rack for each broker, or for none\n"},
        {"BrokersWithoutCertificates",
         "version: 1\nname: t\ndomains: [{name: d}]\nclusters:\n  - name: c\n    domain: d\n"
         "    brokers:\n"
         "      - {id: 1, listeners: [{name: p, tls: none}]}\n"
         "      - {id: 2, listeners: [{name: p, tls: none}]}\n",
         "t.yaml:5:11: warning[T027]: cluster c: whoever reaches its listener 'p' may act as a "
         "broker; give every broker a listener with tls: domain\n"},
    };
}

std::vector<Case> place_cases() {
    return {
        {"SharedAuthority",
         healthy_with("{name: west}", "{name: west, ca: pki/./east/ca.crt}"),
         "t.yaml:5:22: error[T011]: domain west: trusts pki/east/ca.crt, as domain east does; give "
         "each domain a certificate authority of its own\n"},
        {"SharedKeys",
         healthy_with("{name: west}", "{name: west, secrets: pki/east/sub}"),
         "t.yaml:5:27: error[T012]: domain west: its secrets in pki/east/sub and those of domain "
         "east in pki/east are not apart; give each domain a folder of its own\n"},
        {"AddressTaken",
         with(
             healthy_with(
                 "dc1, brokers: [{id: 1}]",
                 "dc1, brokers: [{id: 1, listeners: [{name: t, address: \"0.0.0.0:9093\"}]}]"
             ),
             "dc2, brokers: [{id: 1}]",
             "dc2, brokers: [{id: 1, admin: \"127.0.0.1:9093\"}]"
         ),
         "t.yaml:11:72: error[T013]: broker w1-1, admin: 127.0.0.1:9093 is taken by broker e1-1, "
         "listener t; choose another port\n"},
        {"FoldersCollide",
         with(
             healthy_with("dc1, brokers: [{id: 1}]", "dc1, brokers: [{id: 1, data_dir: /d}]"),
             "dc2, brokers: [{id: 1}]",
             "dc2, brokers: [{id: 1, data_dir: /d/w}]"
         ),
         "t.yaml:11:75: error[T014]: broker w1-1: its data folder /d/w is not apart from /d of "
         "broker e1-1; give each a folder of its own\n"},
        {"PlainReachable",
         healthy_with(
             "dc2, brokers: [{id: 1}]",
             "dc2, brokers: [{id: 1, listeners: [{name: t}, {name: p, tls: none, address: "
             "\"0.0.0.0:1\"}]}]"
         ),
         "t.yaml:11:118: warning[T016]: broker w1-1, listener p: is plain and reachable at "
         "0.0.0.0:1; bind it to 127.0.0.1, or use tls: domain\n"},
        {"StandbyBesidePrimary",
         with(healthy_with("datacenter: dc2", "datacenter: dc1"), "  - {name: dc2}\n", ""),
         "t.yaml:14:20: warning[T021]: link e1->w1: source and standby both stand in datacenter "
         "dc1; put the standby into another datacenter\n"},
        {"BrokerAsMirror",
         healthy_with("dc1, brokers: [{id: 1}]", "dc1, brokers: [{id: 1, identity: mirror}]"),
         "t.yaml:10:57: error[T023]: broker e1-1: shows the certificate of the role 'mirror'; use "
         "broker or a name of its own\n"},
        {"ImpossibleObjective",
         healthy_with("rto: 60s}", "rto: 10s}"),
         "t.yaml:15:71: error[T017]: link e1->w1: an rto of 10s leaves no time after the loss is "
         "noticed, which takes 10s; allow a longer rto, or a shorter detection\n"},
        {"NoLossPromised",
         healthy_with("rpo: 5s", "rpo: 0"),
         "t.yaml:15:71: warning[T018]: link e1->w1: an rpo of 0 holds for planned moves only; "
         "allow "
         "1s or more\n"},
    };
}

const auto kNameOfCase = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(
    References, BadTopology, testing::ValuesIn(reference_cases()), kNameOfCase
);
INSTANTIATE_TEST_SUITE_P(Crossings, BadTopology, testing::ValuesIn(crossing_cases()), kNameOfCase);
INSTANTIATE_TEST_SUITE_P(Flows, BadTopology, testing::ValuesIn(flow_cases()), kNameOfCase);
INSTANTIATE_TEST_SUITE_P(Quorums, BadTopology, testing::ValuesIn(quorum_cases()), kNameOfCase);
INSTANTIATE_TEST_SUITE_P(Places, BadTopology, testing::ValuesIn(place_cases()), kNameOfCase);

TEST(Rules, EveryRuleHasACaseThatBreaksIt) {
    std::set<std::string> met;
    for (const auto& cases :
         {reference_cases(), crossing_cases(), flow_cases(), place_cases(), quorum_cases()}) {
        for (const Case& bad : cases) {
            for (const Finding& finding : judge_text(bad.text)) met.insert(finding.rule);
        }
    }
    for (const Rule& rule : all_rules()) EXPECT_TRUE(met.contains(std::string(rule.id))) << rule.id;
}

TEST(Rules, HaveIdsInOrderAndExplanations) {
    int number = 0;
    for (const Rule& rule : all_rules()) {
        const std::string digits = std::to_string(++number);
        EXPECT_EQ(rule.id, "T" + std::string(3 - digits.size(), '0') + digits);
        EXPECT_FALSE(rule.title.empty());
        EXPECT_TRUE(rule.explanation.ends_with('.'));
        EXPECT_TRUE(rule.mend.ends_with('.'));
        EXPECT_EQ(find_rule(rule.id), &rule);
    }
    EXPECT_EQ(find_rule("T999"), nullptr);
}

// Rules are also asked about files that could not be read in full.
TEST(Rules, StandFilesWithHolesInThem) {
    config::Problems problems("t.yaml");
    const Topology topology = parse_topology(
        "version: 1\nname: t\ndomains: [{name: ''}, {}, {name: d}]\n"
        "clusters: [{name: a, domain: d}, {}, {name: k, domain: d, kind: kafka}]\n"
        "crossings: [{}]\ndrills: [{}]\nmirrors: [{}]\n"
        "links: [{from: a, to: nowhere, topics: [x]}, {}, {from: k, to: a, kind: replica}]\n",
        problems
    );
    EXPECT_FALSE(problems.empty());
    EXPECT_TRUE(has_errors(judge(topology)));
}

TEST(HealthyTopology, SmallOne) {
    EXPECT_EQ(listing(judge_text(std::string(kHealthy))), "");
}

TEST(HealthyTopology, TheShippedExample) {
    std::ifstream in(SEALANE_EXAMPLE_TOPOLOGY);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(listing(judge_text(text)), "");
}

TEST(HealthyTopology, BothWaysWithNamesThatKeepApart) {
    EXPECT_EQ(
        listing(judge_text(R"(version: 1
name: t
domains: [{name: d}]
clusters:
  - {name: a, domain: d, brokers: [{id: 1}]}
  - {name: b, domain: d, brokers: [{id: 1}]}
links:
  - {from: a, to: b, kind: aggregate, topics: ["logs.*"], target_topic: "a.{topic}"}
  - {from: b, to: a, kind: aggregate, topics: ["logs.*"], target_topic: "b.{topic}"}
)")),
        ""
    );
}

TEST(HealthyTopology, ChainsAndApacheKafka) {
    EXPECT_EQ(
        listing(judge_text(R"(version: 1
name: t
domains: [{name: d}]
clusters:
  - {name: k, domain: d, kind: kafka, bootstrap: ["k1:9093", "k2:9093"]}
  - {name: a, domain: d, brokers: [{id: 1}, {id: 2}, {id: 3}]}
  - {name: b, domain: d, brokers: [{id: 1}]}
links:
  - {from: k, to: a, kind: replica, topics: ["*"], groups: ["*"]}
  - {from: a, to: b, kind: replica, topics: {include: ["*"], exclude: ["*.tmp"]}}
)")),
        ""
    );
}

}  // namespace
}  // namespace sealane::topology
