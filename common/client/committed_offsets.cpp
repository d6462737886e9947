#include "common/client/committed_offsets.hpp"

#include "common/base/text.hpp"
#include "common/client/group_request.hpp"
#include "common/kafka/messages/offsets.hpp"

namespace sealane::client {
namespace {

using runtime::Task;

// From 8 on one request asks for many groups; from 10 on topics are named by id.
constexpr std::int16_t kOneGroup = 7;
constexpr std::int16_t kCommitByName = 9;

ErrorCode error_of(const kafka::OffsetFetchResponse& answer) {
    if (answer.error_code != ErrorCode::kNone) return answer.error_code;
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code != ErrorCode::kNone) return partition.error_code;
        }
    }
    return ErrorCode::kNone;
}

ErrorCode error_of(const kafka::OffsetCommitResponse& answer) {
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code != ErrorCode::kNone) return partition.error_code;
        }
    }
    return ErrorCode::kNone;
}

}  // namespace

Task<Result<std::map<TopicPartition, CommittedOffset>>> fetch_committed(
    ClusterClient& cluster,
    std::string group,
    std::optional<std::vector<TopicPartition>> partitions,
    Instant deadline
) {
    kafka::OffsetFetchRequest request;
    request.group_id = group;
    if (!partitions) request.topics = std::nullopt;
    std::map<std::string, std::vector<PartitionId>> by_topic;
    for (const TopicPartition& partition : partitions.value_or(std::vector<TopicPartition>{}))
        by_topic[partition.topic].push_back(partition.partition);
    for (auto& [topic, ids] : by_topic) {
        auto& asked = request.topics->emplace_back();
        asked.name = topic;
        asked.partition_indexes = std::move(ids);
    }
    const auto judge = [](const kafka::OffsetFetchResponse& answer) { return error_of(answer); };
    SEALANE_CO_TRY(
        const auto answer,
        co_await send_to_coordinator(
            cluster,
            {.group = group, .deadline = deadline, .max_version = kOneGroup},
            std::move(request),
            judge
        )
    );
    if (const ErrorCode code = error_of(answer); code != ErrorCode::kNone)
        co_return fail(code, concat("offsets of group ", group));
    std::map<TopicPartition, CommittedOffset> offsets;
    for (const auto& topic : answer.topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.committed_offset.value < 0) continue;
            offsets[{topic.name, partition.partition_index}] = {
                partition.committed_offset,
                partition.committed_leader_epoch,
                partition.metadata.value_or("")
            };
        }
    }
    co_return offsets;
}

Task<Status> commit_offsets(
    ClusterClient& cluster,
    std::string group,
    std::map<TopicPartition, CommittedOffset> offsets,
    CommitIdentity identity,
    Instant deadline
) {
    if (offsets.empty()) co_return Status();
    kafka::OffsetCommitRequest request;
    request.group_id = group;
    request.member_id = identity.member_id;
    request.generation_id_or_member_epoch = identity.generation;
    request.group_instance_id = identity.instance_id;
    for (const auto& [partition, offset] : offsets) {
        if (request.topics.empty() || request.topics.back().name != partition.topic)
            request.topics.emplace_back().name = partition.topic;
        auto& entry = request.topics.back().partitions.emplace_back();
        entry.partition_index = partition.partition;
        entry.committed_offset = offset.offset;
        entry.committed_leader_epoch = offset.leader_epoch;
        entry.committed_metadata = offset.metadata;
    }
    const auto judge = [](const kafka::OffsetCommitResponse& answer) { return error_of(answer); };
    SEALANE_CO_TRY(
        const auto answer,
        co_await send_to_coordinator(
            cluster,
            {.group = group,
             .deadline = deadline,
             .lane = identity.lane,
             .max_version = kCommitByName},
            std::move(request),
            judge
        )
    );
    if (const ErrorCode code = error_of(answer); code != ErrorCode::kNone)
        co_return fail(code, concat("commit of group ", group));
    co_return Status();
}

}  // namespace sealane::client
