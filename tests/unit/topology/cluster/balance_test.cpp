// Plans of moves: few, spread, level; and the promises that hold for every plan, on random
// clusters.

#include "common/base/rng.hpp"
#include "tests/unit/topology/cluster/state_builder.hpp"
#include "topology/cluster/reassignment.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

// The state after the plan was carried out: new replicas in sync, the preferred one leads.
ClusterState after(ClusterState state, const ReassignmentPlan& plan) {
    for (const ReplicaMove& move : plan) {
        auto& partition =
            *std::ranges::find(state.partitions, move.partition, &ClusterPartition::id);
        partition.replicas = partition.in_sync = move.to;
        partition.adding.clear();
        partition.removing.clear();
        partition.leader = move.to.front();
    }
    return state;
}

std::size_t copies(const ReassignmentPlan& plan) {
    std::size_t count = 0;
    for (const ReplicaMove& move : plan) count += move.added().size();
    return count;
}

std::int64_t spread(const ClusterState& state, std::int64_t BrokerLoad::* what) {
    std::int64_t least = INT64_MAX;
    std::int64_t most = 0;
    for (const auto& [id, load] : broker_loads(state)) {
        least = std::min(least, load.*what);
        most = std::max(most, load.*what);
    }
    return most - least;
}

TEST(PlanBalance, LeavesABalancedClusterAlone) {
    StateBuilder cluster;
    cluster.brokers(3);
    cluster.partition("t", 0, ids({1, 2})).partition("t", 1, ids({2, 3}));
    cluster.partition("t", 2, ids({3, 1}));
    const auto plan = plan_balance(cluster.state(), {});
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->empty());
}

TEST(PlanBalance, FillsANewBrokerWithAsFewCopiesAsItsShare) {
    StateBuilder cluster;
    cluster.brokers(4);
    for (int p = 0; p < 12; ++p)
        cluster.partition("t", p, ids({1 + p % 3, 1 + (p + 1) % 3, 1 + (p + 2) % 3}));
    const auto plan = plan_balance(cluster.state(), {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(copies(*plan), 9U) << "36 replicas on four brokers are nine each";
    const ClusterState then = after(cluster.state(), *plan);
    EXPECT_EQ(spread(then, &BrokerLoad::holds), 0);
    EXPECT_EQ(spread(then, &BrokerLoad::preferred), 0);
}

TEST(PlanBalance, LevelsLeadersByOrderAlone) {
    StateBuilder cluster;
    cluster.brokers(3);
    for (int p = 0; p < 6; ++p) cluster.partition("t", p, ids({1, 2, 3}));
    const auto plan = plan_balance(cluster.state(), {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(copies(*plan), 0U);
    EXPECT_EQ(plan->size(), 4U) << "broker 1 keeps two of six";
    EXPECT_EQ(spread(after(cluster.state(), *plan), &BrokerLoad::preferred), 0);
}

TEST(PlanBalance, PassesLeadershipsOnOverSeveralPartitions) {
    // Broker 1 leads three and shares none with 3; only over 2 can one reach 3.
    StateBuilder cluster;
    cluster.brokers(3);
    cluster.partition("a", 0, ids({1, 2})).partition("a", 1, ids({1, 2}));
    cluster.partition("a", 2, ids({1, 2})).partition("b", 0, ids({2, 3}));
    cluster.partition("c", 0, ids({3, 1})).partition("b", 1, ids({2, 3}));
    cluster.at("c", 0).replicas = ids({3, 2});
    const auto plan = plan_balance(cluster.state(), {});
    ASSERT_TRUE(plan);
    EXPECT_LE(spread(after(cluster.state(), *plan), &BrokerLoad::preferred), 1);
}

TEST(PlanBalance, SpreadsAPartitionOverTheRacks) {
    StateBuilder cluster;
    cluster.broker(1, "a").broker(2, "a").broker(3, "b").broker(4, "c");
    cluster.partition("t", 0, ids({1, 2, 3}));
    const auto plan = plan_balance(cluster.state(), {});
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->size(), 1U);
    EXPECT_EQ(plan->front().added(), ids({4}));
    EXPECT_EQ(plan->front().removed(), ids({2})) << "the follower moves, the leader stays";
}

TEST(PlanBalance, EmptiesExcludedBrokersAndGivesFencedOnesNothing) {
    StateBuilder cluster;
    cluster.brokers(3).broker(4).broker(5, "", true);
    for (int p = 0; p < 3; ++p) cluster.partition("t", p, ids({1, 2, 3}));
    const auto plan = plan_balance(cluster.state(), {.exclude = {BrokerId(3)}, .topics = {}});
    ASSERT_TRUE(plan);
    const auto loads = broker_loads(after(cluster.state(), *plan));
    EXPECT_EQ(loads.at(BrokerId(3)).holds, 0);
    EXPECT_EQ(loads.at(BrokerId(4)).holds, 3);
    EXPECT_EQ(loads.at(BrokerId(5)).holds, 0);
}

TEST(PlanBalance, ChangesHowManyReplicasThereAre) {
    StateBuilder cluster;
    cluster.brokers(3);
    for (int p = 0; p < 3; ++p) cluster.partition("t", p, ids({1}));
    BalanceOptions options;
    options.replication = 3;
    const auto grown = plan_balance(cluster.state(), options);
    ASSERT_TRUE(grown);
    EXPECT_EQ(copies(*grown), 6U);
    const ClusterState then = after(cluster.state(), *grown);
    EXPECT_EQ(spread(then, &BrokerLoad::preferred), 0);
    options.replication = 1;
    const auto shrunk = plan_balance(then, options);
    ASSERT_TRUE(shrunk);
    EXPECT_EQ(copies(*shrunk), 0U) << "what is kept was there";
    options.replication = 4;
    const auto impossible = plan_balance(cluster.state(), options);
    ASSERT_FALSE(impossible);
    EXPECT_EQ(impossible.error().code(), ErrorCode::kInvalidReplicationFactor);
    EXPECT_NE(impossible.error().detail().find("t-0 needs 4 brokers"), std::string::npos);
}

TEST(PlanBalance, MovesOnlyTheTopicsThatWereNamed) {
    StateBuilder cluster;
    cluster.brokers(2);
    for (int p = 0; p < 4; ++p) {
        cluster.partition("mine", p, ids({1}));
        cluster.partition("other", p, ids({1}));
    }
    const auto plan = plan_balance(cluster.state(), {.exclude = {}, .topics = {"mine"}});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->size(), 4U);
    for (const ReplicaMove& move : *plan) EXPECT_EQ(move.partition.topic, "mine");
}

TEST(PlanDrain, MovesWhatTheBrokerHoldsAndNothingElse) {
    StateBuilder cluster;
    cluster.brokers(4);
    cluster.partition("t", 0, ids({1, 2, 3})).partition("t", 1, ids({3, 2, 1}));
    cluster.partition("t", 2, ids({1, 2, 4}));
    const auto plan = plan_drain(cluster.state(), BrokerId(3));
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->size(), 2U);
    EXPECT_EQ(plan->at(0).to, ids({1, 2, 4}));
    EXPECT_EQ(plan->at(1).to, ids({4, 2, 1}));
    EXPECT_TRUE(plan_drain(after(cluster.state(), *plan), BrokerId(3))->empty());
}

TEST(PlanDrain, GoesOnWhereItWasInterrupted) {
    StateBuilder cluster;
    cluster.brokers(4);
    cluster.partition("t", 0, ids({1, 4, 3})).partition("t", 1, ids({3, 2, 1}));
    cluster.at("t", 0).adding = ids({4});
    cluster.at("t", 0).removing = ids({3});
    const auto plan = plan_drain(cluster.state(), BrokerId(3));
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->size(), 1U);
    EXPECT_EQ(plan->front().partition, named("t", 1));
}

