// JoinGroup: who may become a member, and what a join does in each state of the group.

#include "broker/groups/coordinator_core.hpp"
#include "common/base/assert.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

JoinReply refused(ErrorCode error, std::string member_id = {}) {
    JoinReply reply;
    reply.error = error;
    reply.member_id = std::move(member_id);
    return reply;
}

// Requests are views into a network frame; what is kept longer is copied.
std::vector<GroupProtocol> kept(const std::vector<GroupProtocol>& offered) {
    std::vector<GroupProtocol> copies;
    copies.reserve(offered.size());
    for (const GroupProtocol& protocol : offered)
        copies.push_back({protocol.name, BufferSlice::copy_of(protocol.metadata.view())});
    return copies;
}

}  // namespace

void CoordinatorCore::on_request(Step step, Ticket ticket, JoinRequest request) {
    const auto refuse = [&](ErrorCode error) {
        step.out.answers.push_back({ticket, refused(error, request.member_id)});
    };
    if (request.group_id.empty()) return refuse(ErrorCode::kInvalidGroupId);
    if (request.session_timeout_ms < config_.min_session_timeout_ms ||
        request.session_timeout_ms > config_.max_session_timeout_ms)
        return refuse(ErrorCode::kInvalidSessionTimeout);
    request.rebalance_timeout_ms = std::max(request.rebalance_timeout_ms, 0);

    Group* group = find(request.group_id);
    if (group == nullptr) {
        if (!request.member_id.empty()) return refuse(ErrorCode::kUnknownMemberId);
        group = &groups_[request.group_id];
        group->id = request.group_id;
        group->live.state_since = step.clock.wall;
    }
    if (has_consumers(*group)) return refuse(ErrorCode::kInconsistentGroupProtocol);
    if (is_consumer(*group)) end_consumer(step, *group);
    if (!has_room(group->live, request.member_id)) {
        // A member beyond the limit (it was lowered, or the group was larger before) goes.
        if (group->live.find(request.member_id) != nullptr) {
            drop_member(step, *group, request.member_id);
            after_departure(step, *group);
        }
        group->live.pending.erase(request.member_id);
        request.member_id.clear();
        refuse(ErrorCode::kGroupMaxSizeReached);
    } else if (!group->live.supports(request.protocol_type, request.protocols)) {
        refuse(ErrorCode::kInconsistentGroupProtocol);
    } else if (request.member_id.empty()) {
        join_new(step, *group, ticket, request);
    } else {
        join_known(step, *group, ticket, request);
    }
    touch(request.group_id);
}

bool CoordinatorCore::has_room(const ClassicGroup& group, const std::string& member_id) const {
    const auto limit = static_cast<std::size_t>(config_.max_size);
    const GroupMember* member = group.find(member_id);
    switch (group.state) {
        case GroupState::kEmpty:
        case GroupState::kDead:
            return true;
        case GroupState::kPreparingRebalance:
            return (member != nullptr && member->parked_join) || group.joins_parked() < limit;
        case GroupState::kCompletingRebalance:
        case GroupState::kStable:
            return member != nullptr || group.members.size() < limit;
    }
    return false;
}

void CoordinatorCore::join_new(Step step, Group& group, Ticket ticket, JoinRequest& request) {
    if (request.instance_id) {
        request.member_id = *request.instance_id + "-" + request.fresh_suffix;
        if (group.live.member_of_instance(*request.instance_id) != nullptr)
            return join_replacing(step, group, ticket, request);
        return add_member(step, group, ticket, request);
    }
    request.member_id = request.client_id + "-" + request.fresh_suffix;
    if (!request.requires_member_id) return add_member(step, group, ticket, request);
    // Two steps (KIP-394): an id that nobody comes back with costs only this entry.
    group.live.pending[request.member_id] =
        step.clock.now + std::chrono::milliseconds(request.session_timeout_ms);
    step.out.answers.push_back({ticket, refused(ErrorCode::kMemberIdRequired, request.member_id)});
}

