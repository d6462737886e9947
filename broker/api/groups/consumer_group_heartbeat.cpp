// ConsumerGroupHeartbeat (KIP-848): joins, keeps and leaves a group, and brings its assignment.

#include "broker/api/groups/group_handlers.hpp"
#include "broker/metadata/feature_decisions.hpp"
#include "common/kafka/messages/consumer_groups.hpp"

namespace sealane::broker {
namespace {

using kafka::ConsumerGroupHeartbeatRequest;
using kafka::ConsumerGroupHeartbeatResponse;
using runtime::Task;

constexpr std::int16_t kOwnMemberIds = 1;  // clients make their ids (KIP-1082)

groups::PartitionSet partitions_of(
    const std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions>& topics
) {
    groups::PartitionSet all;
    for (const auto& topic : topics)
        for (const PartitionId partition : topic.partitions)
            all.insert({topic.topic_id, partition});
    return all;
}

ConsumerGroupHeartbeatResponse::Assignment assignment_of(const groups::PartitionSet& partitions) {
    ConsumerGroupHeartbeatResponse::Assignment assignment;
    auto& topics = assignment.topic_partitions;
    for (const groups::TopicIdPartition& each : partitions) {
        if (topics.empty() || topics.back().topic_id != each.topic)
            topics.emplace_back().topic_id = each.topic;
        topics.back().partitions.push_back(each.partition);
    }
    return assignment;
}

Task<Reply<ConsumerGroupHeartbeatResponse>> heartbeat(
    GroupServicesPtr services, RequestContext context, ConsumerGroupHeartbeatRequest wire
) {
    ConsumerGroupHeartbeatResponse response;
    if (services->broker.metadata.image()->feature_level(kGroupFeature) < kGroupLevel) {
        response.error_code = ErrorCode::kUnsupportedVersion;
        response.error_message =
            "The cluster is below group.version 1: a broker is too old, or kafka-features set it "
            "so.";
        co_return response;
    }
    groups::ConsumerHeartbeatRequest request;
    request.group_id = std::move(wire.group_id);
    request.member_id = std::move(wire.member_id);
    request.member_epoch = wire.member_epoch;
    request.instance_id = std::move(wire.instance_id);
    request.rack_id = std::move(wire.rack_id);
    request.rebalance_timeout_ms = wire.rebalance_timeout_ms;
    request.topics = std::move(wire.subscribed_topic_names);
    request.pattern = std::move(wire.subscribed_topic_regex);
    request.assignor = std::move(wire.server_assignor);
    if (wire.topic_partitions) request.owned = partitions_of(*wire.topic_partitions);
    request.client_id = context.client_id;
    request.client_host = client_host(context);
    request.fresh_member_id = services->coordinator.fresh_suffix();
    request.makes_own_member_id = context.api_version >= kOwnMemberIds;
    request.catalog = catalog_for(services->broker, context, services->stamp);

    auto reply = co_await services->coordinator.consumer_heartbeat(std::move(request));
    if (!reply) {
        response.error_code = wire_code(reply.error());
        response.error_message = wire_message(reply.error());
        co_return response;
    }
    response.error_code = wire_code(reply->error);
    if (reply->error != ErrorCode::kNone) {
        if (!reply->message.empty()) response.error_message = std::move(reply->message);
        co_return response;
    }
    response.member_id = std::move(reply->member_id);
    response.member_epoch = reply->member_epoch;
    response.heartbeat_interval_ms = reply->heartbeat_interval_ms;
    if (reply->assignment) response.assignment = assignment_of(*reply->assignment);
    co_return response;
}

}  // namespace

void add_consumer_group_heartbeat(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<ConsumerGroupHeartbeatRequest>(
        {0, 1},
        [services](
            RequestContext context, ConsumerGroupHeartbeatRequest wire
        ) -> Task<Reply<ConsumerGroupHeartbeatResponse>> {
            return heartbeat(services, std::move(context), std::move(wire));
        }
    );
}

}  // namespace sealane::broker
