// DeleteGroups (KIP-229): empty groups go with their offsets.

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/group_admin.hpp"

namespace sealane::broker {
namespace {

using kafka::DeleteGroupsRequest;
using kafka::DeleteGroupsResponse;
using runtime::Task;

Task<Reply<DeleteGroupsResponse>> delete_groups(
    GroupServicesPtr services, DeleteGroupsRequest wire
) {
    DeleteGroupsResponse response;
    for (std::string& group_id : wire.groups_names) {
        auto& result = response.results.emplace_back();
        result.group_id = group_id;
        const auto reply = co_await services->coordinator.delete_group({std::move(group_id)});
        response.results.back().error_code = wire_code(reply ? reply->error : reply.error().code());
    }
    co_return response;
}

}  // namespace

void add_delete_groups(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<DeleteGroupsRequest>(
        {0, 3},
        [services](RequestContext, DeleteGroupsRequest wire) -> Task<Reply<DeleteGroupsResponse>> {
            return delete_groups(services, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
