// OffsetCommit, OffsetFetch, OffsetDelete: a group, and topics.

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/offsets.hpp"

namespace sealane::broker {

using kafka::OffsetCommitRequest;
using kafka::OffsetCommitResponse;
using kafka::OffsetDeleteRequest;
using kafka::OffsetDeleteResponse;
using kafka::OffsetFetchRequest;
using kafka::OffsetFetchResponse;

namespace {

constexpr ErrorCode kNoGroup = ErrorCode::kGroupAuthorizationFailed;
constexpr ErrorCode kNoTopic = ErrorCode::kTopicAuthorizationFailed;
constexpr std::int16_t kSeveralGroups = 8;

void refuse(
    OffsetCommitResponse& response,
    const OffsetCommitRequest::OffsetCommitRequestTopic& topic,
    ErrorCode code
) {
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
        answer.partitions.push_back({partition.partition_index, code});
    }
}

AccessVerdict<OffsetCommitResponse> commit_rule(const Asker& asker, OffsetCommitRequest& request) {
    AccessVerdict<OffsetCommitResponse> verdict;
    if (!asker.group(AclOperation::kRead, request.group_id)) {
        auto& answer = verdict.answer.emplace();
        for (const auto& topic : request.topics) refuse(answer, topic, kNoGroup);
        return verdict;
    }
    auto denied = take_denied(request.topics, [&asker](const auto& topic) {
        return asker.topic(AclOperation::kRead, topic.name, topic.topic_id);
    });
    if (denied.empty()) return verdict;
    verdict.amend = [denied = std::move(denied)](OffsetCommitResponse& response) {
        for (const auto& topic : denied) refuse(response, topic, kNoTopic);
    };
    return verdict;
}

// The answers to topics that are not allowed, and the filter of those that nobody named.
template <class Topic>
struct FetchedTopics {
    bool all = false;
    std::vector<Topic> denied;

    template <class Answers>
    void amend(Answers& answers, const Asker& asker) const {
        if (all) {
            std::erase_if(answers, [&asker](const auto& topic) {
                return !asker.sees_topic(topic.name);
            });
        }
        for (const Topic& topic : denied) {
            auto& answer = answers.emplace_back();
            answer.name = topic.name;
            if constexpr (requires { answer.topic_id = topic.topic_id; }) {
                answer.topic_id = topic.topic_id;
            }
            for (const PartitionId partition : topic.partition_indexes) {
                auto& one = answer.partitions.emplace_back();
                one.partition_index = partition;
                one.committed_offset = kNoOffset;
                one.error_code = kNoTopic;
            }
        }
    }
};

template <class Topic>
FetchedTopics<Topic> look_at(
    const Asker& asker, std::optional<std::vector<Topic>>& topics, bool null_means_all
) {
    FetchedTopics<Topic> fetched;
    fetched.all = !topics && null_means_all;
    if (!topics) return fetched;
    fetched.denied = take_denied(*topics, [&asker](const Topic& topic) {
        if constexpr (requires { topic.topic_id; }) {
            return asker.topic(AclOperation::kDescribe, topic.name, topic.topic_id);
        } else {
            return asker.topic(AclOperation::kDescribe, topic.name);
        }
    });
    return fetched;
}

// Versions before the one with several groups.
AccessVerdict<OffsetFetchResponse> fetch_one_rule(
    const Services& services, const RequestContext& context, OffsetFetchRequest& request
) {
    const Asker asker(services, context);
    AccessVerdict<OffsetFetchResponse> verdict;
    if (!asker.group(AclOperation::kDescribe, request.group_id)) {
        auto& answer = verdict.answer.emplace();
        answer.error_code = kNoGroup;
        if (!request.topics) return verdict;
        for (const auto& topic : *request.topics) {
            auto& one = answer.topics.emplace_back();
            one.name = topic.name;
            for (const PartitionId partition : topic.partition_indexes) {
                auto& row = one.partitions.emplace_back();
                row.partition_index = partition;
                row.committed_offset = kNoOffset;
                row.error_code = kNoGroup;
            }
        }
        return verdict;
    }
    auto fetched = look_at(asker, request.topics, true);
    verdict.amend = [&services, context, fetched = std::move(fetched)](OffsetFetchResponse& response
                    ) { fetched.amend(response.topics, Asker(services, context)); };
    return verdict;
}

AccessVerdict<OffsetFetchResponse> fetch_several_rule(
    const Services& services, const RequestContext& context, OffsetFetchRequest& request
) {
    using Topic = OffsetFetchRequest::OffsetFetchRequestTopics;
    const Asker asker(services, context);
    std::vector<std::string> denied;
    for (const auto& group : take_denied(request.groups, [&asker](const auto& one) {
             return asker.group(AclOperation::kDescribe, one.group_id);
         })) {
        denied.push_back(group.group_id);
    }
    std::vector<FetchedTopics<Topic>> fetched;
    for (auto& group : request.groups) fetched.push_back(look_at(asker, group.topics, true));
    AccessVerdict<OffsetFetchResponse> verdict;
    verdict.amend = [&services, context, denied = std::move(denied), fetched = std::move(fetched)](
                        OffsetFetchResponse& response
                    ) {
        const Asker again(services, context);
        for (std::size_t i = 0; i < std::min(fetched.size(), response.groups.size()); ++i) {
            auto& group = response.groups[i];
            if (group.error_code == ErrorCode::kNone) fetched[i].amend(group.topics, again);
        }
        for (const std::string& id : denied) {
            auto& group = response.groups.emplace_back();
            group.group_id = id;
            group.error_code = kNoGroup;
        }
    };
    return verdict;
}

AccessVerdict<OffsetDeleteResponse> delete_rule(const Asker& asker, OffsetDeleteRequest& request) {
    AccessVerdict<OffsetDeleteResponse> verdict;
    if (!asker.group(AclOperation::kDelete, request.group_id)) {
        verdict.answer.emplace().error_code = kNoGroup;
        return verdict;
    }
    auto denied = take_denied(request.topics, [&asker](const auto& topic) {
        return asker.topic(AclOperation::kRead, topic.name);
    });
    if (denied.empty()) return verdict;
    verdict.amend = [denied = std::move(denied)](OffsetDeleteResponse& response) {
        for (const auto& topic : denied) {
            auto& answer = response.topics.emplace_back();
            answer.name = topic.name;
            for (const auto& partition : topic.partitions) {
                answer.partitions.push_back({partition.partition_index, kNoTopic});
            }
        }
    };
    return verdict;
}

}  // namespace

void guard_offset_apis(ApiRegistry& registry, Services& services) {
    registry.guard<OffsetCommitRequest>(
        [&services](const RequestContext& context, OffsetCommitRequest& request) {
            return commit_rule(Asker(services, context), request);
        }
    );
    registry.guard<OffsetFetchRequest>(
        [&services](const RequestContext& context, OffsetFetchRequest& request) {
            return context.api_version >= kSeveralGroups
                       ? fetch_several_rule(services, context, request)
                       : fetch_one_rule(services, context, request);
        }
    );
    registry.guard<OffsetDeleteRequest>(
        [&services](const RequestContext& context, OffsetDeleteRequest& request) {
            return delete_rule(Asker(services, context), request);
        }
    );
}

}  // namespace sealane::broker
