#include "broker/groups/consumer/consumer_group.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

void count_down(std::map<std::string, std::size_t>& counts, const std::string& name) {
    const auto at = counts.find(name);
    if (at == counts.end()) return;
    if (--at->second == 0) counts.erase(at);
}

std::string rest_of_key(const ConsumerRecord& record) {
    return std::visit(
        [](const auto& typed) -> std::string {
            if constexpr (requires { typed.member_id; }) {
                return typed.member_id;
            } else if constexpr (requires { typed.pattern; }) {
                return typed.pattern;
            } else {
                return {};
            }
        },
        record
    );
}

}  // namespace

std::string_view name_of(ConsumerGroupState state) {
    switch (state) {
        case ConsumerGroupState::kEmpty:
            return "Empty";
        case ConsumerGroupState::kAssigning:
            return "Assigning";
        case ConsumerGroupState::kReconciling:
            return "Reconciling";
        case ConsumerGroupState::kStable:
            return "Stable";
        case ConsumerGroupState::kDead:
            return "Dead";
    }
    return "Dead";
}

void SubscriptionCounts::add(const MemberMetadata& member) {
    for (const std::string& topic : member.topics) ++topics_[topic];
    if (!member.pattern.empty()) ++patterns_[member.pattern];
}

void SubscriptionCounts::remove(const MemberMetadata& member) {
    for (const std::string& topic : member.topics) count_down(topics_, topic);
    if (!member.pattern.empty()) count_down(patterns_, member.pattern);
}

bool ConsumerGroup::apply(const ConsumerRecord& record) {
    if (const auto* epoch = std::get_if<GroupEpochRecord>(&record); epoch && !epoch->value)
        return false;
    account(record);
    std::visit([this](const auto& typed) { on(typed); }, record);
    return exists();
}

void ConsumerGroup::account(const ConsumerRecord& record) {
    const bool has_value = std::visit([](const auto& typed) { return bool(typed.value); }, record);
    const std::pair key{record.index(), rest_of_key(record)};
    if (const auto old = sizes_.find(key); old != sizes_.end()) {
        live_bytes_ -= old->second;
        sizes_.erase(old);
    }
    if (!has_value) return;
    const std::size_t size = stored_size(record);
    sizes_.emplace(key, size);
    live_bytes_ += size;
}

void ConsumerGroup::on(const GroupEpochRecord& record) {
    epoch_ = *record.value;
}

void ConsumerGroup::on(const MemberRecord& record) {
    const auto old = members_.find(record.member_id);
    if (old != members_.end()) {
        const auto& instance = old->second.metadata.instance_id;
        // Its successor may have taken the instance over by now.
        if (instance) {
            const auto at = instances_.find(*instance);
            if (at != instances_.end() && at->second == record.member_id) instances_.erase(at);
        }
        counts_.remove(old->second.metadata);
    }
    if (!record.value) {
        if (old == members_.end()) return;
        release(record.member_id, old->second.current);
        members_.erase(old);
        timers.erase(record.member_id);
        return;
    }
    ConsumerMember& member = members_[record.member_id];
    member.id = record.member_id;
    member.metadata = *record.value;
    counts_.add(member.metadata);
    if (member.metadata.instance_id) instances_[*member.metadata.instance_id] = member.id;
}

void ConsumerGroup::on(const TargetEpochRecord& record) {
    target_epoch_ = record.value.value_or(0);
}

void ConsumerGroup::on(const TargetRecord& record) {
    if (record.value) {
        targets_[record.member_id] = *record.value;
    } else {
        targets_.erase(record.member_id);
    }
}

void ConsumerGroup::on(const CurrentRecord& record) {
    const auto old = members_.find(record.member_id);
    if (old != members_.end()) release(record.member_id, old->second.current);
    if (!record.value) {
        if (old != members_.end()) old->second.current = {};
        return;
    }
    ConsumerMember& member = members_[record.member_id];
    member.id = record.member_id;
    member.current = *record.value;
    hold(record.member_id, member.current);
}

void ConsumerGroup::on(const PatternRecord& record) {
    if (record.value) {
        patterns_[record.pattern] = *record.value;
    } else {
        patterns_.erase(record.pattern);
    }
}

