// Heartbeat: keeps a member's session and tells it to rejoin.

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/groups.hpp"

namespace sealane::broker {
namespace {

using kafka::HeartbeatRequest;
using kafka::HeartbeatResponse;
using runtime::Task;

Task<Reply<HeartbeatResponse>> heartbeat(GroupServicesPtr services, HeartbeatRequest wire) {
    groups::HeartbeatRequest request;
    request.group_id = std::move(wire.group_id);
    request.generation = wire.generation_id;
    request.member_id = std::move(wire.member_id);
    request.instance_id = std::move(wire.group_instance_id);
    const auto reply = co_await services->coordinator.heartbeat(std::move(request));
    HeartbeatResponse response;
    response.error_code = wire_code(reply ? reply->error : reply.error().code());
    co_return response;
}

}  // namespace

void add_heartbeat(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<HeartbeatRequest>(
        {0, 4},
        [services](RequestContext, HeartbeatRequest wire) -> Task<Reply<HeartbeatResponse>> {
            return heartbeat(services, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
