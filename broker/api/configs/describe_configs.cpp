// DescribeConfigs: topics, and this broker by its number.

#include "broker/api/configs/config_handlers.hpp"

#include <set>

namespace sealane::broker {
namespace {

using kafka::DescribeConfigsRequest;
using kafka::DescribeConfigsResponse;
using runtime::Task;
using Described = Result<std::vector<DescribedConfig>>;

Described describe(
    const Services& services,
    const DescribeConfigsRequest::DescribeConfigsResource& resource,
    const DescribeOptions& options
) {
    const std::string& name = resource.resource_name;
    const auto image = services.metadata.image();
    const BrokerId node = services.file_config.node_id;
    const ConfigLayers layers{
        .file = services.file_config,
        .everywhere = image->broker_configs(kNoBroker),
        .own = image->broker_configs(node),
    };
    if (resource.resource_type == kTopicResource) {
        SEALANE_CHECK(check_topic_name(name));
        const auto topic = image->topic(name);
        if (topic == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition);
        return describe_topic_configs(layers, topic->configs, options);
    }
    if (resource.resource_type == kBrokerResource) {
        if (name.empty()) return describe_all_brokers(layers, options);
        const std::string own = std::to_string(node.value);
        if (name == own) return describe_broker_configs(layers, options);
        return fail(
            ErrorCode::kInvalidRequest, "Unexpected broker id, expected " + own + ", not " + name
        );
    }
    return fail(
        ErrorCode::kInvalidRequest,
        "Unsupported resource type " + std::to_string(resource.resource_type)
    );
}

DescribeConfigsResponse describe_all(
    const Services& services, const DescribeConfigsRequest& request
) {
    DescribeConfigsResponse response;
    for (const auto& resource : request.resources) {
        DescribeOptions options;
        options.keys = resource.configuration_keys.value_or(std::vector<std::string>{});
        options.synonyms = request.include_synonyms;
        options.documentation = request.include_documentation;
        auto& result = response.results.emplace_back();
        result.resource_type = resource.resource_type;
        result.resource_name = resource.resource_name;
        result.error_message.reset();
        auto described = describe(services, resource, options);
        if (described) {
            result.configs = *std::move(described);
        } else {
            result.error_code = wire_code(described.error());
            result.error_message = wire_message(described.error());
        }
    }
    return response;
}

}  // namespace

void add_describe_configs(ApiRegistry& registry, Services& services) {
    registry.add<DescribeConfigsRequest>(
        {0, 4},
        [&services](
            RequestContext, DescribeConfigsRequest request
        ) -> Task<Reply<DescribeConfigsResponse>> { co_return describe_all(services, request); }
    );
}

}  // namespace sealane::broker
