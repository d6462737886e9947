#include "broker/metadata/topic_decisions.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

constexpr BrokerId kNode{1};

Image image_with(std::string_view name, std::int32_t partitions = 2) {
    Image image;
    NewTopic topic;
    topic.name = name;
    topic.id.bytes[3] = 9;
    topic.partitions = partitions;
    const auto records = create_topic(image, kNode, topic);
    for (const MetadataRecord& record : *records) EXPECT_TRUE(image.apply(record).has_value());
    return image;
}

ErrorCode try_create(const Image& image, NewTopic topic) {
    const auto records = create_topic(image, kNode, topic);
    return records ? ErrorCode::kNone : records.error().code();
}

NewTopic named(std::string name) {
    NewTopic topic;
    topic.name = std::move(name);
    topic.id.bytes[0] = 1;
    return topic;
}

TEST(TopicDecisions, NamesFollowKafkasRules) {
    EXPECT_TRUE(check_topic_name(std::string(249, 'a')).has_value());
    EXPECT_TRUE(check_topic_name("A.b_c-9").has_value());
    for (const std::string& name :
         {std::string(),
          std::string("."),
          std::string(".."),
          std::string(250, 'a'),
          std::string("a b"),
          std::string("ä"),
          std::string("a/b"),
          std::string("a\0b", 3),
          std::string("__cluster_metadata")}) {
        EXPECT_EQ(check_topic_name(name).error().code(), ErrorCode::kInvalidTopicException) << name;
    }
}

TEST(TopicDecisions, NamesThatMetricsCannotTellApartCollide) {
    const Image image = image_with("a.b_c");
    EXPECT_EQ(try_create(image, named("a_b.c")), ErrorCode::kInvalidTopicException);
    EXPECT_EQ(try_create(image, named("a.b_c")), ErrorCode::kTopicAlreadyExists);
    EXPECT_EQ(try_create(image, named("a-b-c")), ErrorCode::kNone);
}

TEST(TopicDecisions, CountsAreChecked) {
    const Image image;
    NewTopic topic = named("t");
    topic.partitions = 0;
    EXPECT_EQ(try_create(image, topic), ErrorCode::kInvalidPartitions);
    topic.partitions = 10'001;
    EXPECT_EQ(try_create(image, topic), ErrorCode::kPolicyViolation);
    topic.partitions = 1;
    topic.replication_factor = 3;
    EXPECT_EQ(try_create(image, topic), ErrorCode::kInvalidReplicationFactor);
    topic.replication_factor = 0;
    EXPECT_EQ(try_create(image, topic), ErrorCode::kInvalidReplicationFactor);
    topic.replication_factor = -1;
    EXPECT_EQ(try_create(image, topic), ErrorCode::kNone);
    topic.configs["segment.bytes"] = "x";
    EXPECT_EQ(try_create(image, topic), ErrorCode::kInvalidConfig);
}

TEST(TopicDecisions, PartitionsOnlyGrow) {
    const Image image = image_with("t", 3);
    EXPECT_EQ(grow_topic(image, kNode, "t", 3).error().code(), ErrorCode::kInvalidPartitions);
    EXPECT_EQ(grow_topic(image, kNode, "t", -4).error().code(), ErrorCode::kInvalidPartitions);
    EXPECT_EQ(grow_topic(image, kNode, "u", 5).error().code(), ErrorCode::kUnknownTopicOrPartition);
    EXPECT_EQ(grow_topic(image, kNode, "t", 5)->size(), 2U);
}

TEST(TopicDecisions, OnlyRealConfigChangesAreWritten) {
    Image image = image_with("t");
    const auto set = configure_topic(image, "t", {{"retention.ms", "5"}});
    ASSERT_EQ(set->size(), 1U);
    ASSERT_TRUE(image.apply(set->front()).has_value());
    EXPECT_TRUE(configure_topic(image, "t", {{"retention.ms", "5"}})->empty());
    EXPECT_TRUE(configure_topic(image, "t", {{"segment.ms", std::nullopt}})->empty());
    const auto clear = configure_topic(image, "t", {{"retention.ms", std::nullopt}});
    ASSERT_TRUE(image.apply(clear->front()).has_value());
    EXPECT_TRUE(image.topic("t")->configs.empty());
    EXPECT_EQ(
        configure_topic(image, "t", {{"nope", "1"}}).error().code(), ErrorCode::kInvalidConfig
    );
}

}  // namespace
}  // namespace sealane::broker
