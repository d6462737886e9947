// MirrorAppend: checks the link, appends every partition's runs, and answers when they are durable.
// What continues and what is a retry is decided under the log's own append order: by OriginIndex
// for aggregates, by the log end for replicas.

#include "broker/mirrored/append_bytes.hpp"
#include "broker/mirrored/mirror_services.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using Request = kafka::MirrorAppendRequest;
using Response = kafka::MirrorAppendResponse;
using runtime::Task;

constexpr std::int32_t kLongestWaitMs = 60'000;

void refuse(Response::Partition& answer, ErrorCode code, std::string why) {
    answer.error_code = is_wire_code(code) ? code : ErrorCode::kKafkaStorageError;
    answer.error_message = std::move(why);
}

// Whether the link may write this partition; the pin names source topic and target topic.
Status check_pinned(
    const LinkState& link, const std::string& topic, const kafka::MirrorOrigin& origin
) {
    if (origin.cluster_id != link.source_cluster_id)
        return fail(ErrorCode::kInconsistentClusterId, "the link's source is another cluster");
    const auto pin =
        std::ranges::find(link.topics, origin.topic_name, &kafka::MirrorLinkTopic::source_topic);
    if (pin == link.topics.end() || pin->target_topic != topic)
        return fail(ErrorCode::kPolicyViolation, "the topic is not bound to this link");
    if (pin->source_topic_id != origin.topic_id)
        return fail(ErrorCode::kInconsistentTopicId, "the source topic's id is not the bound one");
    return {};
}

// Where the origin continues at this target partition.
Offset next_source_offset(
    Partition& partition, const LinkState& link, const kafka::MirrorOrigin& origin
) {
    if (link.kind == kafka::kReplicaLink)
        return partition.log_end() == Offset(0) ? kNoOffset : partition.log_end();
    const auto* index = partition.state<OriginIndex>();
    const auto position = index == nullptr ? std::nullopt : index->map().position(origin);
    return position ? position->next : kNoOffset;
}

Task<Status> append_aggregate(
    PartitionPtr partition, const LinkState link, const Request::Partition& asked, WallTime now
) {
    const auto max_batch = static_cast<std::size_t>(partition->config().max_message_bytes);
    AggregateAppend append{link.name, asked, now, max_batch};
    SEALANE_CO_TRY(BufferSlice bytes, aggregate_bytes(append));
    auto outcome = co_await partition->append(std::move(bytes), AppendOrigin::kCoordinator);
    if (!outcome) co_return fail(outcome.error());
    co_return Status{};
}

Task<Status> append_replica_run(PartitionPtr partition, const Request::Run& run) {
    const auto max_batch = static_cast<std::size_t>(partition->config().max_message_bytes);
    SEALANE_CO_TRY(const Offset end, check_replica_run(run, max_batch));
    const Offset log_end = partition->log_end();
    if (end <= log_end) co_return Status{};  // an earlier try got through
    const bool empty = log_end == Offset(0);
    const bool begins = empty && run.expected_source_offset == kNoOffset;
    if (!begins && run.expected_source_offset != log_end)
        co_return fail(
            ErrorCode::kOutOfOrderSequenceNumber, "the log ends at " + std::to_string(log_end.value)
        );
    const bool hole = !begins && run.source_base_offset != run.expected_source_offset;
    if (hole && (run.hole_reason == kafka::kNoHole || run.source_base_offset < log_end))
        co_return fail(ErrorCode::kInvalidRequest, "a hole before the run without a reason");
    // A replica's log starts where its source's did.
    if (empty && run.source_base_offset > Offset(0))
        SEALANE_CO_CHECK(co_await partition->restart_at(run.source_base_offset));
    const auto outcome = co_await partition->append_as_is(run.records, OffsetGaps::kAllowed);
    if (!outcome) co_return fail(outcome.error());
    if (outcome->kind == AppendOutcome::Kind::kUnexpectedPosition)
        co_return fail(
            ErrorCode::kOutOfOrderSequenceNumber,
            "the log ends at " + std::to_string(outcome->expected.value)
        );
    co_return Status{};
}

Task<Status> append_replica(PartitionPtr partition, const Request::Partition& asked) {
    for (const Request::Run& run : asked.runs)
        SEALANE_CO_CHECK(co_await append_replica_run(partition, run));
    co_return Status{};
}