void ConsumerGroup::hold(const std::string& member_id, const CurrentAssignment& current) {
    for (const auto& [partition, epoch] : current.assigned) owners_[partition] = member_id;
    for (const auto& [partition, epoch] : current.pending_revocation)
        owners_[partition] = member_id;
}

void ConsumerGroup::release(const std::string& member_id, const CurrentAssignment& current) {
    const auto give_up = [&](const HeldPartitions& held) {
        for (const auto& [partition, epoch] : held) {
            const auto at = owners_.find(partition);
            if (at != owners_.end() && at->second == member_id) owners_.erase(at);
        }
    };
    give_up(current.assigned);
    give_up(current.pending_revocation);
}

void ConsumerGroup::begin(Instant now, std::int32_t session_timeout_ms) {
    timers.clear();
    for (const auto& [id, member] : members_) {
        Timers& timer = timers[id];
        timer.session = now + std::chrono::milliseconds(session_timeout_ms);
        if (member.current.state != MemberState::kUnrevoked) continue;
        timer.revocation = now + std::chrono::milliseconds(member.metadata.rebalance_timeout_ms);
        timer.revocation_epoch = member.current.epoch;
    }
}

ConsumerGroupState ConsumerGroup::state() const {
    if (members_.empty()) return ConsumerGroupState::kEmpty;
    if (epoch_.epoch > target_epoch_) return ConsumerGroupState::kAssigning;
    const bool reached = std::ranges::all_of(members_, [this](const auto& each) {
        const CurrentAssignment& current = each.second.current;
        return current.state == MemberState::kStable && current.epoch == target_epoch_;
    });
    return reached ? ConsumerGroupState::kStable : ConsumerGroupState::kReconciling;
}

const ConsumerMember* ConsumerGroup::find(const std::string& member_id) const {
    const auto at = members_.find(member_id);
    return at == members_.end() ? nullptr : &at->second;
}

const ConsumerMember* ConsumerGroup::find_instance(const std::string& instance_id) const {
    const auto at = instances_.find(instance_id);
    return at == instances_.end() ? nullptr : find(at->second);
}

const PartitionSet& ConsumerGroup::target_of(const std::string& member_id) const {
    static const PartitionSet kNothing;
    const auto at = targets_.find(member_id);
    return at == targets_.end() ? kNothing : at->second;
}

const std::string* ConsumerGroup::owner_of(const TopicIdPartition& partition) const {
    const auto at = owners_.find(partition);
    return at == owners_.end() ? nullptr : &at->second;
}

bool ConsumerGroup::is_subscribed(const std::string& topic) const {
    if (counts_.topics().contains(topic)) return true;
    return std::ranges::any_of(counts_.patterns(), [&](const auto& each) {
        const auto resolved = patterns_.find(each.first);
        return resolved != patterns_.end() && resolved->second.topics.contains(topic);
    });
}

std::vector<ConsumerRecord> ConsumerGroup::records(const std::string& group_id) const {
    std::vector<ConsumerRecord> all;
    all.emplace_back(GroupEpochRecord{group_id, epoch_});
    for (const auto& [id, member] : members_)
        all.emplace_back(MemberRecord{group_id, id, member.metadata});
    for (const auto& [pattern, resolved] : patterns_)
        all.emplace_back(PatternRecord{group_id, pattern, resolved});
    all.emplace_back(TargetEpochRecord{group_id, target_epoch_});
    for (const auto& [id, target] : targets_) all.emplace_back(TargetRecord{group_id, id, target});
    for (const auto& [id, member] : members_)
        all.emplace_back(CurrentRecord{group_id, id, member.current});
    // A log that lost something, or was written by others, may have one part without another.
    std::erase_if(all, [this](const ConsumerRecord& record) {
        return !sizes_.contains({record.index(), rest_of_key(record)});
    });
    return all;
}

std::vector<ConsumerRecord> ConsumerGroup::tombstones(const std::string& group_id) const {
    std::vector<ConsumerRecord> all = records(group_id);
    for (ConsumerRecord& record : all) std::visit([](auto& typed) { typed.value.reset(); }, record);
    // The one that ends the group last.
    std::ranges::reverse(all);
    return all;
}

Instant ConsumerGroup::next_deadline() const {
    Instant next = Instant::never();
    for (const auto& [id, timer] : timers)
        next = std::min(next, std::min(timer.session, timer.revocation));
    return next;
}

}  // namespace sealane::broker::groups