void CoordinatorCore::join_known(Step step, Group& group, Ticket ticket, JoinRequest& request) {
    const auto refuse = [&](ErrorCode error) {
        step.out.answers.push_back({ticket, refused(error, request.member_id)});
    };
    if (group.live.pending.contains(request.member_id)) {
        if (request.instance_id) return refuse(ErrorCode::kUnknownMemberId);
        return add_member(step, group, ticket, request);
    }
    const ErrorCode checked = group.live.check_member(request.member_id, request.instance_id);
    if (checked != ErrorCode::kNone) return refuse(checked);

    GroupMember& member = *group.live.find(request.member_id);
    const bool unchanged = member.protocols == request.protocols;
    switch (group.live.state) {
        case GroupState::kEmpty:
            return refuse(ErrorCode::kUnknownMemberId);
        case GroupState::kDead:
            return refuse(ErrorCode::kCoordinatorNotAvailable);
        case GroupState::kPreparingRebalance:
            break;
        case GroupState::kCompletingRebalance:
            // The answer was lost: give it again.
            if (unchanged)
                return step.out.answers.push_back({ticket, group.live.join_reply(member)});
            break;
        case GroupState::kStable:
            if (unchanged && !group.live.leads(member.member_id))
                return step.out.answers.push_back({ticket, group.live.join_reply(member)});
            break;
    }
    rejoin(step, member, ticket, request);
    rebalance_or_complete(step, group);
}

// A static member came back under its instance id (KIP-345): its old incarnation is fenced.
void CoordinatorCore::join_replacing(Step step, Group& group, Ticket ticket, JoinRequest& request) {
    ClassicGroup& live = group.live;
    const std::string old_id = *live.member_of_instance(*request.instance_id);
    const std::string old_leader = live.leader;
    GroupMember& member = live.rename_static(old_id, request.member_id);
    if (member.parked_join) {
        step.out.answers.push_back(
            {*member.parked_join, refused(ErrorCode::kFencedInstanceId, old_id)}
        );
        member.parked_join.reset();
    }
    if (member.parked_sync) {
        step.out.answers.push_back(
            {*member.parked_sync, SyncReply{ErrorCode::kFencedInstanceId, {}, {}, {}}}
        );
        member.parked_sync.reset();
    }
    rejoin(step, member, ticket, request);
    const bool undisturbed =
        live.state == GroupState::kStable && live.select_protocol() == live.protocol;
    if (!undisturbed) return rebalance_or_complete(step, group);

    member.parked_join.reset();
    member.expires = step.clock.now + std::chrono::milliseconds(member.session_timeout_ms);
    persist(step, group);
    JoinReply reply = live.join_reply(member);
    if (request.skips_assignment) {
        reply.skip_assignment = live.leads(member.member_id);
    } else {
        // Old clients would assign anew if told that they lead.
        reply.leader = old_leader;
        reply.members.clear();
    }
    step.out.answers.push_back({ticket, std::move(reply)});
}

void CoordinatorCore::add_member(Step step, Group& group, Ticket ticket, JoinRequest& request) {
    GroupMember member;
    member.member_id = request.member_id;
    member.instance_id = request.instance_id;
    member.client_id = request.client_id;
    member.client_host = request.client_host;
    member.is_new = true;
    GroupMember& added = group.live.add(std::move(member), request.protocol_type);
    if (group.live.initial_rebalance) group.live.member_came_during_wait = true;
    rejoin(step, added, ticket, request);
    rebalance_or_complete(step, group);
}

// Takes over what the request says and parks it.
void CoordinatorCore::rejoin(Step step, GroupMember& member, Ticket ticket, JoinRequest& request) {
    if (member.parked_join) {
        // The client gave up on the earlier request and sent it again.
        step.out.answers.push_back(
            {*member.parked_join, refused(ErrorCode::kRebalanceInProgress, member.member_id)}
        );
    }
    member.protocols = kept(request.protocols);
    member.session_timeout_ms = request.session_timeout_ms;
    member.rebalance_timeout_ms = request.rebalance_timeout_ms;
    member.parked_join = ticket;
    member.expires = member.is_new
                         ? step.clock.now + std::chrono::milliseconds(kNewMemberJoinTimeoutMs)
                         : Instant::never();
}

}  // namespace sealane::broker::groups
