// DescribeGroups.

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/group_admin.hpp"

namespace sealane::broker {
namespace {

using kafka::DescribeGroupsRequest;
using kafka::DescribeGroupsResponse;
using runtime::Task;

constexpr std::int16_t kGroupNotFound = 6;

Task<DescribeGroupsResponse::DescribedGroup> describe(
    GroupServicesPtr services, std::string group_id, std::int16_t version
) {
    DescribeGroupsResponse::DescribedGroup answer;
    answer.group_id = group_id;
    if (group_id.empty()) {
        answer.error_code = ErrorCode::kInvalidGroupId;
        co_return answer;
    }
    auto described = co_await services->coordinator.describe(std::move(group_id));
    if (!described) {
        answer.error_code = wire_code(described.error());
        co_return answer;
    }
    if (!*described) {
        answer.group_state = name_of(groups::GroupState::kDead);
        if (version < kGroupNotFound) co_return answer;
        answer.error_code = ErrorCode::kGroupIdNotFound;
        answer.error_message = "Group " + answer.group_id + " not found.";
        co_return answer;
    }
    groups::DescribedGroup& group = **described;
    answer.group_state = name_of(group.state);
    answer.protocol_type = std::move(group.protocol_type);
    answer.protocol_data = std::move(group.protocol);
    for (groups::DescribedMember& member : group.members) {
        auto& shown = answer.members.emplace_back();
        shown.member_id = std::move(member.member_id);
        shown.group_instance_id = std::move(member.instance_id);
        shown.client_id = std::move(member.client_id);
        shown.client_host = std::move(member.client_host);
        shown.member_metadata = std::move(member.metadata);
        shown.member_assignment = std::move(member.assignment);
    }
    co_return answer;
}

Task<Reply<DescribeGroupsResponse>> describe_groups(
    GroupServicesPtr services, std::int16_t version, DescribeGroupsRequest wire
) {
    DescribeGroupsResponse response;
    for (std::string& group_id : wire.groups) {
        auto answer = co_await describe(services, std::move(group_id), version);
        if (wire.include_authorized_operations) answer.authorized_operations = kAllGroupOperations;
        response.groups.push_back(std::move(answer));
    }
    co_return response;
}

}  // namespace

void add_describe_groups(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<DescribeGroupsRequest>(
        {0, 6},
        [services](
            RequestContext context, DescribeGroupsRequest wire
        ) -> Task<Reply<DescribeGroupsResponse>> {
            return describe_groups(services, context.api_version, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
