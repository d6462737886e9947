// SyncGroup, Heartbeat and LeaveGroup.

#include "broker/groups/coordinator_core.hpp"

namespace sealane::broker::groups {
namespace {

bool differs(const std::optional<std::string>& said, const std::optional<std::string>& ours) {
    return said && said != ours;
}

}  // namespace

void CoordinatorCore::on_request(Step step, Ticket ticket, SyncRequest request) {
    const auto refuse = [&](ErrorCode error) {
        step.out.answers.push_back({ticket, SyncReply{error, {}, {}, {}}});
    };
    if (request.group_id.empty()) return refuse(ErrorCode::kInvalidGroupId);
    Group* group = find(request.group_id);
    if (group == nullptr) return refuse(ErrorCode::kUnknownMemberId);
    ClassicGroup& live = group->live;
    const ErrorCode checked = live.check_member(request.member_id, request.instance_id);
    if (checked != ErrorCode::kNone) return refuse(checked);
    if (request.generation != live.generation) return refuse(ErrorCode::kIllegalGeneration);
    if (differs(request.protocol_type, live.protocol_type) ||
        differs(request.protocol_name, live.protocol))
        return refuse(ErrorCode::kInconsistentGroupProtocol);

    GroupMember& member = *live.find(request.member_id);
    switch (live.state) {
        case GroupState::kEmpty:
            return refuse(ErrorCode::kUnknownMemberId);
        case GroupState::kDead:
            return refuse(ErrorCode::kCoordinatorNotAvailable);
        case GroupState::kPreparingRebalance:
            return refuse(ErrorCode::kRebalanceInProgress);
        case GroupState::kStable:
            live.awaiting_sync.erase(member.member_id);
            member.expires = step.clock.now + std::chrono::milliseconds(member.session_timeout_ms);
            step.out.answers.push_back({ticket, live.sync_reply(member)});
            return;
        case GroupState::kCompletingRebalance:
            break;
    }
    if (member.parked_sync) {
        // The client gave up on the earlier request and sent it again.
        step.out.answers.push_back(
            {*member.parked_sync, SyncReply{ErrorCode::kRebalanceInProgress, {}, {}, {}}}
        );
    }
    live.awaiting_sync.erase(member.member_id);
    member.parked_sync = ticket;
    member.expires = Instant::never();
    if (live.leads(member.member_id)) assign(step, *group, request);
    touch(request.group_id);
}

void CoordinatorCore::assign(Step step, Group& group, SyncRequest& request) {
    ClassicGroup& live = group.live;
    for (auto& [id, member] : live.members) member.assignment = {};
    for (const SyncRequest::Assignment& given : request.assignments) {
        if (GroupMember* member = live.find(given.member_id))
            member->assignment = BufferSlice::copy_of(given.assignment.view());
    }
    live.become(GroupState::kStable, step.clock.wall);
    persist(step, group);
    for (auto& [id, member] : live.members) {
        if (!member.parked_sync) continue;
        step.out.answers.push_back({*member.parked_sync, live.sync_reply(member)});
        member.parked_sync.reset();
        member.expires = step.clock.now + std::chrono::milliseconds(member.session_timeout_ms);
    }
}

void CoordinatorCore::on_request(Step step, Ticket ticket, HeartbeatRequest request) {
    const auto reply = [&](ErrorCode error) {
        step.out.answers.push_back({ticket, HeartbeatReply{error}});
    };
    if (request.group_id.empty()) return reply(ErrorCode::kInvalidGroupId);
    Group* group = find(request.group_id);
    if (group == nullptr) return reply(ErrorCode::kUnknownMemberId);
    ClassicGroup& live = group->live;
    const ErrorCode checked = live.check_member(request.member_id, request.instance_id);
    if (checked != ErrorCode::kNone) return reply(checked);
    if (request.generation != live.generation) return reply(ErrorCode::kIllegalGeneration);

    GroupMember& member = *live.find(request.member_id);
    if (!member.is_waiting())
        member.expires = step.clock.now + std::chrono::milliseconds(member.session_timeout_ms);
    switch (live.state) {
        case GroupState::kEmpty:
            return reply(ErrorCode::kUnknownMemberId);
        case GroupState::kDead:
            return reply(ErrorCode::kCoordinatorNotAvailable);
        case GroupState::kPreparingRebalance:
            return reply(ErrorCode::kRebalanceInProgress);
        case GroupState::kCompletingRebalance:
        case GroupState::kStable:
            return reply(ErrorCode::kNone);
    }
}

void CoordinatorCore::on_request(Step step, Ticket ticket, LeaveRequest request) {
    LeaveReply reply;
    Group* group = find(request.group_id);
    if (request.group_id.empty()) {
        reply.error = ErrorCode::kInvalidGroupId;
    } else if (group == nullptr) {
        reply.member_errors.assign(request.members.size(), ErrorCode::kUnknownMemberId);
    } else if (has_consumers(*group)) {
        leave_consumer(step, *group, request, reply);
    } else {
        bool departed = false;
        for (const LeaveRequest::Leaving& leaving : request.members)
            reply.member_errors.push_back(leave_one(step, *group, leaving, departed));
        // Once, however many left.
        if (departed) after_departure(step, *group);
    }
    step.out.answers.push_back({ticket, std::move(reply)});
    touch(request.group_id);
}

ErrorCode CoordinatorCore::leave_one(
    Step step, Group& group, const LeaveRequest::Leaving& leaving, bool& departed
) {
    ClassicGroup& live = group.live;
    std::string member_id = leaving.member_id;
    if (member_id.empty() && leaving.instance_id) {
        const std::string* owner = live.member_of_instance(*leaving.instance_id);
        if (owner == nullptr) return ErrorCode::kUnknownMemberId;
        member_id = *owner;
    }
    if (live.pending.erase(member_id) > 0) {
        departed = departed || live.state == GroupState::kPreparingRebalance;
        return ErrorCode::kNone;
    }
    const ErrorCode checked = live.check_member(member_id, leaving.instance_id);
    if (checked != ErrorCode::kNone) return checked;
    drop_member(step, group, member_id);
    departed = true;
    return ErrorCode::kNone;
}

}  // namespace sealane::broker::groups
