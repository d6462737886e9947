// The join phase of a rebalance: when it starts, how long it waits, and how it ends.

#include "broker/groups/coordinator_core.hpp"
#include "common/base/assert.hpp"

#include <algorithm>

namespace sealane::broker::groups {

void CoordinatorCore::rebalance_or_complete(Step step, Group& group) {
    if (group.live.state != GroupState::kPreparingRebalance) return prepare_rebalance(step, group);
    complete_if_all_joined(step, group);
}

void CoordinatorCore::prepare_rebalance(Step step, Group& group) {
    ClassicGroup& live = group.live;
    SEALANE_ASSERT(live.state != GroupState::kPreparingRebalance);
    if (live.state == GroupState::kCompletingRebalance) {
        for (auto& [id, member] : live.members) {
            member.assignment = {};
            if (!member.parked_sync) continue;
            step.out.answers.push_back(
                {*member.parked_sync, SyncReply{ErrorCode::kRebalanceInProgress, {}, {}, {}}}
            );
            member.parked_sync.reset();
            member.expires = step.clock.now + std::chrono::milliseconds(member.session_timeout_ms);
        }
    }
    live.awaiting_sync.clear();
    live.sync_deadline = Instant::never();
    const bool was_empty = live.state == GroupState::kEmpty;
    live.become(GroupState::kPreparingRebalance, step.clock.wall);
    if (was_empty && config_.initial_rebalance_delay_ms > 0) {
        // A group that starts gets a little time, or each member would start a rebalance.
        const std::int32_t total = live.rebalance_timeout_ms();
        const std::int32_t first = config_.initial_rebalance_delay_ms;
        live.initial_rebalance = true;
        live.member_came_during_wait = false;
        live.initial_wait_left_ms = std::max(total - first, 0);
        live.join_deadline = step.clock.now + std::chrono::milliseconds(first);
        return;
    }
    live.join_deadline = step.clock.now + std::chrono::milliseconds(live.rebalance_timeout_ms());
    complete_if_all_joined(step, group);
}

void CoordinatorCore::complete_if_all_joined(Step step, Group& group) {
    ClassicGroup& live = group.live;
    if (live.state != GroupState::kPreparingRebalance || live.initial_rebalance) return;
    if (live.all_joined()) complete_join(step, group);
}

void CoordinatorCore::on_join_deadline(Step step, Group& group) {
    ClassicGroup& live = group.live;
    SEALANE_ASSERT(live.state == GroupState::kPreparingRebalance);
    if (live.initial_rebalance && live.member_came_during_wait && live.initial_wait_left_ms > 0) {
        const std::int32_t more =
            std::min(config_.initial_rebalance_delay_ms, live.initial_wait_left_ms);
        live.member_came_during_wait = false;
        live.initial_wait_left_ms -= more;
        live.join_deadline = step.clock.now + std::chrono::milliseconds(more);
        return;
    }
    complete_join(step, group);
}

void CoordinatorCore::complete_join(Step step, Group& group) {
    ClassicGroup& live = group.live;
    std::vector<std::string> late;
    for (const auto& [id, member] : live.members) {
        if (!member.parked_join && !member.is_static()) late.push_back(id);
    }
    for (const std::string& id : late) drop_member(step, group, id);

    if (!live.members.empty() && !live.elect_rejoined_leader()) {
        // Only static members, none of them back yet: they keep their place for another wait.
        live.initial_rebalance = false;
        live.join_deadline =
            step.clock.now + std::chrono::milliseconds(live.rebalance_timeout_ms());
        return;
    }
    live.start_generation(step.clock.wall);
    ++rebalances_;
    if (live.state == GroupState::kEmpty) return persist(step, group);

    live.sync_deadline = step.clock.now + std::chrono::milliseconds(live.rebalance_timeout_ms());
    for (auto& [id, member] : live.members) {
        member.is_new = false;
        member.expires = step.clock.now + std::chrono::milliseconds(member.session_timeout_ms);
        if (!member.parked_join) continue;
        step.out.answers.push_back({*member.parked_join, live.join_reply(member)});
        member.parked_join.reset();
    }
}

void CoordinatorCore::drop_member(Step step, Group& group, const std::string& member_id) {
    const GroupMember gone = group.live.remove(member_id);
    if (gone.parked_join) {
        JoinReply reply;
        reply.error = ErrorCode::kUnknownMemberId;
        step.out.answers.push_back({*gone.parked_join, std::move(reply)});
    }
    if (gone.parked_sync) {
        step.out.answers.push_back(
            {*gone.parked_sync, SyncReply{ErrorCode::kUnknownMemberId, {}, {}, {}}}
        );
    }
}

void CoordinatorCore::after_departure(Step step, Group& group) {
    switch (group.live.state) {
        case GroupState::kEmpty:
        case GroupState::kDead:
            return;
        case GroupState::kPreparingRebalance:
            return complete_if_all_joined(step, group);
        case GroupState::kCompletingRebalance:
        case GroupState::kStable:
            return prepare_rebalance(step, group);
    }
}

void CoordinatorCore::persist(Step step, const Group& group) {
    // A conversion whose records were not written.
    if (group.consumer && group.consumer->exists()) end_consumer(step, group);
    step.out.records.push_back(GroupRecord{group.id, group.live.metadata()});
}

}  // namespace sealane::broker::groups
