// CreateTopics, DeleteTopics, CreatePartitions.

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/topics.hpp"

namespace sealane::broker {

using kafka::CreatePartitionsRequest;
using kafka::CreatePartitionsResponse;
using kafka::CreateTopicsRequest;
using kafka::CreateTopicsResponse;
using kafka::DeleteTopicsRequest;
using kafka::DeleteTopicsResponse;

namespace {

constexpr ErrorCode kDenied = ErrorCode::kTopicAuthorizationFailed;
constexpr const char* kSaid = "Authorization failed.";

// Who may not see a topic's configuration is not told it either (KIP-525).
void hide_configs(CreateTopicsResponse& response, const Asker& asker) {
    for (auto& topic : response.topics) {
        if (topic.error_code != ErrorCode::kNone ||
            asker.sees(AclOperation::kDescribeConfigs, ResourceType::kTopic, topic.name)) {
            continue;
        }
        topic.topic_config_error_code = kDenied;
        topic.num_partitions = -1;
        topic.replication_factor = -1;
        topic.configs.reset();
    }
}

AccessVerdict<CreateTopicsResponse> create_rule(
    const Services& services, const RequestContext& context, CreateTopicsRequest& request
) {
    const Asker asker(services, context);
    const bool everywhere =
        asker.sees(AclOperation::kCreate, ResourceType::kCluster, identity::kClusterName);
    auto denied = take_denied(request.topics, [&](const auto& topic) {
        return everywhere || asker.topic(AclOperation::kCreate, topic.name);
    });
    AccessVerdict<CreateTopicsResponse> verdict;
    verdict.amend = [&services, context, denied = std::move(denied)](CreateTopicsResponse& response
                    ) {
        hide_configs(response, Asker(services, context));
        for (const auto& topic : denied) {
            auto& result = response.topics.emplace_back();
            result.name = topic.name;
            result.error_code = kDenied;
            result.error_message = kSaid;
            result.configs->clear();
        }
    };
    return verdict;
}

// An id tells its name only to those who may see the topic.
DeleteTopicsResponse::DeletableTopicResult denied_deletion(
    const Services& services,
    const Asker& asker,
    const std::optional<std::string>& name,
    const Uuid& id
) {
    DeleteTopicsResponse::DeletableTopicResult result;
    result.name = name;
    result.topic_id = id;
    result.error_code = kDenied;
    result.error_message = kSaid;
    if (!id.is_zero()) {
        const auto topic = services.metadata.image()->topic(id);
        if (topic != nullptr && asker.sees_topic(topic->name)) result.name = topic->name;
    }
    return result;
}

AccessVerdict<DeleteTopicsResponse> delete_rule(
    const Services& services, const RequestContext& context, DeleteTopicsRequest& request
) {
    const Asker asker(services, context);
    if (asker.sees(AclOperation::kDelete, ResourceType::kCluster, identity::kClusterName))
        return {};
    std::vector<DeleteTopicsResponse::DeletableTopicResult> results;
    for (const auto& topic : take_denied(request.topics, [&asker](const auto& one) {
             return asker.topic(AclOperation::kDelete, one.name.value_or(""), one.topic_id);
         })) {
        results.push_back(denied_deletion(services, asker, topic.name, topic.topic_id));
    }
    for (const std::string& name : take_denied(request.topic_names, [&asker](const auto& one) {
             return asker.topic(AclOperation::kDelete, one);
         })) {
        results.push_back(denied_deletion(services, asker, name, Uuid{}));
    }
    if (results.empty()) return {};
    AccessVerdict<DeleteTopicsResponse> verdict;
    verdict.amend = [results = std::move(results)](DeleteTopicsResponse& response) {
        for (const auto& result : results) response.responses.push_back(result);
    };
    return verdict;
}

AccessVerdict<CreatePartitionsResponse> grow_rule(
    const Services& services, const RequestContext& context, CreatePartitionsRequest& request
) {
    const Asker asker(services, context);
    auto denied = take_denied(request.topics, [&asker](const auto& topic) {
        return asker.topic(AclOperation::kAlter, topic.name);
    });
    if (denied.empty()) return {};
    AccessVerdict<CreatePartitionsResponse> verdict;
    verdict.amend = [denied = std::move(denied)](CreatePartitionsResponse& response) {
        for (const auto& topic : denied) {
            auto& result = response.results.emplace_back();
            result.name = topic.name;
            result.error_code = kDenied;
            result.error_message = kSaid;
        }
    };
    return verdict;
}

}  // namespace

void guard_topic_apis(ApiRegistry& registry, Services& services) {
    registry.guard<CreateTopicsRequest>(
        [&services](const RequestContext& context, CreateTopicsRequest& request) {
            return create_rule(services, context, request);
        }
    );
    registry.guard<DeleteTopicsRequest>(
        [&services](const RequestContext& context, DeleteTopicsRequest& request) {
            return delete_rule(services, context, request);
        }
    );
    registry.guard<CreatePartitionsRequest>(
        [&services](const RequestContext& context, CreatePartitionsRequest& request) {
            return grow_rule(services, context, request);
        }
    );
}

}  // namespace sealane::broker
