// The second and third step of a heartbeat: the group's epoch, and the target assignment for it.

#include "broker/coordinator/name_pattern.hpp"
#include "broker/groups/consumer/heartbeat.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

// FNV-1a, so that every node computes the same.
class Hash {
 public:
    void add(const void* bytes, std::size_t size) {
        const auto* at = static_cast<const unsigned char*>(bytes);
        for (std::size_t i = 0; i < size; ++i) value_ = (value_ ^ at[i]) * kPrime;
    }
    void add(std::uint64_t number) {
        for (unsigned shift = 0; shift < 64; shift += 8)
            value_ = (value_ ^ ((number >> shift) & 0xffU)) * kPrime;
    }
    [[nodiscard]] std::int64_t value() const { return static_cast<std::int64_t>(value_); }

 private:
    static constexpr std::uint64_t kPrime = 0x100000001b3ULL;
    std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

std::int64_t hash_of(const std::map<std::string, TopicCatalog::Topic>& topics) {
    if (topics.empty()) return 0;
    Hash hash;
    for (const auto& [name, topic] : topics) {
        hash.add(name.size());
        hash.add(name.data(), name.size());
        hash.add(topic.id.bytes.data(), topic.id.bytes.size());
        hash.add(static_cast<std::uint64_t>(topic.partitions));
    }
    return hash.value();
}

}  // namespace

Assignor preferred_assignor(
    const ConsumerGroupConfig& config, const std::vector<const MemberMetadata*>& members
) {
    std::map<std::string, std::size_t> votes;
    for (const MemberMetadata* member : members)
        if (member->assignor) ++votes[*member->assignor];
    Assignor chosen = config.assignors.front();
    std::size_t most = 0;
    for (const auto& [name, count] : votes) {
        const auto assignor = assignor_of(name);
        if (!assignor || count <= most) continue;
        most = count;
        chosen = *assignor;
    }
    return chosen;
}

std::int32_t ConsumerHeartbeat::update_epoch(
    const Draft& draft, const ConsumerHeartbeatRequest& request, bool subscription_changed
) {
    const TopicCatalog& catalog = *request.catalog;
    const bool topics_changed = group_.catalog_stamp != catalog.stamp();
    const bool patterns_old =
        !group_.patterns().empty() && clock_.now - group_.patterns_resolved >=
                                          std::chrono::milliseconds(config_.pattern_refresh_ms);
    if (!subscription_changed && !topics_changed && !patterns_old && group_.epoch() > 0)
        return group_.epoch();

    const bool again = topics_changed || patterns_old;
    subscribed_ = look_up(counts_with(draft), catalog, again);
    write_patterns(*subscribed_);
    group_.catalog_stamp = catalog.stamp();
    if (again) group_.patterns_resolved = clock_.now;
    const std::int64_t hash = hash_of(subscribed_->topics);
    const bool rises = subscription_changed || subscribed_->patterns_changed ||
                       hash != group_.metadata_hash() || group_.epoch() == 0;
    if (!rises) return group_.epoch();
    const std::int32_t epoch = group_.epoch() + 1;
    records_.emplace_back(GroupEpochRecord{group_id_, GroupEpoch{epoch, hash}});
    return epoch;
}

SubscriptionCounts ConsumerHeartbeat::counts_with(const Draft& draft) const {
    SubscriptionCounts counts = group_.subscriptions();
    if (draft.before != nullptr) counts.remove(draft.before->metadata);
    if (draft.replaced != nullptr) counts.remove(draft.replaced->metadata);
    counts.add(draft.member.metadata);
    return counts;
}

// `again`: also patterns that were resolved before.
ConsumerHeartbeat::Subscribed ConsumerHeartbeat::look_up(
    const SubscriptionCounts& counts, const TopicCatalog& catalog, bool again
) const {
    Subscribed subscribed;
    const auto look = [&](const std::string& name) {
        if (const auto topic = catalog.find(name)) subscribed.topics.emplace(name, *topic);
    };
    for (const auto& [name, members] : counts.topics()) look(name);
    for (const auto& [text, members] : counts.patterns()) {
        const auto known = group_.patterns().find(text);
        ResolvedPattern resolved;
        if (known != group_.patterns().end()) resolved = known->second;
        if (again || known == group_.patterns().end()) {
            // What a request brings was parsed before; an old record may hold anything.
            const auto pattern = NamePattern::parse("SubscribedTopicRegex", text);
            auto topics = catalog.visible([&pattern](const std::string& name) {
                return pattern && pattern->matches(name);
            });
            const bool differs = known == group_.patterns().end() || topics != known->second.topics;
            if (differs) resolved = {std::move(topics), clock_.wall};
            subscribed.patterns_changed = subscribed.patterns_changed || differs;
        }
        for (const std::string& name : resolved.topics) look(name);
        subscribed.patterns.emplace(text, std::move(resolved));
    }
    return subscribed;
}

void ConsumerHeartbeat::write_patterns(const Subscribed& subscribed) {
    for (const auto& [text, resolved] : subscribed.patterns) {
        const auto known = group_.patterns().find(text);
        if (known == group_.patterns().end() || known->second != resolved)
            records_.emplace_back(PatternRecord{group_id_, text, resolved});
    }
    for (const auto& [text, resolved] : group_.patterns()) {
        if (!subscribed.patterns.contains(text))
            records_.emplace_back(PatternRecord{group_id_, text, std::nullopt});
    }
}

PartitionSet ConsumerHeartbeat::update_target(
    const Draft& draft, const ConsumerHeartbeatRequest& request, std::int32_t epoch
) {
    if (!subscribed_) subscribed_ = look_up(counts_with(draft), *request.catalog, false);
    AssignorInput input;
    for (const auto& [name, topic] : subscribed_->topics) input.topics[topic.id] = topic.partitions;
    const auto add = [&](const ConsumerMember& member, const std::string& target_of) {
        AssignorMember& added = input.members.emplace_back();
        added.id = member.id;
        added.instance_id = member.metadata.instance_id;
        added.previous = group_.target_of(target_of);
        const auto subscribe = [&](const std::string& name) {
            const auto topic = subscribed_->topics.find(name);
            if (topic != subscribed_->topics.end()) added.topics.insert(topic->second.id);
        };
        for (const std::string& name : member.metadata.topics) subscribe(name);
        const auto pattern = subscribed_->patterns.find(member.metadata.pattern);
        if (pattern == subscribed_->patterns.end()) return;
        for (const std::string& name : pattern->second.topics) subscribe(name);
    };
    for (const auto& [id, member] : group_.members()) {
        if (&member != draft.before && &member != draft.replaced) add(member, id);
    }
    add(draft.member, draft.replaced ? draft.replaced->id : draft.member.id);
    std::ranges::sort(input.members, {}, &AssignorMember::id);

    const Targets targets = assign(chosen_assignor(draft), input);
    PartitionSet own;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const std::string& id = input.members[i].id;
        if (id == draft.member.id) own = targets[i];
        if (targets[i] != group_.target_of(id))
            records_.emplace_back(TargetRecord{group_id_, id, targets[i]});
    }
    records_.emplace_back(TargetEpochRecord{group_id_, epoch});
    return own;
}

Assignor ConsumerHeartbeat::chosen_assignor(const Draft& draft) const {
    std::vector<const MemberMetadata*> members;
    for (const auto& [id, member] : group_.members()) {
        if (&member != draft.before && &member != draft.replaced)
            members.push_back(&member.metadata);
    }
    members.push_back(&draft.member.metadata);
    return preferred_assignor(config_, members);
}

}  // namespace sealane::broker::groups
