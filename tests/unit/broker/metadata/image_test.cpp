#include "broker/metadata/image.hpp"

#include "broker/metadata/topic_decisions.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

constexpr BrokerId kNode{3};

Uuid id_of(std::uint8_t number) {
    Uuid id;
    id.bytes[0] = number;
    return id;
}

NewTopic topic_named(std::string name, std::uint8_t id, std::int32_t partitions = 1) {
    NewTopic topic;
    topic.name = std::move(name);
    topic.id = id_of(id);
    topic.partitions = partitions;
    return topic;
}

void apply_all(Image& image, const Result<Records>& records) {
    ASSERT_TRUE(records.has_value()) << records.error().to_string();
    for (const MetadataRecord& record : *records) {
        const Status applied = image.apply(record);
        ASSERT_TRUE(applied.has_value()) << applied.error().to_string();
    }
}

TEST(Image, ShowsACreatedTopicByNameAndId) {
    Image image;
    NewTopic topic = topic_named("logs", 1, 3);
    topic.configs["retention.ms"] = "1000";
    apply_all(image, create_topic(image, kNode, topic));
    const Image::TopicPtr made = image.topic("logs");
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(image.topic(id_of(1)), made);
    ASSERT_EQ(made->partitions.size(), 3U);
    EXPECT_EQ(made->partitions[2].leader, kNode);
    EXPECT_EQ(made->partitions[2].leader_epoch, LeaderEpoch(0));
    EXPECT_EQ(made->configs.at("retention.ms"), "1000");
    EXPECT_EQ(image.partition_count(), 3U);
}

TEST(Image, CopiesShareWhatDidNotChange) {
    Image first;
    apply_all(first, create_topic(first, kNode, topic_named("a", 1)));
    apply_all(first, create_topic(first, kNode, topic_named("b", 2)));
    Image second(first);
    apply_all(second, grow_topic(second, kNode, "a", 5));
    EXPECT_EQ(first.topic("a")->partitions.size(), 1U);
    EXPECT_EQ(second.topic("a")->partitions.size(), 5U);
    EXPECT_EQ(first.topic("b"), second.topic("b"));
}

TEST(Image, LeadershipChangesRaiseTheEpoch) {
    Image image;
    apply_all(image, create_topic(image, kNode, topic_named("a", 1, 2)));
    apply_all(image, Result<Records>(restart_leadership(image, kNode)));
    EXPECT_EQ(image.topic("a")->partitions[0].leader_epoch, LeaderEpoch(1));
    EXPECT_TRUE(restart_leadership(image, BrokerId(9)).empty());
    const TopicPartition second{"a", PartitionId(1)};
    apply_all(image, raise_leader_epoch(image, second, LeaderEpoch(40)));
    EXPECT_EQ(image.topic("a")->partitions[1].leader_epoch, LeaderEpoch(40));
    EXPECT_EQ(image.topic("a")->partitions[0].leader_epoch, LeaderEpoch(1));
    EXPECT_TRUE(raise_leader_epoch(image, second, LeaderEpoch(7))->empty());
}

TEST(Image, ARecreatedTopicHasAnotherId) {
    Image image;
    apply_all(image, create_topic(image, kNode, topic_named("a", 1, 4)));
    apply_all(image, delete_topic(image, id_of(1)));
    EXPECT_EQ(image.topic("a"), nullptr);
    EXPECT_EQ(image.topic(id_of(1)), nullptr);
    EXPECT_EQ(image.partition_count(), 0U);
    apply_all(image, create_topic(image, kNode, topic_named("a", 2)));
    EXPECT_EQ(image.topic("a")->id, id_of(2));
    EXPECT_EQ(delete_topic(image, id_of(1)).error().code(), ErrorCode::kUnknownTopicId);
}

TEST(Image, RefusesRecordsThatDoNotFit) {
    Image image;
    kafka::PartitionRecord orphan;
    orphan.partition_id = PartitionId(0);
    EXPECT_EQ(image.apply(orphan).error().code(), ErrorCode::kCorrupt);
    apply_all(image, create_topic(image, kNode, topic_named("a", 1)));
    kafka::PartitionRecord gap;
    gap.topic_id = id_of(1);
    gap.partition_id = PartitionId(5);
    EXPECT_EQ(image.apply(gap).error().code(), ErrorCode::kCorrupt);
    kafka::ProducerIdsRecord ids;
    ids.next_producer_id = ProducerId(2000);
    EXPECT_TRUE(image.apply(ids).has_value());
    ids.next_producer_id = ProducerId(1000);
    EXPECT_EQ(image.apply(ids).error().code(), ErrorCode::kCorrupt);
}

TEST(Image, KeepsExtensionsByFamily) {
    Image image;
    ExtensionRecord record{"link", "seoul", BufferSlice::copy_of("state")};
    ASSERT_TRUE(image.apply(record).has_value());
    EXPECT_EQ(image.extensions("link").at("seoul").text(), "state");
    EXPECT_TRUE(image.extensions("other").empty());
    record.value = std::nullopt;
    ASSERT_TRUE(image.apply(record).has_value());
    EXPECT_TRUE(image.extensions("link").empty());
}

}  // namespace
}  // namespace sealane::broker
