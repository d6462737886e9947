#include "common/placement/reassignment_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <ranges>

namespace sealane::placement {
namespace {

std::vector<Broker> brokers(std::int32_t count, std::int32_t racks = 1) {
    std::vector<Broker> all;
    for (std::int32_t id = 1; id <= count; ++id) {
        all.push_back({BrokerId(id), "r" + std::to_string(id % racks), true});
    }
    return all;
}

std::vector<Partition> placed(
    const std::vector<Broker>& on, std::int32_t count, std::size_t factor, std::uint64_t seed = 1
) {
    Rng rng(seed);
    std::vector<Partition> partitions;
    for (const Replicas& replicas : *place(on, count, factor, rng)) {
        const PartitionId id(static_cast<std::int32_t>(partitions.size()));
        partitions.push_back({"t", id, replicas});
    }
    return partitions;
}

std::vector<Partition> after(std::vector<Partition> partitions, const Plan& plan) {
    for (const Partition& move : plan.moves) {
        partitions.at(static_cast<std::size_t>(move.partition.value)) = move;
    }
    return partitions;
}

std::int32_t spread(
    const std::vector<Broker>& on, const std::vector<Partition>& partitions, bool leaders_only
) {
    std::map<BrokerId, std::int32_t> counts;
    for (const Broker& broker : on) counts[broker.id] = 0;
    for (const Partition& partition : partitions) {
        for (const BrokerId id : partition.replicas) {
            ++counts[id];
            if (leaders_only) break;
        }
    }
    const auto [least, most] =
        std::ranges::minmax(counts | std::views::transform([](auto& e) { return e.second; }));
    return most - least;
}

std::size_t rack_conflicts(
    const std::vector<Broker>& on, const std::vector<Partition>& partitions
) {
    std::size_t conflicts = 0;
    for (const Partition& partition : partitions) {
        std::set<std::string> racks;
        for (const BrokerId id : partition.replicas) {
            racks.insert(on.at(static_cast<std::size_t>(id.value - 1)).rack);
        }
        conflicts += partition.replicas.size() - racks.size();
    }
    return conflicts;
}

TEST(ReassignmentPlan, ADrainedBrokerHasNothingLeftAndOthersMoveNothing) {
    const auto all = brokers(6, 3);
    const auto before = placed(all, 30, 3);
    const auto plan = plan_drain(all, before, {BrokerId(2)});
    ASSERT_TRUE(plan.has_value());
    const auto now = after(before, *plan);
    std::size_t had = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        EXPECT_EQ(std::ranges::count(now[i].replicas, BrokerId(2)), 0);
        EXPECT_EQ(std::set<BrokerId>(now[i].replicas.begin(), now[i].replicas.end()).size(), 3U);
        if (std::ranges::count(before[i].replicas, BrokerId(2)) > 0) ++had;
    }
    EXPECT_EQ(plan->moves.size(), had);
    EXPECT_EQ(plan->replicas_moved, had);
    EXPECT_EQ(rack_conflicts(all, now), 0U);
}

TEST(ReassignmentPlan, DrainingSpreadsOverWhoHasLeast) {
    const auto all = brokers(4);
    const auto before = placed(brokers(3), 12, 2);
    const auto plan = plan_drain(all, before, {BrokerId(1)});
    for (const Partition& move : plan->moves) {
        EXPECT_EQ(std::ranges::count(move.replicas, BrokerId(4)), 1);
    }
}

TEST(ReassignmentPlan, ADrainNeedsSomewhereToGo) {
    const auto all = brokers(3);
    const auto before = placed(all, 3, 3);
    EXPECT_EQ(
        plan_drain(all, before, {BrokerId(1)}).error().code(), ErrorCode::kInvalidReplicationFactor
    );
    EXPECT_TRUE(plan_drain(all, before, {BrokerId(9)})->moves.empty());
}

TEST(ReassignmentPlan, ANewBrokerGetsItsShareAndNotMore) {
    const auto all = brokers(4);
    const auto before = placed(brokers(3), 24, 2);
    const Plan plan = plan_balance(all, before);
    const auto now = after(before, plan);
    EXPECT_LE(spread(all, now, false), 1);
    EXPECT_LE(spread(all, now, true), 1);
    EXPECT_EQ(plan.replicas_moved, 12U);  // 48 replicas on 4 brokers
}

TEST(ReassignmentPlan, WhatIsEvenStays) {
    const auto all = brokers(6, 3);
    EXPECT_TRUE(plan_balance(all, placed(all, 30, 3)).moves.empty());
    EXPECT_TRUE(plan_balance({}, {}).moves.empty());
}

TEST(ReassignmentPlan, LeadersAreEvenedOutWithoutMovingData) {
    const auto all = brokers(3);
    std::vector<Partition> before;
    for (std::int32_t i = 0; i < 9; ++i) {
        before.push_back({"t", PartitionId(i), {BrokerId(1), BrokerId(2), BrokerId(3)}});
    }
    const Plan plan = plan_balance(all, before);
    EXPECT_EQ(plan.replicas_moved, 0U);
    EXPECT_EQ(plan.moves.size(), 6U);
    EXPECT_EQ(spread(all, after(before, plan), true), 0);
}

TEST(ReassignmentPlan, RacksGetTheirReplica) {
    const auto all = brokers(4, 2);  // odd ids in one rack, even ids in the other
    std::vector<Partition> before;
    for (std::int32_t i = 0; i < 8; ++i) {
        before.push_back({"t", PartitionId(i), {BrokerId(1), BrokerId(3)}});
    }
    const Plan plan = plan_balance(all, before);
    const auto now = after(before, plan);
    EXPECT_EQ(rack_conflicts(all, now), 0U);
    EXPECT_EQ(plan.replicas_moved, 8U);
    EXPECT_LE(spread(all, now, false), 1);
}

TEST(ReassignmentPlan, BrokersThatAreNotUsableKeepWhatTheyHave) {
    auto all = brokers(4);
    const auto before = placed(all, 16, 2);
    all[3].usable = false;
    const auto now = after(before, plan_balance(all, before));
    for (std::size_t i = 0; i < now.size(); ++i) {
        EXPECT_EQ(
            std::ranges::count(now[i].replicas, BrokerId(4)),
            std::ranges::count(before[i].replicas, BrokerId(4))
        );
    }
}

TEST(ReassignmentPlan, AnyLayoutBecomesEvenWithoutMoreRackConflicts) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        SCOPED_TRACE(seed);
        Rng rng(seed);
        const auto all = brokers(6, 1 + static_cast<std::int32_t>(rng.below(3)));
        std::vector<Partition> before;
        for (std::int32_t i = 0; i < 40; ++i) {
            Replicas replicas;
            while (replicas.size() < 3) {
                // Low ids much more often.
                const BrokerId id(static_cast<std::int32_t>(1 + rng.below(1 + rng.below(6))));
                if (std::ranges::count(replicas, id) == 0) replicas.push_back(id);
            }
            before.push_back({"t", PartitionId(i), replicas});
        }
        const Plan plan = plan_balance(all, before);
        const auto now = after(before, plan);
        EXPECT_LE(spread(all, now, false), 1);
        EXPECT_LE(spread(all, now, true), 1);
        EXPECT_LE(rack_conflicts(all, now), rack_conflicts(all, before));
        EXPECT_TRUE(plan_balance(all, now).moves.empty());
    }
}

}  // namespace
}  // namespace sealane::placement
