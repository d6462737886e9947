// DeleteTopics, by name, or by id from version 6 on.

#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "common/kafka/messages/topics.hpp"

namespace sealane::broker {

using kafka::DeleteTopicsRequest;
using kafka::DeleteTopicsResponse;
using runtime::Task;
using TopicResult = DeleteTopicsResponse::DeletableTopicResult;

namespace {

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

}  // namespace

void add_delete_topics(ApiRegistry& registry, Services& services) {
    registry.add_controller<DeleteTopicsRequest>(
        {0, 6},
        [&services](RequestContext context, DeleteTopicsRequest request) {
            return delete_topics(services, std::move(context), std::move(request));
        }
    );
}

}  // namespace sealane::broker
