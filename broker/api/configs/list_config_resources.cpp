// ListConfigResources (KIP-1142): the topics and this broker; there are no client-metrics
// resources, which is all that version 0 asks for.

#include "broker/api/configs/config_handlers.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using kafka::ListConfigResourcesRequest;
using kafka::ListConfigResourcesResponse;
using runtime::Task;

constexpr std::int16_t kByType = 1;

ListConfigResourcesResponse list(
    const Services& services, const ListConfigResourcesRequest& request, std::int16_t version
) {
    ListConfigResourcesResponse response;
    if (version < kByType) return response;
    const auto wanted = [&](std::int8_t type) {
        return request.resource_types.empty() ||
               std::ranges::find(request.resource_types, type) != request.resource_types.end();
    };
    if (wanted(kTopicResource)) {
        for (const auto& [name, topic] : services.metadata.image()->topics())
            response.config_resources.push_back({name, kTopicResource});
    }
    if (wanted(kBrokerResource)) {
        response.config_resources.push_back(
            {std::to_string(services.config.node_id.value), kBrokerResource}
        );
    }
    return response;
}

}  // namespace

void add_list_config_resources(ApiRegistry& registry, Services& services) {
    registry.add<ListConfigResourcesRequest>(
        {0, 1},
        [&services](
            RequestContext context, ListConfigResourcesRequest request
        ) -> Task<Reply<ListConfigResourcesResponse>> {
            co_return list(services, request, context.api_version);
        }
    );
}

}  // namespace sealane::broker
