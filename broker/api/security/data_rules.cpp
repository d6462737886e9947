// Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords, DescribeProducers.

#include "broker/api/security/rules.hpp"
#include "common/kafka/messages/list_offsets.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/producers.hpp"
#include "common/kafka/messages/topics.hpp"

namespace sealane::broker {

using kafka::ProduceRequest;
using kafka::ProduceResponse;

namespace {

constexpr ErrorCode kDenied = ErrorCode::kTopicAuthorizationFailed;

void refuse(
    ProduceResponse& response, const ProduceRequest::TopicProduceData& topic, ErrorCode code
) {
    auto& answer = response.responses.emplace_back();
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
    for (const auto& partition : topic.partition_data) {
        auto& one = answer.partition_responses.emplace_back();
        one.index = partition.index;
        one.error_code = code;
        one.base_offset = kNoOffset;
    }
}

AccessVerdict<ProduceResponse> produce_rule(const Asker& asker, ProduceRequest& request) {
    AccessVerdict<ProduceResponse> verdict;
    const bool transactional = request.transactional_id &&
                               !asker.transaction(AclOperation::kWrite, *request.transactional_id);
    ErrorCode code = kDenied;
    std::vector<ProduceRequest::TopicProduceData> denied;
    if (transactional) {
        code = ErrorCode::kTransactionalIdAuthorizationFailed;
        denied.swap(request.topic_data);
    } else {
        denied = take_denied(request.topic_data, [&asker](const auto& topic) {
            return asker.topic(AclOperation::kWrite, topic.name, topic.topic_id);
        });
    }
    if (denied.empty() && !transactional) return verdict;
    if (request.acks == 0) {
        verdict.error = Error(code, "a write with acks=0 that is not allowed");
        return verdict;
    }
    // Only names and numbers are kept: not the records.
    for (auto& topic : denied) {
        for (auto& partition : topic.partition_data) partition.records.reset();
    }
    const auto amend = [denied = std::move(denied), code](ProduceResponse& response) {
        for (const auto& topic : denied) refuse(response, topic, code);
    };
    if (transactional) {
        amend(verdict.answer.emplace());
    } else {
        verdict.amend = amend;
    }
    return verdict;
}

// Requests with topics by name whose partitions are numbered, and answers of the same form.
template <class Request, class Deny>
void guard_topics(ApiRegistry& registry, Services& services, AclOperation operation, Deny deny) {
    using Response = typename Request::Response;
    registry.guard<Request>(
        [&services,
         operation,
         deny](const RequestContext& context, Request& request) -> AccessVerdict<Response> {
            const Asker asker(services, context);
            auto denied = take_denied(request.topics, [&](const auto& topic) {
                if constexpr (requires { topic.name; }) {
                    return asker.topic(operation, topic.name);
                } else {
                    return asker.topic(operation, topic.topic);
                }
            });
            if (denied.empty()) return {};
            AccessVerdict<Response> verdict;
            verdict.amend = [denied = std::move(denied), deny](Response& response) {
                for (const auto& topic : denied) deny(topic, response.topics.emplace_back());
            };
            return verdict;
        }
    );
}

}  // namespace

void guard_data_apis(ApiRegistry& registry, Services& services) {
    registry.guard<ProduceRequest>([&services](
                                       const RequestContext& context, ProduceRequest& request
                                   ) { return produce_rule(Asker(services, context), request); });
    // A session remembers partitions: each one is asked for when it is read (fetch_read.cpp).
    registry.leave_open(kafka::ApiKey::kFetch);
    guard_topics<kafka::ListOffsetsRequest>(
        registry,
        services,
        AclOperation::kDescribe,
        [](const auto& topic, auto& answer) {
            answer.name = topic.name;
            for (const auto& partition : topic.partitions) {
                auto& one = answer.partitions.emplace_back();
                one.partition_index = partition.partition_index;
                one.error_code = kDenied;
            }
        }
    );
    guard_topics<kafka::OffsetForLeaderEpochRequest>(
        registry,
        services,
        AclOperation::kDescribe,
        [](const auto& topic, auto& answer) {
            answer.topic = topic.topic;
            for (const auto& partition : topic.partitions) {
                auto& one = answer.partitions.emplace_back();
                one.partition = partition.partition;
                one.error_code = kDenied;
            }
        }
    );
    guard_topics<kafka::DeleteRecordsRequest>(
        registry,
        services,
        AclOperation::kDelete,
        [](const auto& topic, auto& answer) {
            answer.name = topic.name;
            for (const auto& partition : topic.partitions) {
                auto& one = answer.partitions.emplace_back();
                one.partition_index = partition.partition_index;
                one.low_watermark = kNoOffset;
                one.error_code = kDenied;
            }
        }
    );
    guard_topics<kafka::DescribeProducersRequest>(
        registry,
        services,
        AclOperation::kRead,
        [](const auto& topic, auto& answer) {
            answer.name = topic.name;
            for (const PartitionId partition : topic.partition_indexes) {
                auto& one = answer.partitions.emplace_back();
                one.partition_index = partition;
                one.error_code = kDenied;
            }
        }
    );
}

}  // namespace sealane::broker
