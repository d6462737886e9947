// The first step of a heartbeat: whose it is, and whether it may go on.

#include "broker/groups/consumer/heartbeat.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

std::unexpected<Error> unknown_member(const std::string& id, const std::string& group) {
    return fail(
        ErrorCode::kUnknownMemberId, "Member " + id + " is not a member of group " + group + "."
    );
}

std::unexpected<Error> unknown_instance(const std::string& id, const std::string& group) {
    return fail(
        ErrorCode::kUnknownMemberId, "Instance id " + id + " is unknown in group " + group + "."
    );
}

std::unexpected<Error> fenced_instance(
    const ConsumerHeartbeatRequest& request, const std::string& owner
) {
    return fail(
        ErrorCode::kFencedInstanceId,
        "Static member " + request.member_id + " with instance id " + *request.instance_id +
            " was fenced by member " + owner + "."
    );
}

std::unexpected<Error> fenced(const ConsumerMember& member, std::int32_t received) {
    return fail(
        ErrorCode::kFencedMemberEpoch,
        "The consumer group member has epoch " + std::to_string(received) +
            ", but the group coordinator knows it with epoch " +
            std::to_string(member.current.epoch) +
            ". The member must abandon all its partitions and rejoin."
    );
}

bool holds_all(const HeldPartitions& held, const PartitionSet& owned) {
    return std::ranges::all_of(owned, [&held](const TopicIdPartition& each) {
        return held.contains(each);
    });
}

template <class Value>
void take_over(Value& known, const std::optional<Value>& said) {
    if (said) known = *said;
}
template <class Value>
void take_over(std::optional<Value>& known, const std::optional<Value>& said) {
    if (said) known = said;
}

}  // namespace

Result<ConsumerHeartbeat::Draft> ConsumerHeartbeat::find_member(
    const ConsumerHeartbeatRequest& request
) const {
    SEALANE_TRY(Draft draft, request.instance_id ? find_static(request) : find_dynamic(request));
    draft.is_joining = request.member_epoch == kJoiningEpoch;
    const bool is_new = draft.before == nullptr && draft.replaced == nullptr;
    if (is_new && std::cmp_greater_equal(group_.members().size(), config_.max_size))
        return fail(
            ErrorCode::kGroupMaxSizeReached,
            "The consumer group has reached its maximum capacity of " +
                std::to_string(config_.max_size) + " members."
        );
    if (draft.before != nullptr) {
        if (!draft.is_joining) SEALANE_CHECK(check_epoch(*draft.before, request));
        draft.member = *draft.before;
    } else if (draft.replaced != nullptr) {
        draft.member = *draft.replaced;
    }
    draft.member.id = request.member_id.empty() ? request.fresh_member_id : request.member_id;
    if (draft.member.is_away() || draft.replaced != nullptr) {
        draft.member.current.epoch = kJoiningEpoch;
        draft.member.current.previous_epoch = kJoiningEpoch;
    }
    return draft;
}

Result<ConsumerHeartbeat::Draft> ConsumerHeartbeat::find_dynamic(
    const ConsumerHeartbeatRequest& request
) const {
    Draft draft;
    draft.before = group_.find(request.member_id);
    if (draft.before == nullptr && request.member_epoch != kJoiningEpoch)
        return unknown_member(request.member_id, group_id_);
    return draft;
}

// Somebody else may take an instance over only when its member has said that it leaves for a while.
// Its own member may always begin anew.
Result<ConsumerHeartbeat::Draft> ConsumerHeartbeat::find_static(
    const ConsumerHeartbeatRequest& request
) const {
    Draft draft;
    const ConsumerMember* owner = group_.find_instance(*request.instance_id);
    if (owner != nullptr && owner->id == request.member_id) {
        draft.before = owner;
        return draft;
    }
    if (request.member_epoch == kJoiningEpoch) {
        if (owner != nullptr && !owner->is_away())
            return fail(
                ErrorCode::kUnreleasedInstanceId,
                "Static member " + request.member_id + " with instance id " + *request.instance_id +
                    " cannot join the group because the instance id is " + "owned by member " +
                    owner->id + "."
            );
        draft.replaced = owner;
        // Under this id it may be known as somebody else's, or as dynamic.
        draft.before = group_.find(request.member_id);
        if (draft.before != nullptr && owner != nullptr)
            return fail(
                ErrorCode::kInvalidRequest,
                "Member " + request.member_id + " is in the group under another instance id."
            );
        return draft;
    }
    if (owner == nullptr) return unknown_instance(*request.instance_id, group_id_);
    return fenced_instance(request, owner->id);
}

Status ConsumerHeartbeat::check_epoch(
    const ConsumerMember& member, const ConsumerHeartbeatRequest& request
) {
    const CurrentAssignment& current = member.current;
    const bool has_nothing = request.owned && request.owned->empty();
    // Written by a later version: only a member that begins anew can be led from there.
    if (current.state == MemberState::kUnknown && !has_nothing)
        return fenced(member, request.member_epoch);
    if (request.member_epoch == current.epoch) return {};
    // An answer may have been lost: the member goes on from the epoch before, if it owns no more
    // than it may.
    const bool is_behind = request.member_epoch < current.epoch &&
                           request.member_epoch == current.previous_epoch && request.owned &&
                           holds_all(current.assigned, *request.owned);
    if (is_behind) return {};
    return fenced(member, request.member_epoch);
}

// Whether the subscription is another one now.
bool ConsumerHeartbeat::update_member(Draft& draft, const ConsumerHeartbeatRequest& request) {
    MemberMetadata& member = draft.member.metadata;
    take_over(member.instance_id, request.instance_id);
    take_over(member.rack_id, request.rack_id);
    take_over(member.assignor, request.assignor);
    take_over(member.topics, request.topics);
    take_over(member.pattern, request.pattern);
    if (request.rebalance_timeout_ms >= 0)
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
    member.client_id = request.client_id;
    member.client_host = request.client_host;
    std::ranges::sort(member.topics);
    member.topics.erase(std::ranges::unique(member.topics).begin(), member.topics.end());
    const MemberMetadata* before = draft.said_before();
    return before == nullptr || before->topics != member.topics ||
           before->pattern != member.pattern;
}

Result<const ConsumerMember*> ConsumerHeartbeat::leaving(const ConsumerHeartbeatRequest& request
) const {
    const ConsumerMember* member = request.instance_id ? group_.find_instance(*request.instance_id)
                                                       : group_.find(request.member_id);
    if (member == nullptr && request.instance_id)
        return unknown_instance(*request.instance_id, group_id_);
    if (member == nullptr) return unknown_member(request.member_id, group_id_);
    if (member->id != request.member_id) return fenced_instance(request, member->id);
    return member;
}

}  // namespace sealane::broker::groups
