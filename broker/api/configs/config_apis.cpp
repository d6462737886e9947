// Registers the configuration APIs, and what both ways to alter have in common.

#include "broker/api/configs/config_handlers.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

Result<Records> decide(
    const Image& image, const ClusterPolicy& policy, const ConfigAlteration& alteration
) {
    SEALANE_CHECK(check_topic_name(alteration.resource_name));
    const auto topic = image.topic(alteration.resource_name);
    if (topic == nullptr)
        return fail(
            ErrorCode::kUnknownTopicOrPartition,
            "The topic '" + alteration.resource_name + "' does not exist."
        );
    SEALANE_TRY(const ConfigChanges changes, alteration.decide(topic->configs));
    return configure_topic(image, policy, alteration.resource_name, changes);
}

}  // namespace

Task<Status> alter_config(Services& services, ConfigAlteration alteration) {
    if (alteration.repeated)
        co_return fail(ErrorCode::kInvalidRequest, "Each resource must appear at most once.");
    if (alteration.resource_type == kBrokerResource) {
        co_return fail(
            ErrorCode::kInvalidRequest,
            "The broker's settings are read-only: change its file and restart it."
        );
    }
    if (alteration.resource_type != kTopicResource) {
        co_return fail(
            ErrorCode::kInvalidRequest,
            "Unsupported resource type " + std::to_string(alteration.resource_type)
        );
    }
    if (alteration.validate_only) {
        const auto records =
            decide(*services.metadata.newest(), services.controller_duties.policy(), alteration);
        if (!records) co_return fail(records.error());
        co_return Status{};
    }
    co_return co_await services.metadata.change([&services, alteration](const Image& newest) {
        return decide(newest, services.controller_duties.policy(), alteration);
    });
}

void register_config_apis(ApiRegistry& registry, Services& services) {
    add_describe_configs(registry, services);
    add_alter_configs(registry, services);
    add_incremental_alter_configs(registry, services);
    add_list_config_resources(registry, services);
}

}  // namespace sealane::broker
