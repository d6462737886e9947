#include "topology/cluster/cluster_health.hpp"

#include "tests/unit/topology/cluster/state_builder.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

StateBuilder three() {
    StateBuilder cluster;
    cluster.brokers(3);
    cluster.state().access = "--cluster=c";
    cluster.partition("t", 0, ids({1, 2, 3})).partition("t", 1, ids({2, 3, 1}));
    QuorumState quorum;
    quorum.leader = BrokerId(1);
    for (int id = 1; id <= 3; ++id) {
        QuorumNode node;
        node.id = BrokerId(id);
        node.log_end = Offset(100);
        node.last_fetch_ms = node.last_caught_up_ms = 1'000'000;
        quorum.voters.push_back(node);
    }
    cluster.state().quorum = quorum;
    return cluster;
}

std::string kinds(const ClusterHealth& health) {
    std::string text;
    for (const HealthFinding& finding : health.findings)
        text += (text.empty() ? "" : " ") + finding.kind;
    return text;
}

TEST(ClusterHealth, SaysHealthyWhenNothingIsWrong) {
    const auto health = judge_health(three().state());
    EXPECT_EQ(health.verdict, ClusterVerdict::kHealthy);
    EXPECT_TRUE(health.findings.empty());
}

TEST(ClusterHealth, IsDegradedWhileOneBrokerIsAway) {
    StateBuilder cluster = three();
    cluster.state().brokers[2].fenced = true;
    cluster.at("t", 0).in_sync = ids({1, 2});
    cluster.at("t", 1).in_sync = ids({2, 1});
    cluster.state().quorum->voters[2].last_fetch_ms = 900'000;
    const auto health = judge_health(cluster.state());
    EXPECT_EQ(health.verdict, ClusterVerdict::kDegraded);
    EXPECT_EQ(kinds(health), "quorum under-replicated broker");
    EXPECT_EQ(health.under_replicated.size(), 2U);
    EXPECT_EQ(health.fenced, ids({3}));
    EXPECT_NE(
        health.findings[2].next.find("sealane cluster drain 3 --cluster=c"), std::string::npos
    );
    EXPECT_NE(health.findings[0].what.find("the loss of one more"), std::string::npos);
}

TEST(ClusterHealth, IsUnavailableWhereAcksAllIsRefused) {
    StateBuilder cluster = three();
    cluster.at("t", 0).in_sync = ids({1});
    const auto health = judge_health(cluster.state());
    EXPECT_EQ(health.verdict, ClusterVerdict::kUnavailable);
    EXPECT_EQ(kinds(health), "under-min-isr");
    cluster.at("t", 0).min_in_sync = 1;
    EXPECT_EQ(judge_health(cluster.state()).verdict, ClusterVerdict::kDegraded);
}

TEST(ClusterHealth, OneReplicaNeedsOneInSync) {
    StateBuilder cluster = three();
    cluster.partition("one", 0, ids({1}));
    EXPECT_TRUE(judge_health(cluster.state()).healthy()) << "min.insync.replicas is clamped";
}

TEST(ClusterHealth, PutsTheWorstFirst) {
    StateBuilder cluster = three();
    cluster.at("t", 0).in_sync = ids({1, 2});
    cluster.at("t", 1).leader = kNoBroker;
    const auto health = judge_health(cluster.state());
    EXPECT_EQ(health.verdict, ClusterVerdict::kUnavailable);
    EXPECT_EQ(kinds(health), "leaderless under-replicated");
    EXPECT_EQ(health.leaderless, std::vector{named("t", 1)});
}

TEST(ClusterHealth, AMoveUnderWayIsNoFault) {
    StateBuilder cluster = three();
    cluster.broker(4);
    ClusterPartition& partition = cluster.at("t", 0);
    partition.replicas = ids({1, 2, 4, 3});
    partition.adding = ids({4});
    partition.removing = ids({3});
    const auto health = judge_health(cluster.state());
    EXPECT_TRUE(health.healthy());
    EXPECT_EQ(health.moving, 1);
}

TEST(ClusterHealth, NoticesALostQuorumAndOneThatIsNotTold) {
    StateBuilder cluster = three();
    cluster.state().quorum.reset();
    EXPECT_TRUE(judge_health(cluster.state()).healthy()) << "older clusters have none to tell of";
    cluster.state().quorum_error = "timed out";
    const auto health = judge_health(cluster.state());
    EXPECT_EQ(health.verdict, ClusterVerdict::kUnavailable);
    EXPECT_NE(health.findings[0].what.find("timed out"), std::string::npos);
}

TEST(ClusterHealth, MissesBrokersThatHoldReplicasAndAreNotRegistered) {
    StateBuilder cluster = three();
    cluster.state().brokers.pop_back();
    cluster.at("t", 0).in_sync = cluster.at("t", 1).in_sync = ids({1, 2});
    const auto health = judge_health(cluster.state());
    EXPECT_EQ(kinds(health), "under-replicated broker");
    EXPECT_NE(health.findings[1].what.find("is not there"), std::string::npos);
}

TEST(ClusterHealth, AVoterOfUnknownTimesIsNotCalledSilent) {
    StateBuilder cluster = three();
    for (QuorumNode& node : cluster.state().quorum->voters)
        node.last_fetch_ms = node.last_caught_up_ms = -1;
    EXPECT_TRUE(judge_health(cluster.state()).healthy());
}

}  // namespace
}  // namespace sealane::topology
