// OffsetDelete (KIP-496).

#include "broker/api/groups/group_handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "common/kafka/messages/offsets.hpp"

namespace sealane::broker {
namespace {

using kafka::OffsetDeleteRequest;
using kafka::OffsetDeleteResponse;
using runtime::Task;

Task<Reply<OffsetDeleteResponse>> offset_delete(
    GroupServicesPtr services, OffsetDeleteRequest wire
) {
    groups::DeleteOffsetsRequest request;
    request.group_id = std::move(wire.group_id);
    for (const auto& topic : wire.topics) {
        if (!find_topic(services->broker, TopicName{topic.name, Uuid{}})) continue;
        for (const auto& partition : topic.partitions)
            request.partitions.push_back({topic.name, partition.partition_index});
    }
    const auto reply = co_await services->coordinator.delete_offsets(std::move(request));

    OffsetDeleteResponse response;
    response.error_code = wire_code(reply ? reply->error : reply.error().code());
    if (!reply || response.error_code != ErrorCode::kNone) co_return response;
    std::size_t at = 0;
    for (const auto& topic : wire.topics) {
        auto& answer = response.topics.emplace_back();
        answer.name = topic.name;
        const bool known = find_topic(services->broker, TopicName{topic.name, Uuid{}}).has_value();
        for (const auto& partition : topic.partitions) {
            const bool asked = known && at < reply->errors.size();
            const ErrorCode error =
                asked ? reply->errors[at++] : ErrorCode::kUnknownTopicOrPartition;
            answer.partitions.push_back({partition.partition_index, wire_code(error)});
        }
    }
    co_return response;
}

}  // namespace

void add_offset_delete(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<OffsetDeleteRequest>(
        {0, 0},
        [services](RequestContext, OffsetDeleteRequest wire) -> Task<Reply<OffsetDeleteResponse>> {
            return offset_delete(services, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
