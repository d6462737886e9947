#include "common/client/group_membership.hpp"

#include <gtest/gtest.h>

namespace sealane::client {
namespace {

using Reaction = GroupMembership::Reaction;

std::string hex(const BufferSlice& bytes) {
    std::string text;
    for (const std::byte b : bytes.view()) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[std::to_integer<std::size_t>(b) >> 4U];
        text += kDigits[std::to_integer<std::size_t>(b) & 15U];
    }
    return text;
}

TEST(GroupMembership, ReactsToTheCoordinatorsErrors) {
    EXPECT_EQ(GroupMembership::reaction_to(ErrorCode::kNone), Reaction::kNone);
    EXPECT_EQ(GroupMembership::reaction_to(ErrorCode::kNotCoordinator), Reaction::kFindCoordinator);
    EXPECT_EQ(
        GroupMembership::reaction_to(ErrorCode::kCoordinatorLoadInProgress), Reaction::kRetry
    );
    EXPECT_EQ(GroupMembership::reaction_to(ErrorCode::kRebalanceInProgress), Reaction::kRejoin);
    EXPECT_EQ(GroupMembership::reaction_to(ErrorCode::kUnknownMemberId), Reaction::kRejoinAsNew);
    EXPECT_EQ(GroupMembership::reaction_to(ErrorCode::kIllegalGeneration), Reaction::kRejoinAsNew);
    EXPECT_EQ(GroupMembership::reaction_to(ErrorCode::kFencedInstanceId), Reaction::kFatal);
    EXPECT_EQ(GroupMembership::reaction_to(ErrorCode::kGroupAuthorizationFailed), Reaction::kFatal);
}

TEST(ConsumerProtocol, WritesTheBytesOfVersionZero) {
    EXPECT_EQ(hex(*encode_subscription({"t"})), "000000000001000174ffffffff");
    EXPECT_EQ(
        hex(*encode_assignment({{"t", PartitionId(0)}, {"t", PartitionId(1)}})),
        "000000000001000174000000020000000000000001ffffffff"
    );
}

TEST(ConsumerProtocol, ReadsWhatItWrites) {
    const std::vector<TopicPartition> partitions{
        {"a", PartitionId(3)}, {"b", PartitionId(0)}, {"b", PartitionId(1)}
    };
    EXPECT_EQ(*decode_assignment(*encode_assignment(partitions)), partitions);
    EXPECT_EQ(
        *decode_subscription(*encode_subscription({"x", "y"})), (std::vector<std::string>{"x", "y"})
    );
    EXPECT_TRUE(decode_assignment({})->empty());
}

TEST(ConsumerProtocol, NewerVersionsAreReadAsFarAsKnown) {
    BufferChain newer(*encode_subscription({"t"}));
    newer.append(BufferSlice::copy_of(std::string_view("\0\0\0\0\0\0\0\x07\0\0", 10)));
    BufferSlice bytes = newer.joined();
    MutableBuffer copy(bytes.size() + 4);
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    std::memset(copy.data() + bytes.size(), 0, 4);
    copy.data()[1] = std::byte{9};
    EXPECT_EQ(*decode_subscription(std::move(copy).freeze()), std::vector<std::string>{"t"});
}

TEST(ConsumerProtocol, RefusesGarbage) {
    EXPECT_FALSE(decode_subscription(BufferSlice::copy_of("x")));
    EXPECT_FALSE(decode_subscription({}));
    EXPECT_FALSE(decode_assignment(BufferSlice::copy_of("garbage, really")));
}

TEST(RangeAssignor, GivesRunsToMembersInOrder) {
    const auto shares = assign_ranges({{"m1", {"t"}}, {"m2", {"t"}}}, {{"t", 5}});
    EXPECT_EQ(shares.at("m1").size(), 3U);
    EXPECT_EQ(shares.at("m2").size(), 2U);
    EXPECT_EQ(shares.at("m1").front(), (TopicPartition{"t", PartitionId(0)}));
    EXPECT_EQ(shares.at("m2").front(), (TopicPartition{"t", PartitionId(3)}));
}

TEST(RangeAssignor, EveryPartitionHasOneOwnerAmongTheSubscribers) {
    const auto shares = assign_ranges(
        {{"m1", {"a"}}, {"m2", {"a", "b"}}, {"m3", {}}}, {{"a", 3}, {"b", 2}, {"c", 4}}
    );
    std::map<TopicPartition, int> owners;
    for (const auto& [member, share] : shares) {
        for (const TopicPartition& partition : share) ++owners[partition];
    }
    EXPECT_EQ(owners.size(), 5U);  // nobody subscribed to c
    for (const auto& [partition, count] : owners) EXPECT_EQ(count, 1);
    EXPECT_TRUE(shares.at("m3").empty());
}

TEST(RangeAssignor, MoreMembersThanPartitions) {
    const auto shares = assign_ranges({{"m1", {"t"}}, {"m2", {"t"}}, {"m3", {"t"}}}, {{"t", 2}});
    EXPECT_EQ(shares.at("m1").size(), 1U);
    EXPECT_EQ(shares.at("m3").size(), 0U);
}

}  // namespace
}  // namespace sealane::client
