// AlterConfigs, the old way: a resource gets exactly the values of the request.

#include "broker/api/configs/config_handlers.hpp"

#include <set>

namespace sealane::broker {
namespace {

using kafka::AlterConfigsRequest;
using kafka::AlterConfigsResponse;
using runtime::Task;

Task<Reply<AlterConfigsResponse>> alter_configs(Services& services, AlterConfigsRequest request) {
    AlterConfigsResponse response;
    std::set<std::pair<std::int8_t, std::string>> seen;
    for (const auto& resource : request.resources) {
        std::vector<ConfigEdit> edits;
        for (const auto& config : resource.configs) edits.push_back({config.name, 0, config.value});
        ConfigAlteration alteration;
        alteration.resource_type = resource.resource_type;
        alteration.resource_name = resource.resource_name;
        alteration.decide = [edits](const ConfigOverrides& before) {
            return replaced(before, edits);
        };
        alteration.validate_only = request.validate_only;
        alteration.repeated = !seen.emplace(resource.resource_type, resource.resource_name).second;
        const Status altered = co_await alter_config(services, std::move(alteration));
        auto& answer = response.responses.emplace_back();
        answer.resource_type = resource.resource_type;
        answer.resource_name = resource.resource_name;
        answer.error_message.reset();
        if (altered) continue;
        answer.error_code = wire_code(altered.error());
        answer.error_message = wire_message(altered.error());
    }
    co_return response;
}

}  // namespace

void add_alter_configs(ApiRegistry& registry, Services& services) {
    registry.add_controller<AlterConfigsRequest>(
        {0, 2},
        [&services](
            RequestContext, AlterConfigsRequest request
        ) -> Task<Reply<AlterConfigsResponse>> {
            return alter_configs(services, std::move(request));
        }
    );
}

}  // namespace sealane::broker
