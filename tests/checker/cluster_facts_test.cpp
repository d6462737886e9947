#include "tests/checker/cluster_facts.hpp"

#include <gtest/gtest.h>

namespace sealane::checker {
namespace {

const TopicPartition kP0{"t", PartitionId(0)};

std::string kinds(ClusterFacts& facts) {
    std::string all;
    for (const Violation& one : facts.take()) all += one.kind + " ";
    return all;
}

TEST(ClusterFacts, OneLeaderInAnEpoch) {
    ClusterFacts facts;
    facts.leads(kP0, LeaderEpoch(1), BrokerId(1));
    facts.leads(kP0, LeaderEpoch(1), BrokerId(1));
    facts.leads(kP0, LeaderEpoch(2), BrokerId(2));
    EXPECT_EQ(kinds(facts), "");
    facts.leads(kP0, LeaderEpoch(1), BrokerId(2));
    EXPECT_EQ(kinds(facts), "two-leaders ");
}

TEST(ClusterFacts, OneControllerAndOneVoteInAnEpoch) {
    ClusterFacts facts;
    facts.controls(LeaderEpoch(4), BrokerId(1));
    facts.votes(BrokerId(3), LeaderEpoch(4), BrokerId(1));
    facts.votes(BrokerId(3), LeaderEpoch(5), BrokerId(2));
    EXPECT_EQ(kinds(facts), "");
    facts.controls(LeaderEpoch(4), BrokerId(2));
    facts.votes(BrokerId(3), LeaderEpoch(4), BrokerId(2));
    EXPECT_EQ(kinds(facts), "two-controllers double-vote ");
}

TEST(ClusterFacts, HighWatermarksRiseWithinALeadership) {
    ClusterFacts facts;
    facts.high_watermark(kP0, LeaderEpoch(1), BrokerId(1), 1, Offset(9));
    facts.high_watermark(kP0, LeaderEpoch(2), BrokerId(1), 1, Offset(7));
    facts.high_watermark(kP0, LeaderEpoch(1), BrokerId(1), 2, Offset(7));
    EXPECT_EQ(kinds(facts), "");
    facts.high_watermark(kP0, LeaderEpoch(1), BrokerId(1), 1, Offset(8));
    EXPECT_EQ(kinds(facts), "watermark-went-back ");
}

TEST(ClusterFacts, EpochsInMetadataRiseUnlessTheTopicWasDeleted) {
    ClusterFacts facts;
    facts.leader_epoch(kP0, BrokerId(1), 1, LeaderEpoch(3));
    facts.drop("t");
    facts.leader_epoch(kP0, BrokerId(1), 1, LeaderEpoch(0));
    EXPECT_EQ(kinds(facts), "");
    facts.leader_epoch(kP0, BrokerId(1), 1, LeaderEpoch(2));
    facts.leader_epoch(kP0, BrokerId(1), 1, LeaderEpoch(1));
    EXPECT_EQ(kinds(facts), "epoch-went-back ");
}

}  // namespace
}  // namespace sealane::checker
