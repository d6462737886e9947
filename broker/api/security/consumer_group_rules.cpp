// Groups of KIP-848: a group, and the topics that members name or are shown.

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/consumer_groups.hpp"

#include <set>

namespace sealane::broker {

using kafka::ConsumerGroupDescribeRequest;
using kafka::ConsumerGroupDescribeResponse;
using kafka::ConsumerGroupHeartbeatRequest;
using kafka::ConsumerGroupHeartbeatResponse;

namespace {

constexpr ErrorCode kNoGroup = ErrorCode::kGroupAuthorizationFailed;
constexpr ErrorCode kNoTopic = ErrorCode::kTopicAuthorizationFailed;

// What a pattern matches is filtered where it is resolved (image_catalog.cpp).
AccessVerdict<ConsumerGroupHeartbeatResponse> heartbeat_rule(
    const Asker& asker, const ConsumerGroupHeartbeatRequest& request
) {
    AccessVerdict<ConsumerGroupHeartbeatResponse> verdict;
    if (!asker.group(AclOperation::kRead, request.group_id)) {
        verdict.answer.emplace().error_code = kNoGroup;
        return verdict;
    }
    if (!request.subscribed_topic_names) return verdict;
    const bool all_allowed =
        std::ranges::all_of(*request.subscribed_topic_names, [&asker](const std::string& topic) {
            return asker.topic(AclOperation::kDescribe, topic);
        });
    if (!all_allowed) verdict.answer.emplace().error_code = kNoTopic;
    return verdict;
}

bool sees_all(const Asker& asker, const ConsumerGroupDescribeResponse::DescribedGroup& group) {
    std::set<std::string> topics;
    for (const auto& member : group.members) {
        topics.insert(member.subscribed_topic_names.begin(), member.subscribed_topic_names.end());
        for (const auto* assignment : {&member.assignment, &member.target_assignment})
            for (const auto& topic : assignment->topic_partitions) topics.insert(topic.topic_name);
    }
    return std::ranges::all_of(topics, [&asker](const std::string& topic) {
        return asker.sees_topic(topic);
    });
}

AccessVerdict<ConsumerGroupDescribeResponse> describe_rule(
    const Services& services, const RequestContext& context, ConsumerGroupDescribeRequest& request
) {
    const Asker asker(services, context);
    auto denied = take_denied(request.group_ids, [&asker](const std::string& group) {
        return asker.group(AclOperation::kDescribe, group);
    });
    const bool with_operations = request.include_authorized_operations;
    AccessVerdict<ConsumerGroupDescribeResponse> verdict;
    verdict.amend = [&services, context, with_operations, denied = std::move(denied)](
                        ConsumerGroupDescribeResponse& response
                    ) {
        const Asker again(services, context);
        for (auto& group : response.groups) {
            if (!sees_all(again, group)) {
                group.error_code = kNoTopic;
                group.error_message =
                    "The group has described topic(s) that the client is not authorized to "
                    "describe.";
                group.members.clear();
            }
            if (with_operations && group.error_code == ErrorCode::kNone)
                group.authorized_operations =
                    again.operations(ResourceType::kGroup, group.group_id);
        }
        for (const std::string& id : denied) {
            auto& group = response.groups.emplace_back();
            group.group_id = id;
            group.error_code = kNoGroup;
        }
    };
    return verdict;
}

}  // namespace

void guard_consumer_group_apis(ApiRegistry& registry, Services& services) {
    registry.guard<ConsumerGroupHeartbeatRequest>(
        [&services](const RequestContext& context, ConsumerGroupHeartbeatRequest& request) {
            return heartbeat_rule(Asker(services, context), request);
        }
    );
    registry.guard<ConsumerGroupDescribeRequest>(
        [&services](const RequestContext& context, ConsumerGroupDescribeRequest& request) {
            return describe_rule(services, context, request);
        }
    );
}

}  // namespace sealane::broker
