#include "common/placement/placement.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace sealane::placement {
namespace {

std::vector<Broker> brokers(std::int32_t count, std::int32_t racks = 1) {
    std::vector<Broker> all;
    for (std::int32_t id = 1; id <= count; ++id) {
        all.push_back({BrokerId(id), "r" + std::to_string(id % racks), true});
    }
    return all;
}

struct Counts {
    std::map<BrokerId, std::int32_t> leaders;
    std::map<BrokerId, std::int32_t> replicas;
    explicit Counts(const std::vector<Replicas>& placed) {
        for (const Replicas& one : placed) {
            ++leaders[one.front()];
            for (const BrokerId id : one) ++replicas[id];
        }
    }
    static std::int32_t spread(const std::map<BrokerId, std::int32_t>& counts) {
        std::int32_t least = INT32_MAX;
        std::int32_t most = 0;
        for (const auto& [id, count] : counts) {
            least = std::min(least, count);
            most = std::max(most, count);
        }
        return most - least;
    }
};

TEST(Placement, SpreadsLeadersAndReplicasEvenly) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Rng rng(seed);
        const auto placed = place(brokers(7), 70, 3, rng);
        ASSERT_TRUE(placed.has_value());
        const Counts counts(*placed);
        EXPECT_EQ(counts.leaders.size(), 7U);
        EXPECT_LE(Counts::spread(counts.leaders), 1);
        EXPECT_LE(Counts::spread(counts.replicas), 1);
        for (const Replicas& one : *placed) {
            EXPECT_EQ(std::set<BrokerId>(one.begin(), one.end()).size(), 3U);
        }
    }
}

TEST(Placement, EveryReplicaHasARackOfItsOwnWhileThereAreRacks) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Rng rng(seed);
        const auto all = brokers(6, 3);
        const auto placed = place(all, 30, 3, rng);
        for (const Replicas& one : *placed) {
            std::set<std::string> racks;
            for (const BrokerId id : one) {
                racks.insert(all.at(static_cast<std::size_t>(id.value - 1)).rack);
            }
            EXPECT_EQ(racks.size(), 3U);
        }
        EXPECT_LE(Counts::spread(Counts(*placed).leaders), 1);
        EXPECT_LE(Counts::spread(Counts(*placed).replicas), 1);
    }
}

TEST(Placement, FollowersOfOneLeaderAreAllOver) {
    Rng rng(4);
    const auto placed = place(brokers(5), 40, 2, rng);
    std::map<BrokerId, std::set<BrokerId>> followers;
    for (const Replicas& one : *placed) followers[one[0]].insert(one[1]);
    for (const auto& [leader, others] : followers) EXPECT_GE(others.size(), 3U);
}

TEST(Placement, TopicsOfOnePartitionDoNotMeetOnOneBroker) {
    Rng rng(1);
    std::set<BrokerId> leaders;
    for (int i = 0; i < 50; ++i) leaders.insert(place(brokers(4), 1, 1, rng)->at(0).at(0));
    EXPECT_EQ(leaders.size(), 4U);
}

TEST(Placement, UnusableBrokersAreTheLastToBeTaken) {
    Rng rng(1);
    auto all = brokers(4, 2);
    all[0].usable = false;
    const auto enough = place(all, 20, 3, rng);
    for (const Replicas& one : *enough) EXPECT_EQ(std::ranges::count(one, BrokerId(1)), 0);
    const auto scarce = place(all, 20, 4, rng);
    for (const Replicas& one : *scarce) {
        EXPECT_EQ(one.size(), 4U);
        EXPECT_NE(one.front(), BrokerId(1));
    }
}

TEST(Placement, NeedsEnoughBrokersAndOneThatIsUsable) {
    Rng rng(1);
    EXPECT_EQ(place(brokers(2), 1, 3, rng).error().code(), ErrorCode::kInvalidReplicationFactor);
    EXPECT_EQ(place(brokers(2), 1, 0, rng).error().code(), ErrorCode::kInvalidReplicationFactor);
    auto all = brokers(1);
    all[0].usable = false;
    EXPECT_EQ(place(all, 1, 1, rng).error().code(), ErrorCode::kInvalidReplicationFactor);
}

TEST(Placement, TheSameSeedGivesTheSamePlaces) {
    Rng one(9);
    Rng other(9);
    EXPECT_EQ(*place(brokers(6, 2), 12, 3, one), *place(brokers(6, 2), 12, 3, other));
}

}  // namespace
}  // namespace sealane::placement
