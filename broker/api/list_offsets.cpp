// ListOffsets: offsets by timestamp and the special ones (formats 17), and OffsetForLeaderEpoch
// (KIP-101, KIP-320).

#include "common/kafka/messages/list_offsets.hpp"

#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "common/base/mutants.hpp"

#include <set>

namespace sealane::broker {

using kafka::ListOffsetsRequest;
using kafka::ListOffsetsResponse;
using kafka::OffsetForLeaderEpochRequest;
using kafka::OffsetForLeaderEpochResponse;
using runtime::Task;
using OffsetAnswer = ListOffsetsResponse::ListOffsetsPartitionResponse;

namespace {

constexpr kafka::ApiKey kApi = kafka::ApiKey::kListOffsets;
constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int64_t kMaxTimestamp = -3;   // version 7
constexpr std::int64_t kEarliestLocal = -4;  // version 8
constexpr std::int64_t kLatestTiered = -5;   // version 9
constexpr std::int8_t kReadCommitted = 1;
constexpr BrokerId kConsumer{-1};
constexpr BrokerId kTool{-2};  // may ask any replica

bool known_timestamp(std::int64_t timestamp, std::int16_t version) {
    if (timestamp >= kEarliest) return true;
    return (timestamp == kMaxTimestamp && version >= 7) ||
           (timestamp == kEarliestLocal && version >= 8) ||
           (timestamp == kLatestTiered && version >= 9);
}

void at_offset(OffsetAnswer& answer, const Partition& partition, Offset offset) {
    answer.offset = offset;
    const LeaderEpoch epoch = partition.log().epochs().epoch_at(offset);
    // An empty log, or the end of one: the epoch that will write there.
    answer.leader_epoch = epoch == kNoLeaderEpoch ? partition.leader_epoch() : epoch;
}

void at_record(OffsetAnswer& answer, const std::optional<TimestampOffset>& found, Offset end) {
    if (!found || found->offset >= end) return;
    answer.offset = found->offset;
    answer.timestamp = found->timestamp.ms;
    answer.leader_epoch = found->epoch;
}

Task<Status> look_up(
    PartitionPtr partition, std::int64_t timestamp, Offset end, OffsetAnswer* answer
) {
    switch (timestamp) {
        case kLatest:
            at_offset(*answer, *partition, end);
            co_return Status{};
        case kEarliest:
        case kEarliestLocal:
            at_offset(*answer, *partition, partition->log_start());
            co_return Status{};
        case kLatestTiered:  // nothing is tiered: -1, -1
            co_return Status{};
        case kMaxTimestamp: {
            SEALANE_CO_TRY(const auto found, co_await partition->log().max_timestamp_record());
            at_record(*answer, found, end);
            co_return Status{};
        }
        default: {
            SEALANE_CO_TRY(
                const auto found,
                co_await partition->log().offset_for_timestamp(WallTime{timestamp}, end)
            );
            at_record(*answer, found, end);
            co_return Status{};
        }
    }
}

struct OffsetQuery {
    TopicName topic;
    ListOffsetsRequest::ListOffsetsPartition partition;
    BrokerId asker = kConsumer;
    std::int16_t version = 0;
    bool committed_only = false;

    // Replicas and tools see beyond the high watermark.
    [[nodiscard]] bool to_log_end() const { return asker != kConsumer; }
};

// Until a new leader's high watermark has reached where its epoch began, it may be lower than what
// the leader before it told clients.
Status check_available(const Partition& partition, const OffsetQuery& query) {
    const std::int64_t timestamp = query.partition.timestamp;
    if (query.to_log_end() || timestamp == kEarliest || timestamp == kEarliestLocal) return {};
    if (!partition.leads() || SEALANE_MUTANT(1)) return {};
    if (partition.high_watermark() >= partition.leadership().epoch_start()) return {};
    return fail(ErrorCode::kOffsetNotAvailable, "the high watermark is not known yet");
}

Task<Status> list_one(Services& services, OffsetQuery query, OffsetAnswer* answer) {
    if (!known_timestamp(query.partition.timestamp, query.version)) {
        co_return fail(
            ErrorCode::kUnsupportedVersion, "timestamp " + std::to_string(query.partition.timestamp)
        );
    }
    const bool anywhere = query.asker == kTool;
    SEALANE_CO_TRY(
        const PartitionPtr partition,
        (anywhere ? find_replica : find_partition)(
            services,
            query.topic,
            query.partition.partition_index,
            query.partition.current_leader_epoch
        )
    );
    SEALANE_CO_CHECK(check_available(*partition, query));
    const Offset visible =
        query.committed_only ? partition->last_stable() : partition->high_watermark();
    const Offset end = query.to_log_end() ? partition->log_end() : visible;
    co_return co_await look_up(partition, query.partition.timestamp, end, answer);
}

Task<Reply<ListOffsetsResponse>> list_offsets(
    Services& services, RequestContext context, ListOffsetsRequest request
) {
    ListOffsetsResponse response;
    std::set<std::pair<std::string, PartitionId>> seen;
    for (const auto& topic : request.topics) {
        auto& topic_answer = response.topics.emplace_back();
        topic_answer.name = topic.name;
        for (const auto& partition : topic.partitions) {
            OffsetAnswer answer;
            answer.partition_index = partition.partition_index;
            Status done = fail(ErrorCode::kInvalidRequest, "the partition is there twice");
            if (seen.emplace(topic.name, partition.partition_index).second) {
                OffsetQuery query{
                    .topic = TopicName{topic.name, Uuid{}},
                    .partition = partition,
                    .asker = request.replica_id,
                    .version = context.api_version,
                    .committed_only = request.isolation_level == kReadCommitted,
                };
                done = co_await list_one(services, std::move(query), &answer);
            }
            if (!done)
                answer.error_code = wire_code(done.error().code(), kApi, context.api_version);
            topic_answer.partitions.push_back(answer);
        }
    }
    co_return response;
}

OffsetForLeaderEpochResponse epoch_ends(
    const Services& services, const OffsetForLeaderEpochRequest& request
) {
    OffsetForLeaderEpochResponse response;
    for (const auto& topic : request.topics) {
        auto& topic_answer = response.topics.emplace_back();
        topic_answer.topic = topic.topic;
        for (const auto& asked : topic.partitions) {
            auto& answer = topic_answer.partitions.emplace_back();
            answer.partition = asked.partition;
            const auto partition = find_partition(
                services,
                TopicName{topic.topic, Uuid{}},
                asked.partition,
                asked.current_leader_epoch
            );
            if (!partition) {
                answer.error_code = wire_code(partition.error());
                continue;
            }
            const EpochEnd end = (*partition)->log().end_offset_for_epoch(asked.leader_epoch);
            answer.leader_epoch = end.epoch;
            answer.end_offset = end.end;
        }
    }
    return response;
}

}  // namespace

void add_list_offsets(ApiRegistry& registry, Services& services) {
    registry.add<ListOffsetsRequest>(
        {1, 10},
        [&services](
            RequestContext context, ListOffsetsRequest request
        ) -> Task<Reply<ListOffsetsResponse>> {
            return list_offsets(services, std::move(context), std::move(request));
        }
    );
}

void add_offset_for_leader_epoch(ApiRegistry& registry, Services& services) {
    registry.add<OffsetForLeaderEpochRequest>(
        {2, 4},
        [&services](
            RequestContext /*context*/, OffsetForLeaderEpochRequest request
        ) -> Task<Reply<OffsetForLeaderEpochResponse>> { co_return epoch_ends(services, request); }
    );
}

}  // namespace sealane::broker