// One partition of the answer, and what must become durable before it may be sent.
struct Appended {
    PartitionPtr partition;
    Offset end = kNoOffset;  // -1: nothing to wait for
    Response::Partition answer;
};

Task<Appended> append_partition(
    MirrorServices& mirror, LinkState link, std::string topic, const Request::Partition& asked
) {
    Appended result;
    result.answer.partition_index = asked.partition_index;
    if (const Status pinned = check_pinned(link, topic, asked.origin); !pinned) {
        refuse(result.answer, pinned.error().code(), pinned.error().detail());
        co_return result;
    }
    result.partition = mirror.broker.partitions.find(topic, asked.partition_index);
    if (!result.partition) {
        refuse(result.answer, ErrorCode::kUnknownTopicOrPartition, "no such partition here");
        co_return result;
    }
    // The partitions before this one took time: a promotion may have begun meanwhile.
    const LinkState* still = mirror.table().find(link.name);
    if (still == nullptr || still->epoch != link.epoch) {
        refuse(result.answer, ErrorCode::kFencedStateEpoch, "the link's epoch moved on");
        result.partition.reset();
        co_return result;
    }
    const WallTime now = mirror.broker.world.wall();
    Status done;
    if (link.kind == kafka::kReplicaLink) {
        done = co_await append_replica(result.partition, asked);
    } else {
        done = co_await append_aggregate(result.partition, link, asked, now);
    }
    if (!done) refuse(result.answer, done.error().code(), done.error().detail());
    // Also after an error: what an earlier try wrote must be durable before it counts.
    result.end = result.partition->log_end();
    result.answer.next_source_offset = next_source_offset(*result.partition, link, asked.origin);
    co_return result;
}

Response refused(const LinkState* link, ErrorCode code, std::string why) {
    Response response;
    response.error_code = code;
    response.error_message = std::move(why);
    if (link != nullptr) {
        response.link_state = link->state;
        response.link_epoch = link->epoch;
    }
    return response;
}

struct Pending {
    Response response;                            // topics without partitions yet
    std::vector<std::vector<Appended>> appended;  // per topic
};

Task<Result<Response>> when_durable(std::shared_ptr<Pending> pending, Instant deadline) {
    for (std::size_t t = 0; t < pending->appended.size(); ++t) {
        for (Appended& one : pending->appended[t]) {
            if (one.partition && one.end != kNoOffset) {
                const Status seen = co_await one.partition->wait_visible(one.end, deadline);
                if (!seen) {
                    refuse(one.answer, seen.error().code(), seen.error().detail());
                    one.answer.next_source_offset = kNoOffset;
                }
                one.answer.high_watermark = one.partition->high_watermark();
            }
            pending->response.topics[t].partitions.push_back(one.answer);
        }
    }
    co_return std::move(pending->response);
}

}  // namespace

Task<Reply<Response>> mirror_append(MirrorServices& mirror, Request request) {
    const LinkState* found = mirror.table().find(request.link_name);
    if (found == nullptr)
        co_return refused(nullptr, ErrorCode::kResourceNotFound, "no link of this name");
    if (found->state != kafka::kLinkRunning)
        co_return refused(found, ErrorCode::kPolicyViolation, "the link does not run");
    if (found->epoch != request.link_epoch)
        co_return refused(found, ErrorCode::kFencedStateEpoch, "the link's epoch moved on");
    const LinkState link = *found;
    auto pending = std::make_shared<Pending>();
    pending->response.link_state = link.state;
    pending->response.link_epoch = link.epoch;
    for (const Request::Topic& topic : request.topics) {
        Response::Topic answered;
        answered.name = topic.name;
        pending->response.topics.push_back(std::move(answered));
        auto& appended = pending->appended.emplace_back();
        for (const Request::Partition& partition : topic.partitions) {
            Appended one = co_await append_partition(mirror, link, topic.name, partition);
            appended.push_back(std::move(one));
        }
    }
    const std::int32_t wait_ms = std::clamp(request.timeout_ms, 1, kLongestWaitMs);
    const Instant deadline = mirror.broker.world.now() + std::chrono::milliseconds(wait_ms);
    co_return Reply<Response>::later([pending, deadline]() {
        return when_durable(pending, deadline);
    });
}

}  // namespace sealane::broker
