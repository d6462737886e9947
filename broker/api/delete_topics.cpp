// DeleteTopics (by name, or by id from version 6 on) and DeleteRecords (KIP-107).

#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "common/kafka/messages/topics.hpp"

namespace sealane::broker {

using kafka::DeleteRecordsRequest;
using kafka::DeleteRecordsResponse;
using kafka::DeleteTopicsRequest;
using kafka::DeleteTopicsResponse;
using runtime::Task;
using TopicResult = DeleteTopicsResponse::DeletableTopicResult;

namespace {

constexpr Offset kToHighWatermark{-1};

Task<Status> delete_one(Services& services, TopicName name, TopicResult* result) {
    if (!services.config.delete_topic_enable) {
        co_return fail(ErrorCode::kTopicDeletionDisabled, "delete.topic.enable is false");
    }
    SEALANE_CO_TRY(const Image::TopicPtr topic, find_topic(services, name));
    result->name = topic->name;
    result->topic_id = topic->id;
    const Uuid id = topic->id;
    co_return co_await services.metadata.change([id](const Image& image) {
        return delete_topic(image, id);
    });
}

Task<Reply<DeleteTopicsResponse>> delete_topics(
    Services& services, RequestContext context, DeleteTopicsRequest request
) {
    std::vector<DeleteTopicsRequest::DeleteTopicState> all = std::move(request.topics);
    for (std::string& name : request.topic_names) {
        all.emplace_back().name = std::move(name);
    }
    DeleteTopicsResponse response;
    for (const auto& asked : all) {
        TopicResult result;
        result.name = asked.name;
        result.topic_id = asked.topic_id;
        const bool one_of_both = asked.name.has_value() == asked.topic_id.is_zero();
        Status done = fail(ErrorCode::kInvalidRequest, "a name or an id is needed, not both");
        if (one_of_both) {
            TopicName name{asked.name.value_or(""), asked.topic_id};
            done = co_await delete_one(services, std::move(name), &result);
        }
        if (!done) {
            result.error_code =
                wire_code(done.error().code(), kafka::ApiKey::kDeleteTopics, context.api_version);
            result.error_message = wire_message(done.error());
        }
        response.responses.push_back(std::move(result));
    }
    co_return response;
}

Task<Result<Offset>> delete_before(
    Services& services, TopicName topic, DeleteRecordsRequest::DeleteRecordsPartition asked
) {
    SEALANE_CO_TRY(
        const PartitionPtr partition,
        find_partition(services, topic, asked.partition_index, kNoLeaderEpoch)
    );
    if (is_internal_topic(partition->id().topic)) {
        co_return fail(ErrorCode::kInvalidTopicException, "the topic is internal");
    }
    SEALANE_CO_CHECK(services.may_produce(*services.metadata.image(), partition->id().topic));
    if (!partition->config().cleanup_delete) {
        co_return fail(ErrorCode::kPolicyViolation, "cleanup.policy has no delete");
    }
    const Offset high_watermark = partition->high_watermark();
    const Offset start = asked.offset == kToHighWatermark ? high_watermark : asked.offset;
    if (start.value < 0 || start > high_watermark) {
        co_return fail(
            ErrorCode::kOffsetOutOfRange,
            "the high watermark is " + std::to_string(high_watermark.value)
        );
    }
    SEALANE_CO_CHECK(co_await partition->delete_records(start));
    co_return partition->log_start();
}

Task<Reply<DeleteRecordsResponse>> delete_records(
    Services& services, DeleteRecordsRequest request
) {
    DeleteRecordsResponse response;
    for (const auto& topic : request.topics) {
        DeleteRecordsResponse::DeleteRecordsTopicResult topic_result;
        topic_result.name = topic.name;
        for (const auto& asked : topic.partitions) {
            const auto low = co_await delete_before(services, TopicName{topic.name, Uuid{}}, asked);
            auto& result = topic_result.partitions.emplace_back();
            result.partition_index = asked.partition_index;
            result.low_watermark = low ? *low : kNoOffset;
            if (!low) result.error_code = wire_code(low.error());
        }
        response.topics.push_back(std::move(topic_result));
    }
    co_return response;
}

}  // namespace

void add_delete_topics(ApiRegistry& registry, Services& services) {
    registry.add_controller<DeleteTopicsRequest>(
        {0, 6},
        [&services](RequestContext context, DeleteTopicsRequest request) {
            return delete_topics(services, std::move(context), std::move(request));
        }
    );
}

void add_delete_records(ApiRegistry& registry, Services& services) {
    registry.add<DeleteRecordsRequest>(
        {0, 2},
        [&services](RequestContext /*context*/, DeleteRecordsRequest request) {
            return delete_records(services, std::move(request));
        }
    );
}

}  // namespace sealane::broker
