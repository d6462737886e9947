// Registers the configuration APIs, and what both ways to alter have in common.

#include "broker/api/configs/config_handlers.hpp"
#include "broker/metadata/dynamic_config.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

Result<Records> decide(
    const Image& image, const Controller& controller, const ConfigAlteration& alteration
) {
    const std::string& name = alteration.resource_name;
    if (alteration.resource_type == kBrokerResource) {
        const auto broker = broker_of_resource(name);
        if (!broker) {
            return fail(ErrorCode::kInvalidRequest, "'" + name + "' is no broker's number");
        }
        SEALANE_TRY(const ConfigChanges changes, alteration.decide(image.broker_configs(*broker)));
        return configure_broker(image, controller.policy_from_file(), *broker, changes);
    }
    if (alteration.resource_type != kTopicResource) {
        return fail(
            ErrorCode::kInvalidRequest,
            "Unsupported resource type " + std::to_string(alteration.resource_type)
        );
    }
    SEALANE_CHECK(check_topic_name(name));
    const auto topic = image.topic(name);
    if (topic == nullptr)
        return fail(
            ErrorCode::kUnknownTopicOrPartition, "The topic '" + name + "' does not exist."
        );
    SEALANE_TRY(const ConfigChanges changes, alteration.decide(topic->configs));
    return configure_topic(image, controller.policy(image), name, changes);
}

}  // namespace

Task<Status> alter_config(Services& services, ConfigAlteration alteration) {
    if (alteration.repeated)
        co_return fail(ErrorCode::kInvalidRequest, "Each resource must appear at most once.");
    if (alteration.validate_only) {
        const auto records =
            decide(*services.metadata.newest(), services.controller_duties, alteration);
        if (!records) co_return fail(records.error());
        co_return Status{};
    }
    co_return co_await services.metadata.change([&services, alteration](const Image& newest) {
        return decide(newest, services.controller_duties, alteration);
    });
}

void register_config_apis(ApiRegistry& registry, Services& services) {
    add_describe_configs(registry, services);
    add_alter_configs(registry, services);
    add_incremental_alter_configs(registry, services);
    add_list_config_resources(registry, services);
}

}  // namespace sealane::broker
