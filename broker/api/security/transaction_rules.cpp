// InitProducerId, and everything about transactions. Rules of APIs that are not served rest.

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/producers.hpp"
#include "common/kafka/messages/transaction_admin.hpp"
#include "common/kafka/messages/transactions.hpp"

namespace sealane::broker {

using kafka::AddPartitionsToTxnRequest;
using kafka::AddPartitionsToTxnResponse;
using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;
using kafka::TxnOffsetCommitRequest;
using kafka::TxnOffsetCommitResponse;

namespace {

constexpr ErrorCode kNoTransaction = ErrorCode::kTransactionalIdAuthorizationFailed;
constexpr ErrorCode kNoTopic = ErrorCode::kTopicAuthorizationFailed;
constexpr std::int16_t kFromBrokersOnly = 4;

AccessVerdict<InitProducerIdResponse> init_rule(
    const Services& services, const RequestContext& context, const InitProducerIdRequest& request
) {
    const Asker asker(services, context);
    ErrorCode code = ErrorCode::kNone;
    if (request.transactional_id) {
        if (!asker.transaction(AclOperation::kWrite, *request.transactional_id)) {
            code = kNoTransaction;
        }
    } else {
        // Who may write to any topic may be idempotent (KIP-679).
        const bool may =
            services.access.would_allow_some(context, AclOperation::kWrite, ResourceType::kTopic) ||
            asker.cluster(AclOperation::kIdempotentWrite);
        if (!may) code = ErrorCode::kClusterAuthorizationFailed;
    }
    AccessVerdict<InitProducerIdResponse> verdict;
    if (code == ErrorCode::kNone) return verdict;
    auto& answer = verdict.answer.emplace();
    answer.error_code = code;
    answer.producer_id = kNoProducerId;
    answer.producer_epoch = kNoProducerEpoch;
    return verdict;
}

template <class Topic>
AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult refused(
    const Topic& topic, ErrorCode code
) {
    AddPartitionsToTxnResponse::AddPartitionsToTxnTopicResult result;
    result.name = topic.name;
    for (const PartitionId partition : topic.partitions) {
        result.results_by_partition.push_back({partition, code});
    }
    return result;
}

// All or nothing: with one topic denied, no other is added.
AccessVerdict<AddPartitionsToTxnResponse> add_partitions_rule(
    const Asker& asker, AddPartitionsToTxnRequest& request
) {
    AccessVerdict<AddPartitionsToTxnResponse> verdict;
    if (asker.context().api_version >= kFromBrokersOnly) {
        if (asker.cluster(AclOperation::kClusterAction)) return verdict;
        verdict.answer.emplace().error_code = ErrorCode::kClusterAuthorizationFailed;
        return verdict;
    }
    auto& topics = request.v3_and_below_topics;
    if (!asker.transaction(AclOperation::kWrite, request.v3_and_below_transactional_id)) {
        auto& answer = verdict.answer.emplace();
        for (const auto& topic : topics) {
            answer.results_by_topic_v3_and_below.push_back(refused(topic, kNoTransaction));
        }
        return verdict;
    }
    const auto denied = take_denied(topics, [&asker](const auto& topic) {
        return asker.topic(AclOperation::kWrite, topic.name);
    });
    if (denied.empty()) return verdict;
    auto& results = verdict.answer.emplace().results_by_topic_v3_and_below;
    for (const auto& topic : denied) results.push_back(refused(topic, kNoTopic));
    for (const auto& topic : topics) {
        results.push_back(refused(topic, ErrorCode::kOperationNotAttempted));
    }
    return verdict;
}

void refuse(
    TxnOffsetCommitResponse& response,
    const TxnOffsetCommitRequest::TxnOffsetCommitRequestTopic& topic,
    ErrorCode code
) {
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    for (const auto& partition : topic.partitions) {
        answer.partitions.push_back({partition.partition_index, code});
    }
}

AccessVerdict<TxnOffsetCommitResponse> commit_rule(
    const Asker& asker, TxnOffsetCommitRequest& request
) {
    AccessVerdict<TxnOffsetCommitResponse> verdict;
    ErrorCode code = ErrorCode::kNone;
    if (!asker.transaction(AclOperation::kWrite, request.transactional_id)) {
        code = kNoTransaction;
    } else if (!asker.group(AclOperation::kRead, request.group_id)) {
        code = ErrorCode::kGroupAuthorizationFailed;
    }
    if (code != ErrorCode::kNone) {
        auto& answer = verdict.answer.emplace();
        for (const auto& topic : request.topics) refuse(answer, topic, code);
        return verdict;
    }
    auto denied = take_denied(request.topics, [&asker](const auto& topic) {
        return asker.topic(AclOperation::kRead, topic.name);
    });
    if (denied.empty()) return verdict;
    verdict.amend = [denied = std::move(denied)](TxnOffsetCommitResponse& response) {
        for (const auto& topic : denied) refuse(response, topic, kNoTopic);
    };
    return verdict;
}

AccessVerdict<kafka::DescribeTransactionsResponse> describe_rule(
    const Services& services,
    const RequestContext& context,
    kafka::DescribeTransactionsRequest& request
) {
    const Asker asker(services, context);
    auto denied = take_denied(request.transactional_ids, [&asker](const std::string& id) {
        return asker.transaction(AclOperation::kDescribe, id);
    });
    AccessVerdict<kafka::DescribeTransactionsResponse> verdict;
    verdict.amend = [&services,
                     context,
                     denied = std::move(denied)](kafka::DescribeTransactionsResponse& response) {
        const Asker again(services, context);
        for (auto& state : response.transaction_states) {
            std::erase_if(state.topics, [&again](const auto& topic) {
                return !again.sees_topic(topic.topic);
            });
        }
        for (const std::string& id : denied) {
            auto& state = response.transaction_states.emplace_back();
            state.transactional_id = id;
            state.error_code = kNoTransaction;
        }
    };
    return verdict;
}

template <class Request>
void guard_transaction(ApiRegistry& registry, Services& services) {
    guard_whole<Request>(
        registry,
        services,
        [](const Asker& asker, const Request& request) {
            return asker.transaction(AclOperation::kWrite, request.transactional_id);
        },
        [](const Request&) {
            typename Request::Response response;
            response.error_code = kNoTransaction;
            return response;
        }
    );
}

void guard_add_offsets(ApiRegistry& registry, Services& services) {
    registry.guard<kafka::AddOffsetsToTxnRequest>(
        [&services](const RequestContext& context, kafka::AddOffsetsToTxnRequest& request) {
            const Asker asker(services, context);
            AccessVerdict<kafka::AddOffsetsToTxnResponse> verdict;
            if (!asker.transaction(AclOperation::kWrite, request.transactional_id)) {
                verdict.answer.emplace().error_code = kNoTransaction;
            } else if (!asker.group(AclOperation::kRead, request.group_id)) {
                verdict.answer.emplace().error_code = ErrorCode::kGroupAuthorizationFailed;
            }
            return verdict;
        }
    );
}

void guard_listing(ApiRegistry& registry, Services& services) {
    registry.guard<kafka::ListTransactionsRequest>(
        [&services](const RequestContext& context, kafka::ListTransactionsRequest&) {
            AccessVerdict<kafka::ListTransactionsResponse> verdict;
            verdict.amend = [&services, context](kafka::ListTransactionsResponse& response) {
                const Asker asker(services, context);
                std::erase_if(response.transaction_states, [&asker](const auto& state) {
                    return !asker.sees(
                        AclOperation::kDescribe,
                        ResourceType::kTransactionalId,
                        state.transactional_id
                    );
                });
            };
            return verdict;
        }
    );
}

// Between brokers; operators abort hanging transactions with it.
void guard_markers(ApiRegistry& registry, Services& services) {
    guard_whole<kafka::WriteTxnMarkersRequest>(
        registry,
        services,
        [](const Asker& asker, const kafka::WriteTxnMarkersRequest&) {
            return asker.sees(
                       AclOperation::kAlter, ResourceType::kCluster, identity::kClusterName
                   ) ||
                   asker.cluster(AclOperation::kClusterAction);
        },
        [](const kafka::WriteTxnMarkersRequest& request) {
            kafka::WriteTxnMarkersResponse response;
            for (const auto& marker : request.markers) {
                auto& result = response.markers.emplace_back();
                result.producer_id = marker.producer_id;
                for (const auto& topic : marker.topics) {
                    auto& answer = result.topics.emplace_back();
                    answer.name = topic.name;
                    for (const PartitionId partition : topic.partition_indexes) {
                        answer.partitions.push_back(
                            {partition, ErrorCode::kClusterAuthorizationFailed}
                        );
                    }
                }
            }
            return response;
        }
    );
}

}  // namespace

void guard_transaction_apis(ApiRegistry& registry, Services& services) {
    registry.guard<InitProducerIdRequest>(
        [&services](const RequestContext& context, InitProducerIdRequest& request) {
            return init_rule(services, context, request);
        }
    );
    registry.guard<AddPartitionsToTxnRequest>(
        [&services](const RequestContext& context, AddPartitionsToTxnRequest& request) {
            return add_partitions_rule(Asker(services, context), request);
        }
    );
    registry.guard<TxnOffsetCommitRequest>(
        [&services](const RequestContext& context, TxnOffsetCommitRequest& request) {
            return commit_rule(Asker(services, context), request);
        }
    );
    registry.guard<kafka::DescribeTransactionsRequest>(
        [&services](const RequestContext& context, kafka::DescribeTransactionsRequest& request) {
            return describe_rule(services, context, request);
        }
    );
    guard_add_offsets(registry, services);
    guard_transaction<kafka::EndTxnRequest>(registry, services);
    guard_listing(registry, services);
    guard_markers(registry, services);
}

}  // namespace sealane::broker
