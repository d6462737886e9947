// What every API needs, once all of them are registered.

#include "broker/api/security/rules.hpp"

namespace sealane::broker {

void guard_apis(ApiRegistry& registry, Services& services) {
    // Before anybody has proved who it is, and DescribeCluster, whose fields a rule fills in.
    registry.leave_open(kafka::ApiKey::kApiVersions);
    registry.leave_open(kafka::ApiKey::kSaslHandshake);
    registry.leave_open(kafka::ApiKey::kSaslAuthenticate);
    guard_data_apis(registry, services);
    guard_metadata_apis(registry, services);
    guard_topic_apis(registry, services);
    guard_config_apis(registry, services);
    guard_group_apis(registry, services);
    guard_consumer_group_apis(registry, services);
    guard_offset_apis(registry, services);
    guard_transaction_apis(registry, services);
    guard_cluster_apis(registry, services);
    if (services.access.enabled()) registry.enforce_access();
}

}  // namespace sealane::broker
