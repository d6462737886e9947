// SyncGroup: parked until the leader's assignment is durable.

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/groups.hpp"

namespace sealane::broker {
namespace {

using kafka::SyncGroupRequest;
using kafka::SyncGroupResponse;
using runtime::Task;

groups::SyncRequest asked(SyncGroupRequest wire) {
    groups::SyncRequest request;
    request.group_id = std::move(wire.group_id);
    request.generation = wire.generation_id;
    request.member_id = std::move(wire.member_id);
    request.instance_id = std::move(wire.group_instance_id);
    request.protocol_type = std::move(wire.protocol_type);
    request.protocol_name = std::move(wire.protocol_name);
    for (auto& given : wire.assignments)
        request.assignments.push_back({std::move(given.member_id), std::move(given.assignment)});
    return request;
}

Task<Result<SyncGroupResponse>> sync_group(GroupServicesPtr services, groups::SyncRequest request) {
    SyncGroupResponse response;
    auto reply = co_await services->coordinator.sync(std::move(request));
    if (!reply) {
        response.error_code = wire_code(reply.error());
        co_return response;
    }
    response.error_code = wire_code(reply->error);
    response.protocol_type = std::move(reply->protocol_type);
    response.protocol_name = std::move(reply->protocol_name);
    response.assignment = std::move(reply->assignment);
    co_return response;
}

}  // namespace

void add_sync_group(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<SyncGroupRequest>(
        {0, 5},
        [services](RequestContext, SyncGroupRequest wire) -> Task<Reply<SyncGroupResponse>> {
            auto request = asked(std::move(wire));
            co_return Reply<SyncGroupResponse>::later([services, request = std::move(request)] {
                return sync_group(services, request);
            });
        }
    );
}

}  // namespace sealane::broker
