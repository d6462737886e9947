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

// Passes over all audiences that look for better places; far more than any group needs.
constexpr int kMostPasses = 100;

std::map<Uuid, std::vector<Index>> subscribers_of(const AssignorInput& input) {
    std::map<Uuid, std::vector<Index>> subscribers;
    for (Index i = 0; i < input.members.size(); ++i)
        for (const Uuid& topic : input.members[i].topics) subscribers[topic].push_back(i);
    return subscribers;
}

// An audience is a set of members that subscribe to the same topics. In each, members are ordered
// by how much they have in all.
class Uniform {
 public:
    explicit Uniform(const AssignorInput& input)
        : input_(input), loads_(input.members.size(), 0), audiences_of_(input.members.size()) {
        std::map<std::vector<Index>, Index> known;
        for (const auto& [topic, members] : subscribers_of(input)) {
            const auto [at, fresh] = known.emplace(members, audiences_.size());
            audience_of_[topic] = at->second;
            if (!fresh) continue;
            Audience& audience = audiences_.emplace_back();
            for (const Index member : members) {
                audience.by_load.emplace(0, member);
                audiences_of_[member].push_back(at->second);
            }
        }
    }

    Targets run() {
        keep_previous();
        place_rest();
        for (int pass = 0; pass < kMostPasses && level_out(); ++pass) {
        }
        Targets targets(input_.members.size());
        for (Audience& audience : audiences_)
            for (auto& [member, partitions] : audience.held) targets[member].merge(partitions);
        return targets;
    }

 private:
    struct Audience {
        std::set<std::pair<std::size_t, Index>> by_load;
        std::map<Index, PartitionSet> held;  // of its topics, by member
    };

    void keep_previous() {
        for (Index i = 0; i < input_.members.size(); ++i) {
            for (const TopicIdPartition& each : input_.members[i].previous) {
                const auto topic = input_.topics.find(each.topic);
                const bool there =
                    topic != input_.topics.end() && each.partition.value < topic->second;
                const bool wanted = input_.members[i].topics.contains(each.topic);
                if (there && wanted && taken_.insert(each).second)
                    give(audiences_[audience_of_.at(each.topic)], i, each);
            }
        }
    }
    void place_rest() {
        for (const auto& [topic, count] : input_.topics) {
            const auto found = audience_of_.find(topic);
            if (found == audience_of_.end()) continue;
            Audience& audience = audiences_[found->second];
            for (std::int32_t i = 0; i < count; ++i) {
                const TopicIdPartition each{topic, PartitionId(i)};
                if (!taken_.contains(each)) give(audience, audience.by_load.begin()->second, each);
            }
        }
    }
    // Whether anything moved.
    bool level_out() {
        bool moved = false;
        for (Audience& audience : audiences_) {
            while (move_one(audience)) moved = true;
        }
        return moved;
    }
    // From who has most to who has at least two less. Every move makes loads more alike, so that
    // moving ends.
    bool move_one(Audience& audience) {
        const auto [least, idlest] = *audience.by_load.begin();
        for (auto each = audience.by_load.rbegin(); each != audience.by_load.rend(); ++each) {
            const auto [load, member] = *each;
            if (load < least + 2) return false;
            const auto held = audience.held.find(member);
            if (held == audience.held.end() || held->second.empty()) continue;
            const TopicIdPartition last = *held->second.rbegin();
            held->second.erase(last);
            set_load(member, load - 1);
            give(audience, idlest, last);
            return true;
        }
        return false;
    }
    void give(Audience& audience, Index member, const TopicIdPartition& each) {
        audience.held[member].insert(each);
        set_load(member, loads_[member] + 1);
    }
    void set_load(Index member, std::size_t load) {
        for (const Index at : audiences_of_[member]) {
            audiences_[at].by_load.erase({loads_[member], member});
            audiences_[at].by_load.emplace(load, member);
        }
        loads_[member] = load;
    }

    const AssignorInput& input_;
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
