#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/offsets.hpp"
#include "common/kafka/messages/produce.hpp"

#include <gtest/gtest.h>

namespace sealane::kafka {
namespace {

BufferSlice bytes_of(std::initializer_list<int> bytes) {
    std::string text;
    for (const int byte : bytes) text += static_cast<char>(byte);
    return BufferSlice::copy_of(text);
}

OffsetCommitRequest commit_of_one_partition() {
    OffsetCommitRequest request;
    request.group_id = "group";
    auto& topic = request.topics.emplace_back();
    topic.name = "orders";
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = PartitionId(3);
    partition.committed_offset = Offset(42);
    return request;
}

TEST(Decoder, NamesTheFieldPathAndByteOfTheFirstFailure) {
    const auto bytes = encode(commit_of_one_partition(), 2);
    ASSERT_TRUE(bytes);
    // The last bytes are: int64 offset, int16 length 0 of the metadata.
    const auto cut = decode<OffsetCommitRequest>(bytes->slice(0, bytes->size() - 5), 2);
    ASSERT_FALSE(cut);
    EXPECT_EQ(
        cut.error().to_string(),
        Error(
            ErrorCode::kMalformed,
            "OffsetCommitRequest v2: Topics[0].Partitions[0].CommittedOffset at byte 41: need 8 "
            "bytes, 5 left"
        )
            .to_string()
    );
}

TEST(Decoder, RefusesHugeCountsBeforeAllocating) {
    // Metadata v0: 2147483647 topics in no bytes.
    const auto legacy = decode<MetadataRequest>(bytes_of({0x7f, 0xff, 0xff, 0xff}), 0);
    ASSERT_FALSE(legacy);
    EXPECT_EQ(legacy.error().code(), ErrorCode::kOutOfBounds);
    EXPECT_NE(legacy.error().detail().find("Topics"), std::string::npos);
    // Metadata v9: 4294967294 topics as unsigned varint.
    const auto flexible = decode<MetadataRequest>(bytes_of({0xff, 0xff, 0xff, 0xff, 0x0f}), 9);
    ASSERT_FALSE(flexible);
    EXPECT_EQ(flexible.error().code(), ErrorCode::kOutOfBounds);
}

TEST(Decoder, RefusesLengthsBelowMinusOne) {
    const auto decoded = decode<MetadataRequest>(bytes_of({0xff, 0xff, 0xff, 0xfe}), 0);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code(), ErrorCode::kMalformed);
}

TEST(Decoder, RefusesNullWhereTheVersionHasNone) {
    const auto null_in_v0 = decode<MetadataRequest>(bytes_of({0xff, 0xff, 0xff, 0xff}), 0);
    ASSERT_FALSE(null_in_v0);
    EXPECT_NE(null_in_v0.error().detail().find("null"), std::string::npos);
    const auto null_in_v1 = decode<MetadataRequest>(bytes_of({0xff, 0xff, 0xff, 0xff}), 1);
    ASSERT_TRUE(null_in_v1);
    EXPECT_FALSE(null_in_v1->topics.has_value());
}

TEST(Decoder, RefusesOverlongVarints) {
    const auto decoded = decode<MetadataRequest>(bytes_of({0xff, 0xff, 0xff, 0xff, 0xff, 0x01}), 9);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code(), ErrorCode::kMalformed);
}

TEST(Decoder, SkipsUnknownTaggedFields) {
    // Metadata v12: no topics, three flags, then tags 5 (3 bytes) and 300 (none).
    const auto decoded = decode<MetadataRequest>(
        bytes_of({0x01, 0x00, 0x01, 0x02, 0x05, 0x03, 0xaa, 0xbb, 0xcc, 0xac, 0x02, 0x00}), 12
    );
    ASSERT_TRUE(decoded) << decoded.error().to_string();
    EXPECT_FALSE(decoded->allow_auto_topic_creation);
    EXPECT_TRUE(decoded->include_topic_authorized_operations);
}

TEST(Decoder, RefusesATaggedFieldWithTheWrongSize) {
    FetchRequest request;
    request.cluster_id = "abc";
    const auto bytes = encode(request, 12);
    ASSERT_TRUE(bytes);
    std::string changed(bytes->text());
    const std::size_t at = changed.find(std::string(
        "\x00\x04\x04"
        "abc",
        6
    ));
    ASSERT_NE(at, std::string::npos);
    changed[at + 2] = '\x03';  // the string ends one byte before its field
    const auto decoded = decode<FetchRequest>(BufferSlice::copy_of(changed), 12);
    ASSERT_FALSE(decoded);
    EXPECT_NE(decoded.error().detail().find("left over"), std::string::npos);
}

TEST(Decoder, RefusesTagCountsAndSizesBeyondTheEnd) {
    EXPECT_FALSE(decode<MetadataRequest>(bytes_of({1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f}), 12));
    EXPECT_FALSE(decode<MetadataRequest>(bytes_of({1, 0, 0, 1, 9, 4, 0, 0, 0}), 12));
}

TEST(Decoder, GivesRecordsAsSlicesOfTheInput) {
    ProduceRequest request;
    auto& topic = request.topic_data.emplace_back();
    topic.name = "t";
    topic.partition_data.emplace_back().records = BufferSlice::copy_of("0123456789");
    const auto bytes = encode(request, 9);
    ASSERT_TRUE(bytes);
    const auto decoded = decode<ProduceRequest>(*bytes, 9);
    ASSERT_TRUE(decoded);
    const BufferSlice& records = *decoded->topic_data[0].partition_data[0].records;
    EXPECT_EQ(records.text(), "0123456789");
    EXPECT_GE(records.data(), bytes->data());
    EXPECT_LE(records.data() + records.size(), bytes->data() + bytes->size());
}

TEST(Decoder, LeavesFieldsOfOtherVersionsAtTheirDefault) {
    const auto bytes = encode(commit_of_one_partition(), 2);
    ASSERT_TRUE(bytes);
    const auto decoded = decode<OffsetCommitRequest>(*bytes, 2);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->topics[0].partitions[0].committed_leader_epoch, kNoLeaderEpoch);
    EXPECT_EQ(decoded->generation_id_or_member_epoch, GroupGeneration(-1));
}

TEST(Decoder, MovesBehindAPrefixOnlyOnSuccess) {
    BufferSlice bytes = bytes_of({0, 0, 0, 0, 7, 7});
    ASSERT_TRUE(decode_prefix<MetadataRequest>(bytes, 0));
    EXPECT_EQ(bytes.size(), 2U);
    ASSERT_FALSE(decode_prefix<MetadataRequest>(bytes, 0));
    EXPECT_EQ(bytes.size(), 2U);
}

}  // namespace
}  // namespace sealane::kafka
