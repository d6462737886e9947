// LeaveGroup: one member (v0 to v2) or several, also by instance id for administrators (KIP-345).

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/groups.hpp"

namespace sealane::broker {
namespace {

using kafka::LeaveGroupRequest;
using kafka::LeaveGroupResponse;
using runtime::Task;

constexpr std::int16_t kListOfMembers = 3;

Task<Reply<LeaveGroupResponse>> leave_group(
    GroupServicesPtr services, std::int16_t version, LeaveGroupRequest wire
) {
    if (version < kListOfMembers) {
        wire.members.emplace_back();
        wire.members.back().member_id = std::move(wire.member_id);
    }
    groups::LeaveRequest request;
    request.group_id = std::move(wire.group_id);
    for (const auto& member : wire.members)
        request.members.push_back({member.member_id, member.group_instance_id});
    const auto reply = co_await services->coordinator.leave(std::move(request));

    LeaveGroupResponse response;
    response.error_code = wire_code(reply ? reply->error : reply.error().code());
    if (!reply || response.error_code != ErrorCode::kNone) co_return response;
    if (version < kListOfMembers) {
        response.error_code = wire_code(reply->member_errors.at(0));
        co_return response;
    }
    for (std::size_t i = 0; i < wire.members.size(); ++i) {
        LeaveGroupResponse::MemberResponse member;
        member.member_id = std::move(wire.members[i].member_id);
        member.group_instance_id = std::move(wire.members[i].group_instance_id);
        member.error_code = wire_code(reply->member_errors.at(i));
        response.members.push_back(std::move(member));
    }
    co_return response;
}

}  // namespace

void add_leave_group(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<LeaveGroupRequest>(
        {0, 5},
        [services](
            RequestContext context, LeaveGroupRequest wire
        ) -> Task<Reply<LeaveGroupResponse>> {
            return leave_group(services, context.api_version, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
