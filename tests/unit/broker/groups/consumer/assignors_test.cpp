// Assignors against what they promise: everything to somebody who wants it, evenly, and few moves.

#include "broker/groups/consumer/assignors.hpp"

#include "common/base/rng.hpp"
#include "tests/unit/broker/groups/consumer/consumer_script.hpp"

namespace sealane::broker::groups {
namespace {

AssignorInput input_of(int members, std::map<std::uint8_t, std::int32_t> topics) {
    AssignorInput input;
    for (const auto& [number, partitions] : topics) input.topics[topic_id(number)] = partitions;
    for (int i = 0; i < members; ++i) {
        AssignorMember& member = input.members.emplace_back();
        member.id = "m" + std::to_string(i);
        for (const auto& [id, partitions] : input.topics) member.topics.insert(id);
    }
    return input;
}

void remember(AssignorInput& input, const Targets& targets) {
    for (std::size_t i = 0; i < targets.size(); ++i) input.members[i].previous = targets[i];
}

std::size_t moved(const AssignorInput& input, const Targets& targets) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < targets.size(); ++i)
        for (const TopicIdPartition& each : targets[i])
            count += input.members[i].previous.contains(each) ? 0 : 1;
    return count;
}

// Every partition of a topic that has subscribers is one subscriber's.
void expect_complete(const AssignorInput& input, const Targets& targets) {
    PartitionSet all;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        for (const TopicIdPartition& each : targets[i]) {
            EXPECT_TRUE(all.insert(each).second) << "given twice";
            EXPECT_TRUE(input.members[i].topics.contains(each.topic)) << "not subscribed";
            EXPECT_LT(each.partition.value, input.topics.at(each.topic));
        }
    }
    std::size_t wanted = 0;
    for (const auto& [topic, partitions] : input.topics) {
        const bool somebody = std::ranges::any_of(input.members, [&](const AssignorMember& each) {
            return each.topics.contains(topic);
        });
        if (somebody) wanted += static_cast<std::size_t>(partitions);
    }
    EXPECT_EQ(all.size(), wanted);
}

TEST(UniformAssignor, SpreadsEvenly) {
    const AssignorInput input = input_of(3, {{1, 7}, {2, 4}});
    const Targets targets = assign(Assignor::kUniform, input);
    expect_complete(input, targets);
    std::vector<std::size_t> sizes;
    for (const PartitionSet& each : targets) sizes.push_back(each.size());
    std::ranges::sort(sizes);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 4, 4}));
}

TEST(UniformAssignor, ANewMemberTakesOnlyItsShare) {
    AssignorInput input = input_of(3, {{1, 12}});
    const Targets before = assign(Assignor::kUniform, input);
    remember(input, before);
    input.members.push_back({"m3", std::nullopt, input.members[0].topics, {}});
    const Targets targets = assign(Assignor::kUniform, input);
    expect_complete(input, targets);
    EXPECT_EQ(targets[3].size(), 3U);
    EXPECT_EQ(moved(input, targets), 3U);
}

TEST(UniformAssignor, NothingMovesWithoutNeed) {
    AssignorInput input = input_of(5, {{1, 13}, {2, 8}});
    remember(input, assign(Assignor::kUniform, input));
    EXPECT_EQ(moved(input, assign(Assignor::kUniform, input)), 0U);
}

TEST(UniformAssignor, FollowsSubscriptionsThatDiffer) {
    AssignorInput input = input_of(3, {{1, 6}, {2, 6}});
    input.members[0].topics = {topic_id(1)};
    input.members[2].topics = {topic_id(2)};
    const Targets targets = assign(Assignor::kUniform, input);
    expect_complete(input, targets);
    for (const PartitionSet& each : targets) EXPECT_EQ(each.size(), 4U);
}

TEST(UniformAssignor, ForgetsWhatIsGone) {
    AssignorInput input = input_of(2, {{1, 4}});
    input.members[0].previous = partitions_of(1, {0, 1, 2, 3, 4, 9});
    input.members[0].previous.insert({topic_id(7), PartitionId(0)});
    const Targets targets = assign(Assignor::kUniform, input);
    expect_complete(input, targets);
    EXPECT_EQ(targets[0].size(), 2U);
}

TEST(RangeAssignor, GivesNeighboursAndPairsTopics) {
    const AssignorInput input = input_of(2, {{1, 5}, {2, 5}});
    const Targets targets = assign(Assignor::kRange, input);
    expect_complete(input, targets);
    PartitionSet first = partitions_of(1, {0, 1, 2});
    first.merge(partitions_of(2, {0, 1, 2}));
    EXPECT_EQ(targets[0], first);
}

TEST(RangeAssignor, AStaticMemberKeepsItsRunUnderAnotherId) {
    AssignorInput input = input_of(3, {{1, 6}});
    input.members[0].instance_id = "b";
    input.members[2].instance_id = "a";
    const Targets before = assign(Assignor::kRange, input);
    EXPECT_EQ(before[2], partitions_of(1, {0, 1}));
    input.members[2].id = "m9";
    EXPECT_EQ(assign(Assignor::kRange, input), before);
}

TEST(Assignors, AnyInputIsGivenOutWhole) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        Rng rng(seed);
        std::map<std::uint8_t, std::int32_t> topics;
        const std::uint8_t count = static_cast<std::uint8_t>(rng.below(6));
        for (std::uint8_t i = 0; i < count; ++i)
            topics[i] = static_cast<std::int32_t>(rng.between(0, 12));
        AssignorInput input = input_of(static_cast<int>(rng.between(1, 8)), topics);
        for (AssignorMember& member : input.members) {
            std::erase_if(member.topics, [&](const Uuid&) { return rng.chance(1, 3); });
            if (rng.chance(1, 4)) member.instance_id = member.id;
            for (const auto& [number, partitions] : topics)
                for (std::int32_t i = 0; i < partitions + 2; ++i)
                    if (rng.chance(1, 4))
                        member.previous.insert({topic_id(number), PartitionId(i)});
        }
        for (const Assignor assignor : {Assignor::kUniform, Assignor::kRange})
            expect_complete(input, assign(assignor, input));
        // With the same subscriptions nobody has two more than another.
        const Uuid all = topic_id(99);
        input.topics[all] = 9;
        for (AssignorMember& member : input.members) member.topics = {all};
        std::size_t least = SIZE_MAX;
        std::size_t most = 0;
        for (const PartitionSet& each : assign(Assignor::kUniform, input)) {
            least = std::min(least, each.size());
            most = std::max(most, each.size());
        }
        EXPECT_LE(most - least, 1U) << "seed " << seed;
    }
}

}  // namespace
}  // namespace sealane::broker::groups
