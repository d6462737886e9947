// The format of __consumer_offsets, and which partition a group lives in.

#include "broker/coordinator/key_partition.hpp"
#include "broker/groups/coordinator_record.hpp"

#include <gtest/gtest.h>

namespace sealane::broker::groups {
namespace {

std::string hex(const BufferSlice& bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const std::byte byte : bytes.view()) {
        text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
        text += kDigits[std::to_integer<unsigned>(byte) & 0xfU];
    }
    return text;
}

BufferSlice from_hex(std::string_view text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    return BufferSlice::copy_of(bytes);
}

CoordinatorRecord round_trip(const CoordinatorRecord& record) {
    const auto encoded = encode_record(record);
    EXPECT_TRUE(encoded);
    const auto decoded = decode_record(encoded->key, encoded->value);
    EXPECT_TRUE(decoded && *decoded);
    return **decoded;
}

TEST(CoordinatorRecord, OffsetHasKafkasBytes) {
    OffsetRecord record{"g", {"t", PartitionId(3)}, CommittedOffset{}};
    record.value->offset = Offset(100);
    record.value->leader_epoch = LeaderEpoch(5);
    record.value->committed = {1'700'000'000'000};
    const auto encoded = encode_record(record);
    ASSERT_TRUE(encoded);
    EXPECT_EQ(hex(encoded->key), "000100016700017400000003");
    EXPECT_EQ(hex(*encoded->value), "000300000000000000640000000500000000018bcfe56800");
    EXPECT_EQ(round_trip(record), CoordinatorRecord(record));
}

TEST(CoordinatorRecord, ReadsValuesOfLaterKafka) {
    const auto decoded = decode_record(
        from_hex("000100016700017400000003"),
        from_hex("0004000000000000006400000005010000018bcfe5680000")
    );
    ASSERT_TRUE(decoded && *decoded);
    const auto& record = std::get<OffsetRecord>(**decoded);
    EXPECT_EQ(record.value->offset.value, 100);
    EXPECT_EQ(record.value->leader_epoch.value, 5);
}

TEST(CoordinatorRecord, EveryKindSurvivesARoundTrip) {
    OffsetRecord expiring{"g", {"t", PartitionId(0)}, CommittedOffset{}};
    expiring.value->metadata = "note";
    expiring.value->committed = {5};
    expiring.value->expires = {10};
    EXPECT_EQ(round_trip(expiring), CoordinatorRecord(expiring));
    const OffsetRecord gone{"g", {"t", PartitionId(0)}, std::nullopt};
    EXPECT_EQ(round_trip(gone), CoordinatorRecord(gone));
    const GroupRecord deleted{"g", std::nullopt};
    EXPECT_EQ(round_trip(deleted), CoordinatorRecord(deleted));
    GroupRecord group{"g", GroupMetadata{}};
    group.value->protocol_type = "consumer";
    group.value->generation = GroupGeneration(4);
    group.value->protocol = "range";
    group.value->leader = "m1";
    group.value->state_since = {77};
    group.value->members = {
        {"m1", std::nullopt, "c", "/h", 60, 10, BufferSlice::copy_of("s"), BufferSlice()},
        {"m2", "i2", "c", "/h", 60, 10, BufferSlice(), BufferSlice::copy_of("a")}
    };
    EXPECT_EQ(round_trip(group), CoordinatorRecord(group));
    group.value->members.clear();
    group.value->protocol.reset();
    group.value->leader.reset();
    EXPECT_EQ(round_trip(group), CoordinatorRecord(group));
}

TEST(CoordinatorRecord, UnknownTypesAreSkippedAndBrokenBytesAreErrors) {
    const auto later = decode_record(from_hex("000a0001670000"), from_hex("0000"));
    ASSERT_TRUE(later);
    EXPECT_FALSE(*later);
    EXPECT_FALSE(decode_record(from_hex("00"), std::nullopt));
    const BufferSlice key = from_hex("000100016700017400000003");
    const BufferSlice value = from_hex("000300000000000000640000000500000000018bcfe56800");
    for (std::size_t i = 0; i < key.size(); ++i)
        EXPECT_FALSE(decode_record(key.slice(0, i), value)) << i;
    for (std::size_t i = 0; i < value.size(); ++i)
        EXPECT_FALSE(decode_record(key, value.slice(0, i))) << i;
}

TEST(CoordinatorRecord, StoredSizeIsNotBelowTheBytesItTakes) {
    GroupRecord group{"group", GroupMetadata{}};
    for (int i = 0; i < 20; ++i) {
        PersistedMember member;
        member.member_id = std::string(40, 'm');
        member.client_host = "/127.0.0.1";
        member.subscription = BufferSlice::copy_of(std::string(100, 's'));
        group.value->members.push_back(member);
    }
    const auto encoded = encode_record(group);
    ASSERT_TRUE(encoded);
    EXPECT_GE(stored_size(group), encoded->key.size() + encoded->value->size());
}

TEST(GroupPartition, FollowsJavasStringHash) {
    // Values of String.hashCode: "" 0, "g" 103, "console-consumer" 1150031139,
    // "polygenelubricants" -2147483648, U+1F600 (two units) 1772899.
    EXPECT_EQ(partition_of_key("", 50).value, 0);
    EXPECT_EQ(partition_of_key("g", 50).value, 3);
    EXPECT_EQ(partition_of_key("polygenelubricants", 50).value, 0);
    EXPECT_EQ(partition_of_key("\xF0\x9F\x98\x80", 1000).value, 899);
    EXPECT_EQ(partition_of_key("\xC3\xA9", 1000).value, 233);
    EXPECT_EQ(partition_of_key("\xFF", 100000).value, 0xfffd);
}

}  // namespace
}  // namespace sealane::broker::groups
