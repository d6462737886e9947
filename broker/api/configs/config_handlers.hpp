#pragma once
// The handlers of the configuration APIs, one file per API; config_apis.cpp registers them.

#include "broker/api/configs/config_decisions.hpp"
#include "broker/api/error_map.hpp"
#include "broker/api/registry.hpp"
#include "broker/api/services.hpp"

#include <functional>

namespace sealane::broker {

void add_describe_configs(ApiRegistry& registry, Services& services);
void add_alter_configs(ApiRegistry& registry, Services& services);
void add_incremental_alter_configs(ApiRegistry& registry, Services& services);
void add_list_config_resources(ApiRegistry& registry, Services& services);

// One resource of a request that changes configurations.
struct ConfigAlteration {
    std::int8_t resource_type = 0;
    std::string resource_name;
    // From what is set now to what changes.
    std::function<Result<ConfigChanges>(const ConfigOverrides& before)> decide;
    bool validate_only = false;
    bool repeated = false;  // the request names the resource twice
};
// Changes it, or checks that it could: a topic, a broker, or (the empty name) all brokers.
[[nodiscard]] runtime::Task<Status> alter_config(Services& services, ConfigAlteration alteration);

}  // namespace sealane::broker
