#include "broker/metadata/image.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

constexpr BrokerId kNode{1};

NewTopic topic_named(std::string name, std::uint8_t id, std::int32_t partitions = 1) {
    NewTopic topic;
    topic.name = std::move(name);
    topic.id = uuid_of(id, 0);
    topic.partitions = partitions;
    return topic;
}

struct OneBroker : ClusterImage {
    OneBroker() { add_brokers(1, 1); }
    void create(const NewTopic& topic) { apply(create_topic(image, policy, rng, topic)); }
};

TEST(Image, ShowsACreatedTopicByNameAndId) {
    OneBroker cluster;
    NewTopic topic = topic_named("logs", 1, 3);
    topic.configs["retention.ms"] = "1000";
    cluster.create(topic);
    const Image::TopicPtr made = cluster.image.topic("logs");
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(cluster.image.topic(uuid_of(1, 0)), made);
    ASSERT_EQ(made->partitions.size(), 3U);
    EXPECT_EQ(made->partitions[2].leader, kNode);
    EXPECT_EQ(made->partitions[2].leader_epoch, LeaderEpoch(0));
    EXPECT_EQ(made->configs.at("retention.ms"), "1000");
    EXPECT_EQ(cluster.image.partition_count(), 3U);
    EXPECT_EQ(cluster.image.partition({"logs", PartitionId(2)}), &made->partitions[2]);
    EXPECT_EQ(cluster.image.partition({"logs", PartitionId(3)}), nullptr);
    EXPECT_EQ(cluster.image.partition(uuid_of(2, 0), PartitionId(0)), nullptr);
}

TEST(Image, CopiesShareWhatDidNotChange) {
    OneBroker first;
    first.create(topic_named("a", 1));
    first.create(topic_named("b", 2));
    OneBroker second(first);
    second.apply(grow_topic(second.image, second.rng, {"a", 5, std::nullopt}));
    EXPECT_EQ(first.image.topic("a")->partitions.size(), 1U);
    EXPECT_EQ(second.image.topic("a")->partitions.size(), 5U);
    EXPECT_EQ(first.image.topic("b"), second.image.topic("b"));
}

TEST(Image, ManyRecordsAboutOneTopicCopyItOnce) {
    OneBroker cluster;
    cluster.create(topic_named("a", 1, 200));
    const Image before(cluster.image);
    kafka::PartitionChangeRecord record;
    record.topic_id = uuid_of(1, 0);
    record.partition_id = PartitionId(150);
    record.leader = kNoBroker;
    cluster.apply(Records{record});
    const Image::TopicPtr::element_type* copied = cluster.image.topic("a").get();
    EXPECT_NE(copied, before.topic("a").get());
    record.partition_id = PartitionId(151);
    cluster.apply(Records{record});
    EXPECT_EQ(copied, cluster.image.topic("a").get());
    EXPECT_EQ(before.topic("a")->partitions[150].leader, kNode);
    EXPECT_EQ(cluster.image.topic("a")->partitions[151].leader, kNoBroker);
}

TEST(Image, AHeldTopicDoesNotChangeUnderItsHolder) {
    OneBroker cluster;
    cluster.create(topic_named("a", 1));
    const Image::TopicPtr held = cluster.image.topic("a");
    cluster.configure("a", "retention.ms", "7");
    EXPECT_TRUE(held->configs.empty());
    EXPECT_EQ(cluster.image.topic("a")->configs.at("retention.ms"), "7");
    EXPECT_EQ(cluster.image.topic("a"), cluster.image.topic(uuid_of(1, 0)));
}

TEST(Image, LeadershipChangesRaiseTheEpoch) {
    OneBroker cluster;
    Image& image = cluster.image;
    cluster.create(topic_named("a", 1, 2));
    cluster.apply(restart_leadership(image, kNode));
    EXPECT_EQ(cluster.at("a", 0).leader_epoch, LeaderEpoch(1));
    EXPECT_TRUE(restart_leadership(image, BrokerId(9)).empty());
    const TopicPartition second{"a", PartitionId(1)};
    cluster.apply(raise_leader_epoch(image, second, LeaderEpoch(40)));
    EXPECT_EQ(cluster.at("a", 1).leader_epoch, LeaderEpoch(40));
    EXPECT_EQ(cluster.at("a", 0).leader_epoch, LeaderEpoch(1));
    EXPECT_TRUE(raise_leader_epoch(image, second, LeaderEpoch(7))->empty());
}

