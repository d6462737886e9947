#include "topology/cluster/reassignment.hpp"

#include "tests/unit/topology/cluster/state_builder.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

TEST(CheckAssignment, AsksOnlyForWhatIsNotSoAlready) {
    StateBuilder cluster;
    cluster.brokers(3);
    cluster.partition("t", 0, ids({1, 2})).partition("t", 1, ids({2, 3}));
    const auto plan = check_assignment(
        cluster.state(), {{named("t", 1), ids({3, 1})}, {named("t", 0), ids({1, 2})}}
    );
    ASSERT_TRUE(plan);
    EXPECT_EQ(*plan, (ReassignmentPlan{{named("t", 1), ids({2, 3}), ids({3, 1})}}));
    EXPECT_EQ(plan->front().added(), ids({1}));
    EXPECT_EQ(plan->front().removed(), ids({2}));
}

TEST(CheckAssignment, ListsEverythingThatIsWrong) {
    StateBuilder cluster;
    cluster.brokers(2).broker(3, "", true);
    cluster.partition("t", 0, ids({1})).partition("t", 1, ids({1})).partition("t", 2, ids({1}));
    cluster.partition("t", 3, ids({3}));
    const auto plan = check_assignment(
        cluster.state(),
        {{named("t", 0), ids({})},
         {named("t", 1), ids({2, 2})},
         {named("t", 2), ids({9})},
         {named("u", 0), ids({1})},
         {named("t", 0), ids({1})},
         {named("t", 1), ids({3})},
         {named("t", 3), ids({3, 1})}}
    );
    ASSERT_FALSE(plan);
    EXPECT_EQ(
        plan.error().detail(),
        "the assignment does not fit the cluster:\n"
        "  t-0 has no replicas\n"
        "  t-1 names broker 2 twice\n"
        "  t-2 names broker 9, which is not in the cluster\n"
        "  u-0 does not exist\n"
        "  t-0 is named twice\n"
        "  t-1 is named twice"
    );
    const auto fenced = check_assignment(cluster.state(), {{named("t", 1), ids({3})}});
    ASSERT_FALSE(fenced);
    EXPECT_NE(fenced.error().detail().find("is fenced"), std::string::npos);
}

TEST(UncleanElection, PrefersACompleteReplicaAndNamesWhoMayHaveMore) {
    StateBuilder cluster;
    cluster.broker(1, "", true).broker(2).broker(3);
    cluster.partition("t", 0, ids({1, 2, 3}));
    ClusterPartition& partition = cluster.at("t", 0);
    partition.leader = kNoBroker;
    partition.in_sync = ids({1});
    auto election = foresee_unclean_election(cluster.state(), partition);
    EXPECT_EQ(election.candidate, BrokerId(2));
    EXPECT_FALSE(election.safe);
    EXPECT_EQ(election.may_have_more, ids({1}));
    partition.eligible = ids({3});
    election = foresee_unclean_election(cluster.state(), partition);
    EXPECT_EQ(election.candidate, BrokerId(3));
    EXPECT_TRUE(election.safe);
    for (ClusterBroker& broker : cluster.state().brokers) broker.fenced = true;
    EXPECT_EQ(foresee_unclean_election(cluster.state(), partition).candidate, kNoBroker);
}

}  // namespace
}  // namespace sealane::topology
