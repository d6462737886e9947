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

TEST(MetadataRecord, SkipsNoOpAndRefusesTheUnknown) {
    const auto no_op = decode_metadata_record(BufferSlice::copy_of(std::string("\x01\x14\0\0", 4)));
    ASSERT_TRUE(no_op.has_value());
    EXPECT_FALSE(no_op->has_value());
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
