#include "broker/mirrored/link_state.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

using Request = kafka::AlterMirrorLinkRequest;

// An image and what happens to it.
struct Cluster {
    Image image;
    kafka::AlterMirrorLinkResponse alter(const Request& request) {
        const LinkDecision decision = decide_link(image, request);
        for (const auto& record : decision.records) EXPECT_TRUE(image.apply(record));
        return decision.answer;
    }
    kafka::AlterMirrorLinkResponse upsert(std::int8_t kind = kafka::kReplicaLink) {
        Request request;
        request.link_name = "korea->tokyo";
        request.kind = kind;
        request.source_cluster_id = "korea-id";
        return alter(request);
    }
    kafka::AlterMirrorLinkResponse operate(std::int8_t operation, std::int32_t epoch = -1) {
        Request request;
        request.link_name = "korea->tokyo";
        request.operation = operation;
        request.expected_epoch = epoch;
        return alter(request);
    }
    kafka::AlterMirrorLinkResponse pin(
        const std::string& source,
        std::uint8_t id,
        const std::string& target,
        const std::string& link = "korea->tokyo"
    ) {
        Request request;
        request.link_name = link;
        request.operation = kafka::kLinkPinTopics;
        kafka::MirrorLinkTopic topic;
        topic.source_topic = source;
        topic.source_topic_id.bytes[15] = id;
        topic.target_topic = target;
        request.topics.push_back(topic);
        return alter(request);
    }
};

TEST(LinkState, IsMadeRunningOnce) {
    Cluster cluster;
    const auto made = cluster.upsert();
    EXPECT_EQ(made.error_code, ErrorCode::kNone);
    EXPECT_EQ(made.link_state, kafka::kLinkRunning);
    Request request;
    request.link_name = "korea->tokyo";
    request.source_cluster_id = "korea-id";
    EXPECT_TRUE(decide_link(cluster.image, request).records.empty());
}

TEST(LinkState, RefusesAnotherSourceClusterOrKind) {
    Cluster cluster;
    cluster.upsert();
    EXPECT_EQ(cluster.upsert(kafka::kAggregateLink).error_code, ErrorCode::kInvalidRequest);
    Request request;
    request.link_name = "korea->tokyo";
    request.source_cluster_id = "another";
    EXPECT_EQ(cluster.alter(request).error_code, ErrorCode::kInconsistentClusterId);
}

TEST(LinkState, EveryChangeOfStateRaisesTheEpoch) {
    Cluster cluster;
    cluster.upsert();
    EXPECT_EQ(cluster.operate(kafka::kLinkPause).link_epoch, 1);
    EXPECT_EQ(cluster.operate(kafka::kLinkPause).link_epoch, 1);  // paused already
    EXPECT_EQ(cluster.operate(kafka::kLinkResume).link_epoch, 2);
    EXPECT_EQ(cluster.operate(kafka::kLinkPause, 1).error_code, ErrorCode::kFencedStateEpoch);
    EXPECT_EQ(cluster.operate(kafka::kLinkPromote, 2).link_state, kafka::kLinkPromoting);
    EXPECT_EQ(cluster.operate(kafka::kLinkResume).error_code, ErrorCode::kInvalidRequest);
    const auto finished = finish_promotion(cluster.image, "korea->tokyo");
    ASSERT_TRUE(finished);
    ASSERT_TRUE(cluster.image.apply(*finished));
    EXPECT_EQ(LinkTable::of(cluster.image).find("korea->tokyo")->state, kafka::kLinkPromoted);
    EXPECT_FALSE(finish_promotion(cluster.image, "korea->tokyo"));
}

TEST(LinkState, APromotionMayBeAskedForAgainWithTheEpochOfTheFirstTry) {
    Cluster cluster;
    cluster.upsert();
    ASSERT_EQ(cluster.operate(kafka::kLinkPromote, 0).error_code, ErrorCode::kNone);
    EXPECT_EQ(cluster.operate(kafka::kLinkPromote, 0).link_state, kafka::kLinkPromoting);
    EXPECT_EQ(cluster.operate(kafka::kLinkPause, 0).error_code, ErrorCode::kFencedStateEpoch);
    ASSERT_TRUE(cluster.image.apply(*finish_promotion(cluster.image, "korea->tokyo")));
    EXPECT_EQ(cluster.operate(kafka::kLinkPromote, 0).link_state, kafka::kLinkPromoted);
    EXPECT_EQ(cluster.operate(kafka::kLinkPromote, 1).error_code, ErrorCode::kFencedStateEpoch);
}

