#include "mirror/offsets/group_sync.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror {
namespace {

const GroupPartition kOne{"g", {"log", PartitionId(0)}};

GroupSync synced(std::int64_t source, std::optional<Offset> target) {
    GroupSync sync;
    sync.on_source(kOne, Offset(source), "");
    sync.on_target(kOne, target);
    return sync;
}

TEST(GroupSync, ReadsTheTargetBeforeTheFirstWrite) {
    GroupSync sync;
    sync.on_source(kOne, Offset(5), "");
    EXPECT_EQ(sync.unread().size(), 1U);
    EXPECT_TRUE(sync.pending().empty());
    sync.on_target(kOne, std::nullopt);
    EXPECT_TRUE(sync.unread().empty());
    EXPECT_EQ(sync.pending().size(), 1U);
}

TEST(GroupSync, WritesOnceUntilTheSourceMoves) {
    GroupSync sync = synced(5, std::nullopt);
    EXPECT_EQ(sync.decide(kOne, Offset(6), Offset(10)), Offset(6));
    sync.on_written(kOne, Offset(5), Offset(6));
    EXPECT_TRUE(sync.pending().empty());
    sync.on_source(kOne, Offset(7), "");
    EXPECT_EQ(sync.pending().size(), 1U);
}

TEST(GroupSync, WaitsForDataNeverBeyondIt) {
    GroupSync sync = synced(5, std::nullopt);
    EXPECT_FALSE(sync.decide(kOne, std::nullopt, Offset(10)));
    EXPECT_FALSE(sync.decide(kOne, Offset(11), Offset(10)));
    EXPECT_EQ(sync.pending().size(), 1U);
    EXPECT_EQ(sync.decide(kOne, Offset(10), Offset(10)), Offset(10));
}

TEST(GroupSync, DoesNotMoveAGroupBackThatIsFurtherAtTheTarget) {
    GroupSync sync = synced(5, Offset(9));
    EXPECT_FALSE(sync.decide(kOne, Offset(6), Offset(10)));
    EXPECT_TRUE(sync.pending().empty());
}

TEST(GroupSync, FollowsASourceThatWasRewound) {
    GroupSync sync = synced(5, std::nullopt);
    (void)sync.decide(kOne, Offset(6), Offset(10));
    sync.on_written(kOne, Offset(5), Offset(6));
    sync.on_source(kOne, Offset(2), "");
    EXPECT_EQ(sync.decide(kOne, Offset(3), Offset(10)), Offset(3));
    sync.on_written(kOne, Offset(2), Offset(3));
    EXPECT_TRUE(sync.pending().empty());
}

TEST(GroupSync, ARefusedWriteIsTriedAgain) {
    GroupSync sync = synced(5, std::nullopt);
    EXPECT_TRUE(sync.decide(kOne, Offset(6), Offset(10)));
    EXPECT_EQ(sync.pending().size(), 1U);
    EXPECT_TRUE(sync.decide(kOne, Offset(6), Offset(10)));
}

TEST(GroupSync, AWriteOfAnOlderOffsetLeavesTheNewerPending) {
    GroupSync sync = synced(5, std::nullopt);
    (void)sync.decide(kOne, Offset(6), Offset(10));
    sync.on_source(kOne, Offset(7), "");
    sync.on_written(kOne, Offset(5), Offset(6));
    EXPECT_EQ(sync.pending().size(), 1U);
}

}  // namespace
}  // namespace sealane::mirror
