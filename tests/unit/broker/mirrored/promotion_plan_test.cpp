#include "broker/mirrored/promotion_plan.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealane::broker {
namespace {

constexpr std::string_view kLink = "korea->tokyo";

// Three brokers, a replica link with topics "a" (two partitions, led by 1 and 2) and "b" (one, led
// by 3), and one topic that is not the link's.
class PromotionPlan : public ::testing::Test {
 protected:
    PromotionPlan() {
        cluster_.add_brokers(1, 3);
        alter(kafka::kLinkUpsert);
        pin("a");
        pin("b");
        pin("never-made");
        cluster_.create("a", {ids({1, 2, 3}), ids({2, 3, 1})});
        cluster_.create("b", {ids({3, 1, 2})});
        cluster_.create("other", {ids({1, 2, 3})});
    }

    kafka::AlterMirrorLinkResponse alter(std::int8_t operation) {
        kafka::AlterMirrorLinkRequest request;
        request.link_name = kLink;
        request.operation = operation;
        request.source_cluster_id = "korea-id";
        return apply(request);
    }
    void pin(const std::string& topic) {
        kafka::AlterMirrorLinkRequest request;
        request.link_name = kLink;
        request.operation = kafka::kLinkPinTopics;
        request.topics.push_back({topic, uuid_of(8, 1), topic});
        EXPECT_EQ(apply(request).topics.at(0).error_code, ErrorCode::kNone);
    }
    kafka::AlterMirrorLinkResponse apply(const kafka::AlterMirrorLinkRequest& request) {
        LinkDecision decision = decide_link(cluster_.image, request);
        cluster_.apply(decision.records);
        return decision.answer;
    }
    // What a leader answers whose log ends with a record of the source's epoch 9.
    OpenedPartition answer(const std::string& topic, std::int32_t index) {
        const PartitionState& state = cluster_.at(topic, index);
        OpenedPartition opened;
        opened.id = {topic, PartitionId(index)};
        opened.end = Offset(100);
        opened.leader_epoch = state.leader_epoch;
        opened.partition_epoch = state.partition_epoch;
        opened.last_record_epoch = LeaderEpoch(9);
        opened.next_producer_id = 5000;
        return opened;
    }
    std::vector<OpenedPartition> all() { return {answer("a", 0), answer("a", 1), answer("b", 0)}; }
    Result<Records> end(const std::vector<OpenedPartition>& opened) {
        return end_promotion(cluster_.image, kLink, opened);
    }
    ErrorCode error_of(const Result<Records>& ended) {
        return ended ? ErrorCode::kNone : ended.error().code();
    }

    ClusterImage cluster_;
};

TEST_F(PromotionPlan, EveryLeaderIsAskedForItsPartitions) {
    const auto by_leader = partitions_to_open(cluster_.image, kLink);
    ASSERT_TRUE(by_leader);
    ASSERT_EQ(by_leader->size(), 3U);
    const TopicPartition a0{"a", PartitionId(0)};
    const TopicPartition a1{"a", PartitionId(1)};
    const TopicPartition b0{"b", PartitionId(0)};
    EXPECT_EQ(by_leader->at(BrokerId(1)), std::vector{a0});
    EXPECT_EQ(by_leader->at(BrokerId(2)), std::vector{a1});
    EXPECT_EQ(by_leader->at(BrokerId(3)), std::vector{b0});
}

TEST_F(PromotionPlan, APartitionWithoutALeaderIsNamed) {
    for (const int id : {1, 2, 3}) cluster_.fence(id);
    const auto by_leader = partitions_to_open(cluster_.image, kLink);
    ASSERT_FALSE(by_leader);
    EXPECT_EQ(by_leader.error().code(), ErrorCode::kLeaderNotAvailable);
}

TEST_F(PromotionPlan, OneBatchRaisesEpochsReservesProducerIdsAndOpensTheTopics) {
    alter(kafka::kLinkPromote);
    const auto ended = end(all());
    ASSERT_TRUE(ended) << ended.error().to_string();
    cluster_.apply(*ended);
    for (const auto& [topic, index] : {std::pair{"a", 0}, std::pair{"a", 1}, std::pair{"b", 0}})
        EXPECT_GT(cluster_.at(topic, index).leader_epoch, LeaderEpoch(9));
    EXPECT_EQ(cluster_.at("other").leader_epoch, LeaderEpoch(0));
    EXPECT_GT(cluster_.image.next_producer_id(), 5000);
    const LinkTable links = LinkTable::of(cluster_.image);
    EXPECT_EQ(links.find(kLink)->state, kafka::kLinkPromoted);
    EXPECT_EQ(links.owner_of("a"), nullptr);
}

TEST_F(PromotionPlan, AnEpochRisesAlsoWhenItIsAboveTheSourcesAlready) {
    alter(kafka::kLinkPromote);
    auto opened = all();
    for (OpenedPartition& one : opened) one.last_record_epoch = LeaderEpoch(0);
    const LeaderEpoch before = cluster_.at("a").leader_epoch;
    cluster_.apply(end(opened));
    EXPECT_EQ(cluster_.at("a").leader_epoch, before + 1);
}

TEST_F(PromotionPlan, NothingIsDecidedBeforeEveryPartitionHasAnswered) {
    alter(kafka::kLinkPromote);
    auto opened = all();
    opened.pop_back();
    EXPECT_EQ(error_of(end(opened)), ErrorCode::kFencedLeaderEpoch);
    // Nor when the topic has grown meanwhile.
    const auto complete = all();
    MorePartitions more{"b", 2, Assignments{ids({1, 2, 3})}};
    cluster_.apply(grow_topic(cluster_.image, cluster_.rng, more));
    EXPECT_EQ(error_of(end(complete)), ErrorCode::kFencedLeaderEpoch);
}

TEST_F(PromotionPlan, AnAnswerOfAnEndedLeadershipDoesNotCount) {
    alter(kafka::kLinkPromote);
    const auto opened = all();
    cluster_.fence(1);
    EXPECT_EQ(error_of(end(opened)), ErrorCode::kFencedLeaderEpoch);
    EXPECT_EQ(error_of(end(all())), ErrorCode::kNone);
}

TEST_F(PromotionPlan, AnInSyncSetThatHasGrownMustBeLookedAtAgain) {
    ASSERT_EQ(cluster_.set_isr("b", {3, 1}), ErrorCode::kNone);
    alter(kafka::kLinkPromote);
    const auto opened = all();
    ASSERT_EQ(cluster_.set_isr("b", {3, 1, 2}), ErrorCode::kNone);
    EXPECT_EQ(error_of(end(opened)), ErrorCode::kFencedLeaderEpoch);
}

TEST_F(PromotionPlan, EndsOnceAndOnlyAPromotion) {
    EXPECT_EQ(error_of(end(all())), ErrorCode::kInvalidRequest) << "the link runs";
    alter(kafka::kLinkPromote);
    cluster_.apply(end(all()));
    const auto again = end(all());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->empty());
    EXPECT_EQ(
        error_of(end_promotion(cluster_.image, "another", all())), ErrorCode::kResourceNotFound
    );
}

}  // namespace
}  // namespace sealane::broker