TEST(LinkState, AReplicaTopicIsClosedFromPinToPromotion) {
    Cluster cluster;
    cluster.upsert();
    EXPECT_EQ(LinkTable::of(cluster.image).owner_of("log"), nullptr);
    EXPECT_EQ(cluster.pin("log", 1, "log").topics.at(0).error_code, ErrorCode::kNone);
    ASSERT_NE(LinkTable::of(cluster.image).owner_of("log"), nullptr);
    cluster.operate(kafka::kLinkPause);
    EXPECT_NE(LinkTable::of(cluster.image).owner_of("log"), nullptr);
    cluster.operate(kafka::kLinkPromote);
    EXPECT_NE(LinkTable::of(cluster.image).owner_of("log"), nullptr);
    ASSERT_TRUE(cluster.image.apply(*finish_promotion(cluster.image, "korea->tokyo")));
    EXPECT_EQ(LinkTable::of(cluster.image).owner_of("log"), nullptr);
}

TEST(LinkState, AggregateTopicsStayOpenAndHaveNothingToPromote) {
    Cluster cluster;
    cluster.upsert(kafka::kAggregateLink);
    cluster.pin("log", 1, "log");
    EXPECT_EQ(LinkTable::of(cluster.image).owner_of("log"), nullptr);
    EXPECT_EQ(cluster.operate(kafka::kLinkPromote).error_code, ErrorCode::kInvalidRequest);
}

TEST(LinkState, APinnedTopicIdHoldsUntilUnpinned) {
    Cluster cluster;
    cluster.upsert();
    cluster.pin("log", 1, "log");
    EXPECT_EQ(
        cluster.pin("log", 2, "log").topics.at(0).error_code, ErrorCode::kInconsistentTopicId
    );
    Request request;
    request.link_name = "korea->tokyo";
    request.operation = kafka::kLinkUnpinTopics;
    request.topics.emplace_back();
    request.topics.back().source_topic = "log";
    EXPECT_EQ(cluster.alter(request).link_epoch, 1);
    EXPECT_EQ(cluster.pin("log", 2, "log").topics.at(0).error_code, ErrorCode::kNone);
}

TEST(LinkState, ATopicHasOneReplicaLinkAtMost) {
    Cluster cluster;
    cluster.upsert();
    cluster.pin("log", 1, "log");
    Request other;
    other.link_name = "busan->tokyo";
    other.kind = kafka::kAggregateLink;
    other.source_cluster_id = "busan-id";
    cluster.alter(other);
    EXPECT_EQ(
        cluster.pin("log", 9, "log", "busan->tokyo").topics.at(0).error_code,
        ErrorCode::kPolicyViolation
    );
    EXPECT_EQ(
        cluster.pin("log", 9, "merged", "busan->tokyo").topics.at(0).error_code, ErrorCode::kNone
    );
}

TEST(LinkState, AnExistingTopicDoesNotBecomeAReplica) {
    Cluster cluster;
    ClusterImage brokers;
    brokers.add_brokers(1, 1);
    brokers.create("log", {ids({1})});
    cluster.image = brokers.image;
    cluster.upsert();
    EXPECT_EQ(cluster.pin("log", 1, "log").topics.at(0).error_code, ErrorCode::kTopicAlreadyExists);
}

TEST(LinkState, OnlyQuietLinksAreDeleted) {
    Cluster cluster;
    cluster.upsert();
    EXPECT_EQ(cluster.operate(kafka::kLinkDelete).error_code, ErrorCode::kInvalidRequest);
    cluster.operate(kafka::kLinkPause);
    EXPECT_EQ(cluster.operate(kafka::kLinkDelete).error_code, ErrorCode::kNone);
    EXPECT_EQ(LinkTable::of(cluster.image).find("korea->tokyo"), nullptr);
    EXPECT_EQ(cluster.operate(kafka::kLinkPause).error_code, ErrorCode::kResourceNotFound);
}

}  // namespace
}  // namespace sealane::broker
