// OffsetCommit: topics by name (to v9) or by id (v10); the rest is the coordinator's.

#include "broker/api/groups/group_handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "common/kafka/messages/offsets.hpp"

namespace sealane::broker {
namespace {

using kafka::OffsetCommitRequest;
using kafka::OffsetCommitResponse;
using runtime::Task;
using Entry = groups::CommitRequest::Entry;

constexpr std::int16_t kGroupNotFound = 9;
constexpr std::int16_t kMemberEpochs = 9;  // KIP-848
constexpr std::int16_t kTopicIds = 10;

std::vector<Entry> entries_of(
    const Services& broker, const OffsetCommitRequest& wire, std::int16_t version
) {
    std::vector<Entry> entries;
    for (const auto& topic : wire.topics) {
        const Uuid id = version >= kTopicIds ? topic.topic_id : Uuid{};
        const auto known = find_topic(broker, TopicName{topic.name, id});
        for (const auto& partition : topic.partitions) {
            Entry entry;
            entry.partition.topic = known ? (*known)->name : topic.name;
            entry.partition.partition = partition.partition_index;
            if (known) entry.topic_id = (*known)->id;
            entry.offset = partition.committed_offset;
            entry.leader_epoch = partition.committed_leader_epoch;
            entry.metadata = partition.committed_metadata.value_or("");
            entry.timestamp = WallTime{partition.commit_timestamp};
            const auto index = partition.partition_index.value;
            if (!known) {
                entry.error = known.error().code();
            } else if (index < 0 || std::cmp_greater_equal(index, (*known)->partitions.size())) {
                entry.error = ErrorCode::kUnknownTopicOrPartition;
            }
            entries.push_back(std::move(entry));
        }
    }
    return entries;
}

Task<Reply<OffsetCommitResponse>> offset_commit(
    GroupServicesPtr services, std::int16_t version, OffsetCommitRequest wire
) {
    groups::CommitRequest request;
    request.group_id = wire.group_id;
    request.generation = wire.generation_id_or_member_epoch;
    request.member_id = wire.member_id;
    request.instance_id = wire.group_instance_id;
    request.retention_ms = wire.retention_time_ms;
    request.reports_unknown_group = version >= kGroupNotFound;
    request.knows_member_epochs = version >= kMemberEpochs;
    request.entries = entries_of(services->broker, wire, version);
    const auto reply = co_await services->coordinator.commit(std::move(request));

    OffsetCommitResponse response;
    std::size_t at = 0;
    for (const auto& topic : wire.topics) {
        auto& topic_answer = response.topics.emplace_back();
        topic_answer.name = topic.name;
        topic_answer.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions) {
            const ErrorCode error = reply ? reply->errors.at(at++) : reply.error().code();
            topic_answer.partitions.push_back(
                {partition.partition_index, wire_code(error, kafka::ApiKey::kOffsetCommit, version)}
            );
        }
    }
    co_return response;
}

}  // namespace

void add_offset_commit(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<OffsetCommitRequest>(
        {1, 10},
        [services](
            RequestContext context, OffsetCommitRequest wire
        ) -> Task<Reply<OffsetCommitResponse>> {
            return offset_commit(services, context.api_version, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
