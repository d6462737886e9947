// JoinGroup: parked until the join phase of the group's rebalance ends.

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/groups.hpp"

namespace sealane::broker {
namespace {

using kafka::JoinGroupRequest;
using kafka::JoinGroupResponse;
using runtime::Task;

constexpr std::int16_t kOwnRebalanceTimeout = 1;
constexpr std::int16_t kTwoStepJoin = 4;  // KIP-394
constexpr std::int16_t kNullableProtocol = 7;
constexpr std::int16_t kSkipAssignment = 9;  // KIP-814

groups::JoinRequest asked(const RequestContext& context, JoinGroupRequest wire) {
    groups::JoinRequest request;
    request.group_id = std::move(wire.group_id);
    request.member_id = std::move(wire.member_id);
    request.instance_id = std::move(wire.group_instance_id);
    request.protocol_type = std::move(wire.protocol_type);
    for (auto& protocol : wire.protocols)
        request.protocols.push_back({std::move(protocol.name), std::move(protocol.metadata)});
    request.session_timeout_ms = wire.session_timeout_ms;
    request.rebalance_timeout_ms = context.api_version >= kOwnRebalanceTimeout
                                       ? wire.rebalance_timeout_ms
                                       : wire.session_timeout_ms;
    request.client_id = context.client_id;
    request.client_host = client_host(context);
    request.requires_member_id = context.api_version >= kTwoStepJoin;
    request.skips_assignment = context.api_version >= kSkipAssignment;
    return request;
}

JoinGroupResponse answered(groups::JoinReply reply, std::int16_t version) {
    JoinGroupResponse response;
    response.error_code = wire_code(reply.error);
    response.generation_id = reply.generation;
    response.protocol_type = std::move(reply.protocol_type);
    response.protocol_name = std::move(reply.protocol_name);
    if (!response.protocol_name && version < kNullableProtocol) response.protocol_name = "";
    response.leader = std::move(reply.leader);
    response.skip_assignment = reply.skip_assignment;
    response.member_id = std::move(reply.member_id);
    for (auto& member : reply.members) {
        response.members.push_back(
            {std::move(member.member_id), std::move(member.instance_id), std::move(member.metadata)}
        );
    }
    return response;
}

Task<Result<JoinGroupResponse>> join_group(
    GroupServicesPtr services, groups::JoinRequest request, std::int16_t version
) {
    request.fresh_suffix = services->coordinator.fresh_suffix();
    std::string member_id = request.member_id;
    auto reply = co_await services->coordinator.join(std::move(request));
    if (reply) co_return answered(*std::move(reply), version);
    groups::JoinReply refused;
    refused.error = reply.error().code();
    refused.member_id = std::move(member_id);
    co_return answered(std::move(refused), version);
}

}  // namespace

void add_join_group(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<JoinGroupRequest>(
        {0, 9},
        [services](
            RequestContext context, JoinGroupRequest wire
        ) -> Task<Reply<JoinGroupResponse>> {
            const std::int16_t version = context.api_version;
            auto request = asked(context, std::move(wire));
            co_return Reply<JoinGroupResponse>::later(
                [services, request = std::move(request), version] {
                    return join_group(services, request, version);
                }
            );
        }
    );
}

}  // namespace sealane::broker
