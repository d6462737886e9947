#include "broker/groups/consumer/assignors.hpp"

#include <algorithm>
#include <array>

namespace sealane::broker::groups {
namespace {

using Index = std::size_t;  // of a member

constexpr std::array kNames = {
    std::pair{Assignor::kUniform, std::string_view("uniform")},
    std::pair{Assignor::kRange, std::string_view("range")},
};

// Passes over all members that look for better places; far more than any group needs.
constexpr int kMostPasses = 100;

std::map<Uuid, std::vector<Index>> subscribers_of(const AssignorInput& input) {
    std::map<Uuid, std::vector<Index>> subscribers;
    for (Index i = 0; i < input.members.size(); ++i)
        for (const Uuid& topic : input.members[i].topics) subscribers[topic].push_back(i);
    return subscribers;
}

// Members by how much they have, for every set of members that subscribes to the same topics.
class Uniform {
 public:
    explicit Uniform(const AssignorInput& input)
        : input_(input),
          targets_(input.members.size()),
          loads_(input.members.size(), 0),
          audiences_of_(input.members.size()) {
        std::map<std::vector<Index>, Index> known;
        for (const auto& [topic, members] : subscribers_of(input)) {
            const auto [at, fresh] = known.emplace(members, audiences_.size());
            audience_of_[topic] = at->second;
            if (!fresh) continue;
            auto& audience = audiences_.emplace_back();
            for (const Index member : members) {
                audience.emplace(0, member);
                audiences_of_[member].push_back(at->second);
            }
        }
    }

    Targets run() {
        keep_previous();
        place_rest();
        for (int pass = 0; pass < kMostPasses && level_out(); ++pass) {
        }
        return std::move(targets_);
    }

 private:
    using Audience = std::set<std::pair<std::size_t, Index>>;

    void keep_previous() {
        for (Index i = 0; i < input_.members.size(); ++i) {
            for (const TopicIdPartition& each : input_.members[i].previous) {
                const auto topic = input_.topics.find(each.topic);
                const bool there =
                    topic != input_.topics.end() && each.partition.value < topic->second;
                const bool wanted = input_.members[i].topics.contains(each.topic);
                if (there && wanted && taken_.insert(each).second) give(i, each);
            }
        }
    }
    void place_rest() {
        for (const auto& [topic, count] : input_.topics) {
            const auto audience = audience_of_.find(topic);
            if (audience == audience_of_.end()) continue;
            for (std::int32_t i = 0; i < count; ++i) {
                const TopicIdPartition each{topic, PartitionId(i)};
                if (!taken_.contains(each)) give(idlest(audience->second), each);
            }
        }
    }
    // Whether anything moved. From those who have most to those who have at least two less.
    bool level_out() {
        std::vector<std::pair<std::size_t, Index>> busiest;
        for (Index i = 0; i < loads_.size(); ++i) busiest.emplace_back(loads_[i], i);
        std::ranges::sort(busiest, std::greater{});
        bool moved = false;
        for (const auto& [load, member] : busiest) {
            const PartitionSet before = targets_[member];
            for (auto each = before.rbegin(); each != before.rend(); ++each) {
                const Index other = idlest(audience_of_.at(each->topic));
                if (loads_[other] + 1 >= loads_[member]) continue;
                take(member, *each);
                give(other, *each);
                moved = true;
            }
        }
        return moved;
    }
    [[nodiscard]] Index idlest(Index audience) const {
        return audiences_[audience].begin()->second;
    }
    void give(Index member, const TopicIdPartition& each) {
        targets_[member].insert(each);
        set_load(member, loads_[member] + 1);
    }
    void take(Index member, const TopicIdPartition& each) {
        targets_[member].erase(each);
        set_load(member, loads_[member] - 1);
    }
    void set_load(Index member, std::size_t load) {
        for (const Index at : audiences_of_[member]) {
            audiences_[at].erase({loads_[member], member});
            audiences_[at].emplace(load, member);
        }
        loads_[member] = load;
    }

    const AssignorInput& input_;
    Targets targets_;
    std::vector<std::size_t> loads_;
    std::vector<Audience> audiences_;
    std::map<Uuid, Index> audience_of_;
    std::vector<std::vector<Index>> audiences_of_;  // of a member
    PartitionSet taken_;
};

// Static members first and by instance, so that one that restarts gets the same run.
bool range_order(const AssignorMember& a, const AssignorMember& b) {
    if (a.instance_id.has_value() != b.instance_id.has_value()) return a.instance_id.has_value();
    if (a.instance_id && *a.instance_id != *b.instance_id) return *a.instance_id < *b.instance_id;
    return a.id < b.id;
}

Targets assign_ranges(const AssignorInput& input) {
    Targets targets(input.members.size());
    for (auto [topic, members] : subscribers_of(input)) {
        const auto found = input.topics.find(topic);
        if (found == input.topics.end()) continue;
        std::ranges::sort(members, [&](Index a, Index b) {
            return range_order(input.members[a], input.members[b]);
        });
        const auto count = static_cast<Index>(found->second);
        const Index least = count / members.size();
        const Index with_one_more = count % members.size();
        Index next = 0;
        for (Index i = 0; i < members.size(); ++i) {
            const Index end = next + least + (i < with_one_more ? 1 : 0);
            for (; next < end; ++next)
                targets[members[i]].insert({topic, PartitionId(static_cast<std::int32_t>(next))});
        }
    }
    return targets;
}

}  // namespace

std::optional<Assignor> assignor_of(std::string_view name) {
    for (const auto& [assignor, its_name] : kNames)
        if (name == its_name) return assignor;
    return std::nullopt;
}

std::string_view name_of(Assignor assignor) {
    for (const auto& [each, name] : kNames)
        if (each == assignor) return name;
    return "";
}

Targets assign(Assignor assignor, const AssignorInput& input) {
    switch (assignor) {
        case Assignor::kUniform:
            return Uniform(input).run();
        case Assignor::kRange:
            return assign_ranges(input);
    }
    return Targets(input.members.size());
}

}  // namespace sealane::broker::groups
