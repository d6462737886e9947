#include "broker/metadata/reassignment.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

struct Five : ClusterImage {
    Five() {
        add_brokers(1, 5);
        create("t", {ids({1, 2, 3})});
    }
    std::vector<std::string> moving() {
        std::vector<std::string> names;
        for (const auto& topic : list_reassignments(image, {}).topics) names.push_back(topic.name);
        return names;
    }
};

TEST(Reassignment, TargetsComeFirstUntilAllOfThemAreInSync) {
    Five cluster;
    EXPECT_EQ(cluster.reassign("t", ids({4, 2, 5})), ErrorCode::kNone);
    const PartitionState& moving = cluster.at("t");
    EXPECT_EQ(moving.replicas, ids({4, 2, 5, 1, 3}));
    EXPECT_EQ(moving.adding, ids({4, 5}));
    EXPECT_EQ(moving.removing, ids({1, 3}));
    EXPECT_EQ(moving.leader, BrokerId(1));
    EXPECT_EQ(moving.leader_epoch, LeaderEpoch(0));
    EXPECT_EQ(moving.directories.size(), 5U);
    EXPECT_EQ(cluster.moving(), std::vector<std::string>{"t"});
    EXPECT_EQ(cluster.set_isr("t", {1, 2, 3, 4}), ErrorCode::kNone);
    EXPECT_TRUE(cluster.at("t").is_reassigning());
    EXPECT_EQ(cluster.set_isr("t", {1, 2, 3, 4, 5}), ErrorCode::kNewLeaderElected);
    EXPECT_EQ(cluster.at("t").replicas, ids({4, 2, 5}));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(4));
    EXPECT_EQ(cluster.at("t").directories.size(), 3U);
    EXPECT_TRUE(cluster.moving().empty());
}

TEST(Reassignment, WhatOnlyShrinksOrReordersIsDoneAtOnce) {
    Five cluster;
    EXPECT_EQ(cluster.reassign("t", ids({3, 1})), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").replicas, ids({3, 1}));
    EXPECT_EQ(cluster.at("t").isr, ids({3, 1}));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(1));
    EXPECT_EQ(cluster.reassign("t", ids({1, 3})), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").replicas, ids({1, 3}));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(1));
    EXPECT_EQ(cluster.reassign("t", ids({1, 3})), ErrorCode::kNone);
    EXPECT_FALSE(cluster.at("t").is_reassigning());
}

TEST(Reassignment, CancellingBringsBackWhatWas) {
    Five cluster;
    EXPECT_EQ(cluster.reassign("t", std::nullopt), ErrorCode::kNoReassignmentInProgress);
    ASSERT_EQ(cluster.reassign("t", ids({4, 5, 1})), ErrorCode::kNone);
    ASSERT_EQ(cluster.set_isr("t", {1, 2, 3, 4}), ErrorCode::kNone);
    EXPECT_EQ(cluster.reassign("t", std::nullopt), ErrorCode::kNone);
    EXPECT_TRUE(same_members(cluster.at("t").replicas, ids({1, 2, 3})));
    EXPECT_TRUE(same_members(cluster.at("t").isr, ids({1, 2, 3})));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(1));
    EXPECT_FALSE(cluster.at("t").is_reassigning());
}

TEST(Reassignment, CannotBeCancelledWhenOnlyTheNewReplicasAreInSync) {
    Five cluster;
    ASSERT_EQ(cluster.reassign("t", ids({4, 5})), ErrorCode::kNone);
    ASSERT_EQ(cluster.set_isr("t", {1, 4}), ErrorCode::kNone);
    cluster.fence(1);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(4));
    EXPECT_EQ(cluster.reassign("t", std::nullopt), ErrorCode::kInvalidReplicaAssignment);
}

TEST(Reassignment, AnotherTargetDropsWhatTheFirstBroughtIn) {
    Five cluster;
    ASSERT_EQ(cluster.reassign("t", ids({1, 2, 4})), ErrorCode::kNone);
    ASSERT_EQ(cluster.reassign("t", ids({1, 2, 5})), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").replicas, ids({1, 2, 5, 3}));
    EXPECT_EQ(cluster.at("t").adding, ids({5}));
    EXPECT_EQ(cluster.at("t").removing, ids({3}));
    EXPECT_EQ(cluster.reassign("t", std::nullopt), ErrorCode::kNone);
    EXPECT_TRUE(same_members(cluster.at("t").replicas, ids({1, 2, 3})));
}

TEST(Reassignment, TargetsAreChecked) {
    Five cluster;
    EXPECT_EQ(cluster.reassign("t", ids({})), ErrorCode::kInvalidReplicaAssignment);
    EXPECT_EQ(cluster.reassign("t", ids({1, 1})), ErrorCode::kInvalidReplicaAssignment);
    EXPECT_EQ(cluster.reassign("t", ids({1, 9})), ErrorCode::kInvalidReplicaAssignment);
    EXPECT_EQ(cluster.reassign("u", ids({1})), ErrorCode::kUnknownTopicOrPartition);
    kafka::AlterPartitionReassignmentsRequest request;
    request.allow_replication_factor_change = false;
    request.topics.push_back({"t", {{PartitionId(0), ids({1, 2})}}});
    EXPECT_EQ(
        alter_reassignments(cluster.image, cluster.policy, request)
            .response.responses[0]
            .partitions[0]
            .error_code,
        ErrorCode::kInvalidReplicationFactor
    );
}

// Otherwise acks=all would be refused until the new replicas have caught up.
TEST(Reassignment, MoreReplicasDoNotRaiseTheMinimumBeforeTheyAreThere) {
    Five cluster;
    cluster.create("u", {ids({1})});
    ASSERT_EQ(cluster.reassign("u", ids({1, 2, 3})), ErrorCode::kNone);
    EXPECT_EQ(effective_min_isr(cluster.at("u"), 2), 1U);
    ASSERT_EQ(cluster.set_isr("u", {1, 2}), ErrorCode::kNone);
    ASSERT_EQ(cluster.set_isr("u", {1, 2, 3}), ErrorCode::kNone);
    EXPECT_EQ(effective_min_isr(cluster.at("u"), 2), 2U);
    EXPECT_EQ(cluster.at("u").leader_epoch, LeaderEpoch(0));
}

TEST(Reassignment, ListsOnlyWhatIsAskedFor) {
    Five cluster;
    ASSERT_EQ(cluster.reassign("t", ids({4, 2, 3})), ErrorCode::kNone);
    kafka::ListPartitionReassignmentsRequest request;
    request.topics.emplace();
    EXPECT_TRUE(list_reassignments(cluster.image, request).topics.empty());
    request.topics->push_back({"t", {PartitionId(0), PartitionId(7)}});
    request.topics->push_back({"nope", {PartitionId(0)}});
    const auto listed = list_reassignments(cluster.image, request);
    ASSERT_EQ(listed.topics.size(), 1U);
    ASSERT_EQ(listed.topics[0].partitions.size(), 1U);
    EXPECT_EQ(listed.topics[0].partitions[0].adding_replicas, ids({4}));
    EXPECT_EQ(listed.topics[0].partitions[0].removing_replicas, ids({1}));
}

}  // namespace
}  // namespace sealane::broker
