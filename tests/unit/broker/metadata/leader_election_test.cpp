// PartitionChange and the elections that people ask for.

#include "broker/metadata/leader_election.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

constexpr std::int8_t kPreferred = 0;
constexpr std::int8_t kUnclean = 1;

struct Three : ClusterImage {
    Three() {
        add_brokers(1, 3);
        create("t", {ids({1, 2, 3})});
    }
};

TEST(LeaderElection, TheNextInSyncReplicaInTheirOrderLeads) {
    Three cluster;
    cluster.fence(1);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(2));
    EXPECT_EQ(cluster.at("t").isr, ids({2, 3}));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(1));
    EXPECT_EQ(cluster.at("t").partition_epoch, 1);
    EXPECT_TRUE(cluster.at("t").elr.empty());
}

TEST(LeaderElection, AFollowerThatGoesLeavesTheLeaderAlone) {
    Three cluster;
    cluster.fence(3);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(0));
    EXPECT_EQ(cluster.at("t").partition_epoch, 1);
}

// KIP-966: below the minimum nothing is committed, so whoever leaves then misses nothing.
TEST(LeaderElection, WhoLeavesBelowTheMinimumStaysEligible) {
    Three cluster;
    cluster.fence(3);
    cluster.fence(1);
    EXPECT_EQ(cluster.at("t").isr, ids({2}));
    EXPECT_EQ(cluster.at("t").elr, ids({1}));  // 3 left while two were in sync
    cluster.fence(2);
    EXPECT_TRUE(cluster.at("t").isr.empty());
    EXPECT_EQ(cluster.at("t").elr, ids({1, 2}));
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);
    cluster.unfence(3);
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);  // it may miss committed records
    cluster.unfence(1);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
    EXPECT_EQ(cluster.at("t").isr, ids({1}));
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
    EXPECT_FALSE(cluster.at("t").recovering);
    EXPECT_EQ(cluster.set_isr("t", {1, 3}), ErrorCode::kNone);
    EXPECT_TRUE(cluster.at("t").elr.empty());
}

TEST(LeaderElection, TheLastOfAnUnsyncedTopicLeadsAgainAfterACrash) {
    Three cluster;
    cluster.configure("t", "sealane.flush", "os");
    cluster.fence(1);
    cluster.fence(2);
    cluster.fence(3);
    EXPECT_EQ(cluster.at("t").last_known_elr, ids({3}));
    EXPECT_EQ(cluster.at("t").elr, ids({2, 3}));
    cluster.register_broker(cluster.start_of(2));
    cluster.register_broker(cluster.start_of(3));
    EXPECT_TRUE(cluster.at("t").elr.empty());
    EXPECT_EQ(cluster.at("t").last_known_elr, ids({3}));
    cluster.unfence(2);
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);
    cluster.unfence(3);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(3));
    EXPECT_TRUE(cluster.at("t").recovering);
    EXPECT_TRUE(cluster.at("t").last_known_elr.empty());
}

TEST(LeaderElection, AnUncleanElectionIsForTopicsThatAllowIt) {
    Three cluster;
    cluster.configure("t", "unclean.leader.election.enable", "true");
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    cluster.fence(1);
    cluster.fence(2);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(3));
    EXPECT_EQ(cluster.at("t").isr, ids({3}));
    EXPECT_TRUE(cluster.at("t").recovering);
}

TEST(LeaderElection, PreferredReplicasGetTheirLeadershipBack) {
    Three cluster;
    EXPECT_EQ(cluster.elect("t", kPreferred).error_code, ErrorCode::kElectionNotNeeded);
    cluster.fence(1);
    cluster.unfence(1);
    EXPECT_EQ(cluster.elect("t", kPreferred).error_code, ErrorCode::kPreferredLeaderNotAvailable);
    EXPECT_TRUE(prefer_leaders(cluster.image, cluster.policy, 10).empty());
    ASSERT_EQ(cluster.set_isr("t", {1, 2, 3}), ErrorCode::kNone);
    EXPECT_EQ(prefer_leaders(cluster.image, cluster.policy, 10).size(), 1U);
    EXPECT_TRUE(prefer_leaders(cluster.image, cluster.policy, 0).empty());
    EXPECT_EQ(cluster.elect("t", kPreferred).error_code, ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(2));
}

TEST(LeaderElection, AForcedElectionSaysWhatItMayCost) {
    Three cluster;
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    EXPECT_EQ(cluster.elect("t", kUnclean).error_code, ErrorCode::kElectionNotNeeded);
    cluster.fence(1);
    cluster.fence(2);
    cluster.fence(3);
    EXPECT_EQ(cluster.elect("t", kUnclean).error_code, ErrorCode::kEligibleLeadersNotAvailable);
    cluster.unfence(3);
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);
    const auto result = cluster.elect("t", kUnclean);
    EXPECT_EQ(result.error_code, ErrorCode::kNone);
    EXPECT_NE(result.error_message.value_or("").find("replica 3"), std::string::npos);
    EXPECT_NE(result.error_message.value_or("").find("may be lost"), std::string::npos);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(3));
}

TEST(LeaderElection, ForAllPartitionsOnlyThoseThatNeedItAreAnswered) {
    Three cluster;
    cluster.create("u", {ids({2, 1, 3}), ids({3, 2, 1})});
    cluster.fence(2);
    cluster.unfence(2);
    ASSERT_EQ(cluster.set_isr("u", {1, 2, 3}), ErrorCode::kNone);
    kafka::ElectLeadersRequest request;
    request.topic_partitions = std::nullopt;
    const auto decision = elect_leaders(cluster.image, cluster.policy, request);
    ASSERT_EQ(decision.response.replica_election_results.size(), 1U);
    EXPECT_EQ(decision.response.replica_election_results[0].topic, "u");
    EXPECT_EQ(decision.response.replica_election_results[0].partition_result.size(), 1U);
    EXPECT_EQ(decision.records.size(), 1U);
}

TEST(LeaderElection, RefusesWhatItDoesNotKnow) {
    Three cluster;
    kafka::ElectLeadersRequest request;
    request.election_type = 5;
    EXPECT_EQ(
        elect_leaders(cluster.image, cluster.policy, request).response.error_code,
        ErrorCode::kInvalidRequest
    );
    EXPECT_EQ(cluster.elect("nope", kPreferred).error_code, ErrorCode::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace sealane::broker
