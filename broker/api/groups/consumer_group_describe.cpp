// ConsumerGroupDescribe (KIP-848): members with what they have and what they shall have.

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/consumer_groups.hpp"

namespace sealane::broker {
namespace {

using kafka::ConsumerGroupDescribeRequest;
using kafka::ConsumerGroupDescribeResponse;
using runtime::Task;
using Answer = ConsumerGroupDescribeResponse::DescribedGroup;

constexpr std::int16_t kMemberTypes = 1;
constexpr std::int8_t kConsumerMember = 1;  // as opposed to one of the classic protocol

// Partitions of topics that exist.
ConsumerGroupDescribeResponse::Assignment shown(
    const Image& image, const groups::PartitionSet& partitions
) {
    ConsumerGroupDescribeResponse::Assignment assignment;
    auto& topics = assignment.topic_partitions;
    for (const groups::TopicIdPartition& each : partitions) {
        if (topics.empty() || topics.back().topic_id != each.topic) {
            const auto topic = image.topic(each.topic);
            if (topic == nullptr) continue;
            topics.push_back({each.topic, topic->name, {}});
        }
        topics.back().partitions.push_back(each.partition);
    }
    return assignment;
}

ConsumerGroupDescribeResponse::Member shown(
    const Image& image, const groups::DescribedConsumerMember& described, std::int16_t version
) {
    const groups::ConsumerMember& member = described.member;
    ConsumerGroupDescribeResponse::Member answer;
    answer.member_id = member.id;
    answer.instance_id = member.metadata.instance_id;
    answer.rack_id = member.metadata.rack_id;
    answer.member_epoch = member.current.epoch;
    answer.client_id = member.metadata.client_id;
    answer.client_host = member.metadata.client_host;
    answer.subscribed_topic_names = member.metadata.topics;
    if (!member.metadata.pattern.empty()) answer.subscribed_topic_regex = member.metadata.pattern;
    answer.assignment = shown(image, keys_of(member.current.assigned));
    answer.target_assignment = shown(image, described.target);
    if (version >= kMemberTypes) answer.member_type = kConsumerMember;
    return answer;
}

Task<Answer> describe(GroupServicesPtr services, std::string group_id, std::int16_t version) {
    Answer answer;
    answer.group_id = group_id;
    if (group_id.empty()) {
        answer.error_code = ErrorCode::kInvalidGroupId;
        co_return answer;
    }
    const auto described = co_await services->coordinator.describe_consumer(std::move(group_id));
    if (!described) {
        answer.error_code = wire_code(described.error());
        co_return answer;
    }
    if (!*described) {
        answer.error_code = ErrorCode::kGroupIdNotFound;
        answer.error_message = "Group " + answer.group_id + " is not a consumer group.";
        co_return answer;
    }
    const groups::DescribedConsumerGroup& group = **described;
    const auto image = services->broker.metadata.image();
    answer.group_state = name_of(group.state);
    answer.group_epoch = group.epoch;
    answer.assignment_epoch = group.target_epoch;
    answer.assignor_name = group.assignor;
    for (const auto& member : group.members)
        answer.members.push_back(shown(*image, member, version));
    co_return answer;
}

Task<Reply<ConsumerGroupDescribeResponse>> describe_all(
    GroupServicesPtr services, std::int16_t version, ConsumerGroupDescribeRequest wire
) {
    ConsumerGroupDescribeResponse response;
    for (std::string& group_id : wire.group_ids) {
        auto answer = co_await describe(services, std::move(group_id), version);
        if (wire.include_authorized_operations && answer.error_code == ErrorCode::kNone)
            answer.authorized_operations = kAllGroupOperations;
        response.groups.push_back(std::move(answer));
    }
    co_return response;
}

}  // namespace

void add_consumer_group_describe(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<ConsumerGroupDescribeRequest>(
        {0, 1},
        [services](
            RequestContext context, ConsumerGroupDescribeRequest wire
        ) -> Task<Reply<ConsumerGroupDescribeResponse>> {
            return describe_all(services, context.api_version, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
