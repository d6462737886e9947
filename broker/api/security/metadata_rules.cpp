// Metadata, DescribeTopicPartitions, DescribeCluster: what is shown, and which operations a
// principal is told it may do (KIP-430).

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/metadata.hpp"

namespace sealane::broker {

using kafka::MetadataRequest;
using kafka::MetadataResponse;
using AskedTopic = MetadataRequest::MetadataRequestTopic;

namespace {

constexpr ErrorCode kDenied = ErrorCode::kTopicAuthorizationFailed;

MetadataResponse::MetadataResponseTopic refused(const AskedTopic& asked, std::int16_t version) {
    MetadataResponse::MetadataResponseTopic topic;
    topic.error_code = kDenied;
    topic.name = asked.name;
    if (!topic.name && version < 12) topic.name = "";
    topic.topic_id = asked.topic_id;
    topic.is_internal = asked.name && is_internal_topic(*asked.name);
    return topic;
}

// Who asks for a topic that is not there makes it: that needs CREATE.
bool may_make(const Services& services, const Asker& asker, const std::string& name) {
    return services.metadata.image()->topic(name) != nullptr ||
           asker.sees(AclOperation::kCreate, ResourceType::kCluster, identity::kClusterName) ||
           asker.topic(AclOperation::kCreate, name);
}

bool may_ask(
    const Services& services,
    const Asker& asker,
    const MetadataRequest& request,
    const AskedTopic& topic
) {
    if (!topic.name) return asker.topic(AclOperation::kDescribe, "", topic.topic_id);
    if (!asker.topic(AclOperation::kDescribe, *topic.name)) return false;
    const bool makes = request.allow_auto_topic_creation && services.config.auto_create_topics;
    return !makes || may_make(services, asker, *topic.name);
}

struct MetadataAmendment {
    const Services& services;
    RequestContext context;
    std::vector<AskedTopic> denied;
    bool all = false;      // of the topics, as far as they may be seen
    bool nothing = false;  // everything that was asked for is denied
    bool with_cluster = false;
    bool with_topics = false;

    void operator()(MetadataResponse& response) const {
        const Asker asker(services, context);
        if (nothing) response.topics.clear();
        if (all) {
            std::erase_if(response.topics, [&asker](const auto& topic) {
                return topic.name && !asker.sees_topic(*topic.name);
            });
        }
        if (with_cluster) response.cluster_authorized_operations = asker.cluster_operations();
        for (auto& topic : response.topics) {
            if (!with_topics || topic.error_code != ErrorCode::kNone || !topic.name) continue;
            topic.topic_authorized_operations = asker.operations(ResourceType::kTopic, *topic.name);
        }
        for (const AskedTopic& one : denied) {
            response.topics.push_back(refused(one, context.api_version));
        }
    }
};

AccessVerdict<MetadataResponse> metadata_rule(
    const Services& services, const RequestContext& context, MetadataRequest& request
) {
    MetadataAmendment amendment{.services = services, .context = context, .denied = {}};
    amendment.with_cluster = request.include_cluster_authorized_operations;
    amendment.with_topics = request.include_topic_authorized_operations;
    amendment.all = !request.topics || (context.api_version == 0 && request.topics->empty());
    if (!amendment.all) {
        const Asker asker(services, context);
        amendment.denied = take_denied(*request.topics, [&](const AskedTopic& topic) {
            return may_ask(services, asker, request, topic);
        });
        // No topics left would mean all of them in version 0.
        amendment.nothing = request.topics->empty();
    }
    AccessVerdict<MetadataResponse> verdict;
    verdict.amend = std::move(amendment);
    return verdict;
}

using PagesRequest = kafka::DescribeTopicPartitionsRequest;
using PagesResponse = kafka::DescribeTopicPartitionsResponse;

// Without names: exactly the topics that the principal may see, so that pages have their size.
AccessVerdict<PagesResponse> pages_rule(
    const Services& services, const RequestContext& context, PagesRequest& request
) {
    const Asker asker(services, context);
    std::vector<PagesRequest::TopicRequest> denied;
    AccessVerdict<PagesResponse> verdict;
    if (request.topics.empty()) {
        for (const auto& [name, topic] : services.metadata.image()->topics()) {
            if (asker.sees_topic(name)) request.topics.emplace_back().name = name;
        }
        if (request.topics.empty()) {
            verdict.answer.emplace();
            return verdict;
        }
    } else {
        denied = take_denied(request.topics, [&asker](const auto& topic) {
            return asker.topic(AclOperation::kDescribe, topic.name);
        });
    }
    const bool none_left = request.topics.empty();
    const auto amend = [&services, context, denied = std::move(denied)](PagesResponse& response) {
        const Asker again(services, context);
        for (auto& topic : response.topics) {
            if (topic.error_code != ErrorCode::kNone || !topic.name) continue;
            topic.topic_authorized_operations = again.operations(ResourceType::kTopic, *topic.name);
        }
        for (const auto& one : denied) {
            auto& topic = response.topics.emplace_back();
            topic.name = one.name;
            topic.error_code = kDenied;
        }
    };
    if (none_left) {
        amend(verdict.answer.emplace());
    } else {
        verdict.amend = amend;
    }
    return verdict;
}

}  // namespace

void guard_metadata_apis(ApiRegistry& registry, Services& services) {
    registry.guard<MetadataRequest>([&services](
                                        const RequestContext& context, MetadataRequest& request
                                    ) { return metadata_rule(services, context, request); });
    registry.guard<PagesRequest>([&services](const RequestContext& context, PagesRequest& request) {
        return pages_rule(services, context, request);
    });
    registry.guard<kafka::DescribeClusterRequest>(
        [&services](const RequestContext& context, kafka::DescribeClusterRequest& request) {
            AccessVerdict<kafka::DescribeClusterResponse> verdict;
            if (!request.include_cluster_authorized_operations) return verdict;
            const std::int32_t operations = Asker(services, context).cluster_operations();
            verdict.amend = [operations](kafka::DescribeClusterResponse& response) {
                if (response.error_code == ErrorCode::kNone) {
                    response.cluster_authorized_operations = operations;
                }
            };
            return verdict;
        }
    );
}

}  // namespace sealane::broker
