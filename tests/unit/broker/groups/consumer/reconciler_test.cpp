#include "broker/groups/consumer/reconciler.hpp"

#include "tests/unit/broker/groups/consumer/consumer_script.hpp"

namespace sealane::broker::groups {
namespace {

HeldPartitions held(std::vector<std::int32_t> numbers, std::int32_t since) {
    HeldPartitions all;
    for (const TopicIdPartition& each : partitions_of(1, std::move(numbers))) all[each] = since;
    return all;
}

CurrentAssignment stable(std::int32_t epoch, std::vector<std::int32_t> numbers) {
    return {epoch, epoch - 1, MemberState::kStable, held(std::move(numbers), epoch), {}};
}

CurrentAssignment step(
    const CurrentAssignment& current,
    const PartitionSet& target,
    std::int32_t epoch,
    std::optional<PartitionSet> owned = {},
    const PartitionSet& taken = {}
) {
    return reconciled(
        current,
        {target,
         epoch,
         owned ? &*owned : nullptr,
         [&taken](const TopicIdPartition& each) { return !taken.contains(each); }}
    );
}

TEST(Reconciler, AMemberAtTheTargetStays) {
    const CurrentAssignment current = stable(3, {0, 1});
    EXPECT_EQ(step(current, partitions_of(1, {0, 1}), 3), current);
}

TEST(Reconciler, FreePartitionsAreTakenAtOnce) {
    const auto next = step(stable(3, {0}), partitions_of(1, {0, 1}), 4);
    EXPECT_EQ(next.epoch, 4);
    EXPECT_EQ(next.previous_epoch, 3);
    EXPECT_EQ(next.state, MemberState::kStable);
    EXPECT_EQ(
        next.assigned,
        (HeldPartitions{{{topic_id(1), PartitionId(0)}, 3}, {{topic_id(1), PartitionId(1)}, 4}})
    );
}

TEST(Reconciler, NothingIsTakenBeforeEverythingIsGivenUp) {
    const auto next = step(stable(3, {0, 1}), partitions_of(1, {1, 2}), 4);
    EXPECT_EQ(next.epoch, 3);
    EXPECT_EQ(next.state, MemberState::kUnrevoked);
    EXPECT_EQ(keys_of(next.assigned), partitions_of(1, {1}));
    EXPECT_EQ(keys_of(next.pending_revocation), partitions_of(1, {0}));
    // Silence about what it owns, or still owning it, is no answer.
    EXPECT_EQ(step(next, partitions_of(1, {1, 2}), 4), next);
    EXPECT_EQ(step(next, partitions_of(1, {1, 2}), 4, partitions_of(1, {0, 1})), next);
    const auto done = step(next, partitions_of(1, {1, 2}), 4, partitions_of(1, {1}));
    EXPECT_EQ(done.epoch, 4);
    EXPECT_EQ(done.state, MemberState::kStable);
    EXPECT_EQ(keys_of(done.assigned), partitions_of(1, {1, 2}));
    EXPECT_TRUE(done.pending_revocation.empty());
}

TEST(Reconciler, WhatOthersHoldIsWaitedFor) {
    const PartitionSet target = partitions_of(1, {0, 1});
    const auto waiting = step(stable(3, {0}), target, 4, {}, partitions_of(1, {1}));
    EXPECT_EQ(waiting.epoch, 4);
    EXPECT_EQ(waiting.state, MemberState::kUnreleased);
    EXPECT_EQ(keys_of(waiting.assigned), partitions_of(1, {0}));
    EXPECT_EQ(step(waiting, target, 4, {}, partitions_of(1, {1})), waiting);
    const auto done = step(waiting, target, 4);
    EXPECT_EQ(done.state, MemberState::kStable);
    EXPECT_EQ(done.previous_epoch, 3) << "an answer may still be lost";
    EXPECT_EQ(keys_of(done.assigned), target);
}

TEST(Reconciler, ATargetThatMovedOnAsksForMore) {
    const auto first = step(stable(3, {0, 1, 2}), partitions_of(1, {1, 2}), 4);
    const auto second = step(first, partitions_of(1, {2}), 5, partitions_of(1, {1, 2}));
    EXPECT_EQ(second.epoch, 4);
    EXPECT_EQ(second.state, MemberState::kUnrevoked);
    EXPECT_EQ(keys_of(second.pending_revocation), partitions_of(1, {1}));
}

TEST(Reconciler, AMemberThatOwnsNothingNeedsNotGiveUp) {
    const auto next = step(stable(3, {0, 1}), partitions_of(1, {2}), 4, PartitionSet{});
    EXPECT_EQ(next.epoch, 4);
    EXPECT_EQ(keys_of(next.assigned), partitions_of(1, {2}));
}

}  // namespace
}  // namespace sealane::broker::groups
