#include "broker/metadata/metadata_record.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

MetadataRecord round_trip(const MetadataRecord& record) {
    const auto bytes = encode_metadata_record(record);
    EXPECT_TRUE(bytes.has_value());
    auto back = decode_metadata_record(*bytes);
    EXPECT_TRUE(back.has_value() && back->has_value());
    return **std::move(back);
}

TEST(MetadataRecord, TopicRecordHasKafkasBytes) {
    kafka::TopicRecord topic;
    topic.name = "t";
    for (std::uint8_t i = 0; i < 16; ++i)
        topic.topic_id.bytes.at(i) = static_cast<std::uint8_t>(i + 1);
    const auto bytes = encode_metadata_record(topic);
    ASSERT_TRUE(bytes.has_value());
    const std::string expected(
        "\x01\x02\x00\x02"
        "t\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x00",
        22
    );
    EXPECT_EQ(bytes->text(), expected);
}

TEST(MetadataRecord, ComesBackAsItWas) {
    kafka::PartitionRecord partition;
    partition.partition_id = PartitionId(4);
    partition.replicas = {BrokerId(1)};
    partition.leader_epoch = LeaderEpoch(9);
    EXPECT_EQ(std::get<kafka::PartitionRecord>(round_trip(partition)), partition);
    const ExtensionRecord extension{"link", "a", BufferSlice::copy_of("xyz")};
    const auto back = std::get<ExtensionRecord>(round_trip(extension));
    EXPECT_EQ(back.family, "link");
    EXPECT_EQ(back.name, "a");
    EXPECT_EQ(back.value->text(), "xyz");
    const ExtensionRecord removal{"link", "a", std::nullopt};
    EXPECT_FALSE(std::get<ExtensionRecord>(round_trip(removal)).value.has_value());
}

// The version on the wire is the lowest that can say what the record says.
std::uint8_t version_of(const MetadataRecord& record) {
    return static_cast<std::uint8_t>(encode_metadata_record(record)->text().at(2));
}

TEST(MetadataRecord, IsWrittenInTheLowestVersionThatHoldsIt) {
    kafka::PartitionRecord partition;
    EXPECT_EQ(version_of(partition), 0);
    partition.directories = {Uuid{}};
    EXPECT_EQ(version_of(partition), 1);
    partition.eligible_leader_replicas = std::vector{BrokerId(2)};
    EXPECT_EQ(version_of(partition), 2);
    EXPECT_EQ(std::get<kafka::PartitionRecord>(round_trip(partition)), partition);
    kafka::PartitionChangeRecord change;
    change.isr = std::vector{BrokerId(1)};
    EXPECT_EQ(version_of(change), 0);
    change.directories = std::vector<Uuid>{Uuid{}};
    EXPECT_EQ(version_of(change), 1);
    change.last_known_elr = std::vector<BrokerId>{};
    EXPECT_EQ(version_of(change), 2);
    EXPECT_EQ(std::get<kafka::PartitionChangeRecord>(round_trip(change)), change);
}

TEST(MetadataRecord, BrokersComeBackAsTheyWere) {
    kafka::RegisterBrokerRecord broker;
    broker.broker_id = BrokerId(3);
    broker.rack = std::nullopt;
    EXPECT_EQ(version_of(broker), 0);
    broker.in_controlled_shutdown = true;
    EXPECT_EQ(version_of(broker), 1);
    broker.log_dirs = {Uuid{{1}}};
    broker.end_points.push_back({"A", "host", 9092, 1});
    broker.features.push_back({"f", 1, 2});
    EXPECT_EQ(version_of(broker), 3);
    EXPECT_EQ(std::get<kafka::RegisterBrokerRecord>(round_trip(broker)), broker);
    kafka::BrokerRegistrationChangeRecord change;
    change.fenced = -1;
    EXPECT_EQ(version_of(change), 0);
    change.in_controlled_shutdown = 1;
    EXPECT_EQ(std::get<kafka::BrokerRegistrationChangeRecord>(round_trip(change)), change);
    change.log_dirs = {Uuid{{1}}};
    EXPECT_EQ(std::get<kafka::BrokerRegistrationChangeRecord>(round_trip(change)), change);
    (void)std::get<kafka::FenceBrokerRecord>(round_trip(kafka::FenceBrokerRecord{}));
    (void)std::get<kafka::UnfenceBrokerRecord>(round_trip(kafka::UnfenceBrokerRecord{}));
    (void)std::get<kafka::UnregisterBrokerRecord>(round_trip(kafka::UnregisterBrokerRecord{}));
    (void)std::get<kafka::FeatureLevelRecord>(round_trip(kafka::FeatureLevelRecord{}));
    (void)std::get<kafka::NoOpRecord>(round_trip(kafka::NoOpRecord{}));
}

TEST(MetadataRecord, SkipsControllersAndRefusesTheUnknown) {
    const auto controller =
        decode_metadata_record(BufferSlice::copy_of(std::string("\x01\x1b\0\0", 4)));
    ASSERT_TRUE(controller.has_value());
    EXPECT_FALSE(controller->has_value());
    const auto unknown =
        decode_metadata_record(BufferSlice::copy_of(std::string("\x01\x7f\0\0", 4)));
    EXPECT_EQ(unknown.error().code(), ErrorCode::kCorrupt);
}

TEST(MetadataRecord, EveryCutIsAnError) {
    const MetadataRecord record = ExtensionRecord{"family", "name", BufferSlice::copy_of("value")};
    const auto bytes = encode_metadata_record(record);
    for (std::size_t size = 0; size < bytes->size(); ++size) {
        EXPECT_FALSE(decode_metadata_record(bytes->slice(0, size)).has_value()) << size;
    }
}

}  // namespace
}  // namespace sealane::broker
