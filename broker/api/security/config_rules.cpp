// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs, ListConfigResources.

#include "broker/api/configs/config_decisions.hpp"
#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/configs.hpp"

namespace sealane::broker {

namespace {

constexpr std::int8_t kGroupResource = 32;

// Topics and groups by their own name; brokers, their loggers and client metrics by the cluster.
bool may(const Asker& asker, AclOperation operation, std::int8_t type, const std::string& name) {
    if (type == kTopicResource) return asker.topic(operation, name);
    if (type == kGroupResource) return asker.group(operation, name);
    return asker.cluster(operation);
}

template <class Answer, class Resource>
void refuse(Answer& answer, const Resource& resource) {
    answer.resource_type = resource.resource_type;
    answer.resource_name = resource.resource_name;
    answer.error_code =
        resource.resource_type == kTopicResource   ? ErrorCode::kTopicAuthorizationFailed
        : resource.resource_type == kGroupResource ? ErrorCode::kGroupAuthorizationFailed
                                                   : ErrorCode::kClusterAuthorizationFailed;
    answer.error_message = "Authorization failed.";
}

template <class Request, class Answers>
void guard_resources(
    ApiRegistry& registry, Services& services, AclOperation operation, Answers answers
) {
    using Response = typename Request::Response;
    registry.guard<Request>(
        [&services,
         operation,
         answers](const RequestContext& context, Request& request) -> AccessVerdict<Response> {
            const Asker asker(services, context);
            auto denied = take_denied(request.resources, [&](const auto& resource) {
                return may(asker, operation, resource.resource_type, resource.resource_name);
            });
            if (denied.empty()) return {};
            AccessVerdict<Response> verdict;
            verdict.amend = [denied = std::move(denied), answers](Response& response) {
                for (const auto& resource : denied) {
                    refuse((response.*answers).emplace_back(), resource);
                }
            };
            return verdict;
        }
    );
}

}  // namespace

void guard_config_apis(ApiRegistry& registry, Services& services) {
    guard_resources<kafka::DescribeConfigsRequest>(
        registry, services, AclOperation::kDescribeConfigs, &kafka::DescribeConfigsResponse::results
    );
    guard_resources<kafka::AlterConfigsRequest>(
        registry, services, AclOperation::kAlterConfigs, &kafka::AlterConfigsResponse::responses
    );
    guard_resources<kafka::IncrementalAlterConfigsRequest>(
        registry,
        services,
        AclOperation::kAlterConfigs,
        &kafka::IncrementalAlterConfigsResponse::responses
    );
    guard_by_cluster<kafka::ListConfigResourcesRequest>(
        registry, services, AclOperation::kDescribeConfigs
    );
}

}  // namespace sealane::broker