TEST(Image, ARecreatedTopicHasAnotherId) {
    OneBroker cluster;
    cluster.create(topic_named("a", 1, 4));
    cluster.apply(delete_topic(cluster.image, uuid_of(1, 0)));
    EXPECT_EQ(cluster.image.topic("a"), nullptr);
    EXPECT_EQ(cluster.image.topic(uuid_of(1, 0)), nullptr);
    EXPECT_EQ(cluster.image.partition_count(), 0U);
    cluster.create(topic_named("a", 2));
    EXPECT_EQ(cluster.image.topic("a")->id, uuid_of(2, 0));
    EXPECT_EQ(
        delete_topic(cluster.image, uuid_of(1, 0)).error().code(), ErrorCode::kUnknownTopicId
    );
}

TEST(Image, ChangesOfABrokerNameItsRegistration) {
    OneBroker cluster;
    const BrokerEpoch epoch = cluster.image.broker(kNode)->epoch;
    kafka::FenceBrokerRecord fence;
    fence.id = kNode.value;
    fence.epoch = epoch + 1;
    EXPECT_EQ(cluster.image.apply(fence).error().code(), ErrorCode::kCorrupt);
    fence.epoch = epoch;
    cluster.apply(Records{fence});
    EXPECT_TRUE(cluster.image.broker(kNode)->fenced);
    kafka::UnfenceBrokerRecord unfence;
    unfence.id = kNode.value;
    unfence.epoch = epoch;
    cluster.apply(Records{unfence});
    EXPECT_TRUE(cluster.image.is_active(kNode));
    kafka::UnregisterBrokerRecord gone;
    gone.broker_id = kNode;
    gone.broker_epoch = epoch;
    cluster.apply(Records{gone});
    EXPECT_EQ(cluster.image.broker(kNode), nullptr);
    EXPECT_EQ(cluster.image.apply(gone).error().code(), ErrorCode::kCorrupt);
}

TEST(Image, ConfigsOfBrokersAreKeptApartFromTheClusters) {
    OneBroker cluster;
    const auto set = [&cluster](const std::string& broker, std::optional<std::string> value) {
        cluster.apply(Records{config_record(kBrokerResource, broker, "a", std::move(value))});
    };
    set("", "1");
    set("1", "3");
    EXPECT_EQ(cluster.image.broker_configs(kNoBroker).at("a"), "1");
    EXPECT_EQ(cluster.image.broker_configs(kNode).at("a"), "3");
    set("1", std::nullopt);
    EXPECT_TRUE(cluster.image.broker_configs(kNode).empty());
    const auto nobody = config_record(kBrokerResource, "x", "a", "1");
    EXPECT_EQ(cluster.image.apply(nobody).error().code(), ErrorCode::kCorrupt);
}

TEST(Image, ItsRecordsMakeItAgain) {
    OneBroker cluster;
    auto second = cluster.start_of(2);
    second.rack = "r";
    second.features.push_back({"metadata.version", 1, 29});
    cluster.register_broker(second);
    cluster.unfence(2);
    NewTopic topic = topic_named("a", 1, 70);
    topic.configs["retention.ms"] = "1000";
    cluster.create(topic);
    cluster.fence(1);
    cluster.apply(Records{config_record(kBrokerResource, "", "a", "1")});
    kafka::FeatureLevelRecord feature;
    feature.name = "metadata.version";
    feature.feature_level = 29;
    kafka::ProducerIdsRecord producers;
    producers.next_producer_id = ProducerId(3000);
    cluster.apply(
        Records{feature, producers, ExtensionRecord{"link", "x", BufferSlice::copy_of("state")}}
    );
    Image again;
    for (const MetadataRecord& record : cluster.image.to_records()) {
        const auto bytes = encode_metadata_record(record);
        ASSERT_TRUE(bytes.has_value()) << bytes.error().to_string();
        ASSERT_TRUE(again.apply(**decode_metadata_record(*bytes)).has_value());
    }
    EXPECT_TRUE(again == cluster.image);
    cluster.unfence(1);
    EXPECT_FALSE(again == cluster.image);
}

TEST(Image, RefusesRecordsThatDoNotFit) {
    Image image;
    kafka::PartitionRecord orphan;
    orphan.partition_id = PartitionId(0);
    EXPECT_EQ(image.apply(orphan).error().code(), ErrorCode::kCorrupt);
    kafka::TopicRecord topic;
    topic.name = "a";
    topic.topic_id = uuid_of(1, 0);
    ASSERT_TRUE(image.apply(topic).has_value());
    EXPECT_EQ(image.apply(topic).error().code(), ErrorCode::kCorrupt);
    topic.name = "b";
    EXPECT_EQ(image.apply(topic).error().code(), ErrorCode::kCorrupt);
    kafka::PartitionRecord gap;
    gap.topic_id = uuid_of(1, 0);
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
