#include "broker/groups/consumer/heartbeat.hpp"

#include "broker/groups/consumer/heartbeat_request.hpp"
#include "broker/groups/consumer/reconciler.hpp"

#include <algorithm>

namespace sealane::broker::groups {

Result<ConsumerHeartbeatReply> ConsumerHeartbeat::beat(const ConsumerHeartbeatRequest& request) {
    if (request.member_epoch < 0) return leave(request);
    SEALANE_TRY(Draft draft, find_member(request));
    const bool subscription_changed = update_member(draft, request);
    const std::int32_t epoch = update_epoch(draft, request, subscription_changed);
    write_member(draft);
    const bool has_target = epoch <= group_.target_epoch();
    const PartitionSet target =
        has_target ? group_.target_of(draft.replaced ? draft.replaced->id : draft.member.id)
                   : update_target(draft, request, epoch);
    if (has_target && draft.replaced)
        records_.emplace_back(TargetRecord{group_id_, draft.member.id, target});
    reconcile(draft, request, target, epoch);
    return reply_to(draft, request);
}

// Everything of the members goes, and the rest shares what they had: in the next heartbeat of any,
// because the group's epoch rises.
void ConsumerHeartbeat::fence(const std::vector<std::string>& member_ids) {
    SubscriptionCounts counts = group_.subscriptions();
    std::size_t gone = 0;
    for (const std::string& id : member_ids) {
        const ConsumerMember* member = group_.find(id);
        if (member == nullptr) continue;
        ++gone;
        counts.remove(member->metadata);
        records_.emplace_back(CurrentRecord{group_id_, id, std::nullopt});
        records_.emplace_back(TargetRecord{group_id_, id, std::nullopt});
        records_.emplace_back(MemberRecord{group_id_, id, std::nullopt});
    }
    if (gone == 0) return;
    for (const auto& [pattern, resolved] : group_.patterns()) {
        if (!counts.patterns().contains(pattern))
            records_.emplace_back(PatternRecord{group_id_, pattern, std::nullopt});
    }
    // What is subscribed to may be less now; the next heartbeat looks.
    group_.catalog_stamp = 0;
    const bool empty = gone == group_.members().size();
    const std::int64_t hash = empty ? 0 : group_.metadata_hash();
    records_.emplace_back(GroupEpochRecord{group_id_, GroupEpoch{group_.epoch() + 1, hash}});
}

Result<ConsumerHeartbeatReply> ConsumerHeartbeat::leave(const ConsumerHeartbeatRequest& request) {
    SEALANE_TRY(const ConsumerMember* member, leaving(request));
    ConsumerHeartbeatReply reply;
    reply.member_id = request.member_id;
    reply.member_epoch = request.member_epoch;
    if (request.member_epoch != kStaticLeavingEpoch) {
        fence({member->id});
        return reply;
    }
    CurrentAssignment away = member->current;
    away.epoch = kStaticLeavingEpoch;
    away.previous_epoch = member->current.epoch;
    away.state = MemberState::kStable;
    // The client has closed, so nobody reads them any more.
    away.pending_revocation.clear();
    records_.emplace_back(CurrentRecord{group_id_, member->id, std::move(away)});
    ConsumerGroup::Timers& timer = group_.timers[member->id];
    timer.session = clock_.now + std::chrono::milliseconds(config_.session_timeout_ms);
    timer.revocation = Instant::never();
    return reply;
}

void ConsumerHeartbeat::write_member(const Draft& draft) {
    const ConsumerMember& member = draft.member;
    if (draft.replaced != nullptr) {
        const std::string& old = draft.replaced->id;
        records_.emplace_back(CurrentRecord{group_id_, old, std::nullopt});
        records_.emplace_back(TargetRecord{group_id_, old, std::nullopt});
        records_.emplace_back(MemberRecord{group_id_, old, std::nullopt});
    }
    if (draft.before == nullptr || draft.before->metadata != member.metadata)
        records_.emplace_back(MemberRecord{group_id_, member.id, member.metadata});
}

void ConsumerHeartbeat::reconcile(
    Draft& draft,
    const ConsumerHeartbeatRequest& request,
    const PartitionSet& target,
    std::int32_t target_epoch
) {
    ConsumerMember& member = draft.member;
    const auto is_free = [&](const TopicIdPartition& partition) {
        const std::string* owner = group_.owner_of(partition);
        return owner == nullptr || *owner == member.id ||
               (draft.replaced != nullptr && *owner == draft.replaced->id);
    };
    const PartitionSet* owned = request.owned ? &*request.owned : nullptr;
    member.current = reconciled(member.current, {target, target_epoch, owned, is_free});
    const bool changed = draft.before == nullptr || draft.before->current != member.current;
    if (changed) records_.emplace_back(CurrentRecord{group_id_, member.id, member.current});
    set_timers(draft, changed);
}

void ConsumerHeartbeat::set_timers(const Draft& draft, bool changed) {
    const ConsumerMember& member = draft.member;
    ConsumerGroup::Timers& timer = group_.timers[member.id];
    timer.session = clock_.now + std::chrono::milliseconds(config_.session_timeout_ms);
    if (member.current.state != MemberState::kUnrevoked) {
        timer.revocation = Instant::never();
    } else if (changed || timer.revocation == Instant::never()) {
        timer.revocation =
            clock_.now + std::chrono::milliseconds(member.metadata.rebalance_timeout_ms);
        timer.revocation_epoch = member.current.epoch;
    }
}

ConsumerHeartbeatReply ConsumerHeartbeat::reply_to(
    const Draft& draft, const ConsumerHeartbeatRequest& request
) const {
    const CurrentAssignment& current = draft.member.current;
    ConsumerHeartbeatReply reply;
    reply.member_id = draft.member.id;
    reply.member_epoch = current.epoch;
    reply.heartbeat_interval_ms = config_.heartbeat_interval_ms;
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    const bool changed =
        draft.before == nullptr ||
        !std::ranges::equal(draft.before->current.assigned, current.assigned, same);
    if (draft.is_joining || says_everything(request) || changed)
        reply.assignment = keys_of(current.assigned);
    return reply;
}

}  // namespace sealane::broker::groups