TEST(PlanDrain, SaysWhenTooFewBrokersAreLeft) {
    StateBuilder cluster;
    cluster.brokers(3);
    cluster.partition("t", 0, ids({1, 2, 3}));
    const auto plan = plan_drain(cluster.state(), BrokerId(3));
    ASSERT_FALSE(plan);
    EXPECT_NE(plan.error().detail().find("only 2 can take replicas"), std::string::npos);
}

// Random clusters: what the README promises of every plan.
TEST(PlanBalance, KeepsItsPromisesOnRandomClusters) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Rng rng(seed);
        StateBuilder cluster;
        const int brokers = static_cast<int>(rng.between(3, 7));
        const bool racks = rng.chance(1, 2);
        for (int id = 1; id <= brokers; ++id) {
            cluster.broker(
                id, racks ? std::string(1, static_cast<char>('a' + id % 3)) : "", rng.chance(1, 10)
            );
        }
        for (int p = 0; p < rng.between(1, 40); ++p) {
            std::vector<BrokerId> all;
            for (int id = 1; id <= brokers; ++id) all.emplace_back(id);
            for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[rng.below(i)]);
            all.resize(static_cast<std::size_t>(rng.between(1, 3)));
            cluster.partition(rng.chance(1, 2) ? "a" : "b", p, all);
        }
        BalanceOptions options;
        if (rng.chance(1, 3)) options.exclude.insert(BrokerId(1));
        const auto plan = plan_balance(cluster.state(), options);
        if (!plan) continue;  // too few brokers are alive
        for (const ReplicaMove& move : *plan) {
            EXPECT_EQ(move.to.size(), move.from.size());
            EXPECT_EQ(std::set<BrokerId>(move.to.begin(), move.to.end()).size(), move.to.size());
            for (const BrokerId id : move.added()) {
                EXPECT_FALSE(cluster.state().broker(id)->fenced);
                EXPECT_FALSE(options.exclude.contains(id));
            }
        }
        const ClusterState then = after(cluster.state(), *plan);
        EXPECT_TRUE(plan_balance(then, options)->empty()) << "planned again, nothing is left";
    }
}

}  // namespace
}  // namespace sealane::topology
