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
    if (resource.resource_type == kTopicResource) {
        SEALANE_CHECK(check_topic_name(name));
        const auto topic = services.metadata.image()->topic(name);
        if (topic == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition);
        return describe_topic_configs(services.config.topic_defaults, topic->configs, options);
    }
    if (resource.resource_type == kBrokerResource) {
        // The empty name: defaults of all brokers set at run time. There are none.
        if (name.empty()) return std::vector<DescribedConfig>{};
        const std::string own = std::to_string(services.config.node_id.value);
        if (name == own) return describe_broker_configs(services.config, options);
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
