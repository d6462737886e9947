#include "broker/metadata/partition_list.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

PartitionList states_of(std::int32_t count) {
    PartitionList states;
    for (std::int32_t i = 0; i < count; ++i) {
        PartitionState state;
        state.partition_epoch = i;
        states.append(state);
    }
    return states;
}

TEST(PartitionList, KeepsTheirOrderOverBlocks) {
    const PartitionList states = states_of(200);
    ASSERT_EQ(states.size(), 200U);
    std::int32_t expected = 0;
    for (const PartitionState& state : states) EXPECT_EQ(state.partition_epoch, expected++);
    EXPECT_EQ(expected, 200);
    EXPECT_EQ(states.at(130).partition_epoch, 130);
}

TEST(PartitionList, CopiesDoNotSeeChanges) {
    PartitionList states = states_of(100);
    const PartitionList before = states;
    states.change(70).partition_epoch = -1;
    states.append({});
    EXPECT_EQ(before[70].partition_epoch, 70);
    EXPECT_EQ(before.size(), 100U);
    EXPECT_EQ(states[70].partition_epoch, -1);
    EXPECT_EQ(states[71].partition_epoch, 71);
    // The other block is shared.
    EXPECT_EQ(&before[5], &states[5]);
    EXPECT_NE(&before[70], &states[70]);
}

TEST(PartitionList, AreEqualByContent) {
    PartitionList states = states_of(100);
    EXPECT_EQ(states, states_of(100));
    states.change(99).leader = BrokerId(4);
    EXPECT_NE(states, states_of(100));
    EXPECT_NE(states_of(100), states_of(101));
}

TEST(EffectiveMinIsr, IsClampedToTheReplicasThatThePartitionHas) {
    PartitionState state;
    state.replicas = {BrokerId(1), BrokerId(2), BrokerId(3)};
    EXPECT_EQ(effective_min_isr(state, 2), 2U);
    EXPECT_EQ(effective_min_isr(state, 5), 3U);
    EXPECT_EQ(effective_min_isr(state, 0), 1U);
    state.adding = {BrokerId(2), BrokerId(3)};  // growing from one replica to three
    EXPECT_EQ(effective_min_isr(state, 2), 1U);
}

}  // namespace
}  // namespace sealane::broker
