// MirrorAppend: checks the link, appends every partition's runs, and answers when they are on every
// in-sync replica. What continues and what is a retry is decided under the log's own append order:
// by OriginIndex for aggregates, by the log end for replicas. A partition is written in the one
// leadership in which its append began: what another one made of it, its own log says.

#include "broker/mirrored/append_bytes.hpp"
#include "broker/mirrored/mirror_services.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using Request = kafka::MirrorAppendRequest;
using Response = kafka::MirrorAppendResponse;
using runtime::Task;

constexpr std::int32_t kLongestWaitMs = 60'000;
constexpr Duration kBehindMirror = 500ms;

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

// Where one partition's runs go.
struct Target {
    MirrorServices& mirror;
    const LinkState& link;
    PartitionPtr partition;
    std::uint64_t reign = 0;

    // Before every write: neither the leadership nor the link has moved on since the request began.
    [[nodiscard]] Status check() const {
        if (!partition->leads() || partition->reign() != reign)
            return fail(ErrorCode::kNotLeaderOrFollower, "the leadership has changed");
        const LinkState* now = mirror.table().find(link.name);
        if (now == nullptr || now->epoch != link.epoch)
            return fail(ErrorCode::kFencedStateEpoch, "the link's epoch moved on");
        return partition->check_min_isr();
    }
    [[nodiscard]] std::size_t max_batch() const {
        return static_cast<std::size_t>(partition->config().max_message_bytes);
    }
};

Task<Status> append_aggregate(const Target& target, const Request::Partition& asked) {
    AggregateAppend append{
        target.link.name, asked, target.mirror.broker.world.wall(), target.max_batch()
    };
    SEALANE_CO_TRY(BufferSlice bytes, aggregate_bytes(append));
    SEALANE_CO_CHECK(target.check());
    auto outcome = co_await target.partition->append(std::move(bytes), AppendOrigin::kCoordinator);
    if (!outcome) co_return fail(outcome.error());
    co_return Status{};
}

Task<Status> append_replica_run(const Target& target, const Request::Run& run) {
    const PartitionPtr& partition = target.partition;
    SEALANE_CO_TRY(const Offset end, check_replica_run(run, target.max_batch()));
    SEALANE_CO_CHECK(target.check());
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
    if (empty && run.source_base_offset > Offset(0)) {
        SEALANE_CO_CHECK(co_await partition->restart_at(run.source_base_offset));
        SEALANE_CO_CHECK(target.check());
    }
    const auto outcome = co_await partition->append_as_is(run.records, OffsetGaps::kAllowed);
    if (!outcome) co_return fail(outcome.error());
    if (outcome->kind == AppendOutcome::Kind::kUnexpectedPosition)
        co_return fail(
            ErrorCode::kOutOfOrderSequenceNumber,
            "the log ends at " + std::to_string(outcome->expected.value)
        );
    co_return Status{};
}

Task<Status> append_replica(const Target& target, const Request::Partition& asked) {
    for (const Request::Run& run : asked.runs)
        SEALANE_CO_CHECK(co_await append_replica_run(target, run));
    co_return Status{};
}

// One partition of the answer, and what must become durable before it may be sent.
struct Appended {
    PartitionPtr partition;  // null: nothing to wait for
    std::uint64_t reign = 0;
    Offset end = kNoOffset;
    Response::Partition answer;
};

Task<Appended> append_partition(
    MirrorServices& mirror,
    const LinkState& link,
    std::string topic,
    const Request::Partition& asked
) {
    Appended result;
    result.answer.partition_index = asked.partition_index;
    const auto led = mirror.led(topic, asked.partition_index);
    Status done = led ? check_pinned(link, topic, asked.origin) : Status(fail(led.error()));
    if (!done) {
        refuse(result.answer, done.error().code(), done.error().detail());
        co_return result;
    }
    const Target target{mirror, link, *led, (*led)->reign()};
    // The partitions before this one took time: a promotion may have begun meanwhile.
    if (done = target.check(); !done) {
        refuse(result.answer, done.error().code(), done.error().detail());
        co_return result;
    }
    const TopicPartition id{topic, asked.partition_index};
    mirror.appends.begin(id);
    if (link.kind == kafka::kReplicaLink) {
        done = co_await append_replica(target, asked);
    } else {
        done = co_await append_aggregate(target, asked);
    }
    mirror.appends.end(id);
    if (!done) refuse(result.answer, done.error().code(), done.error().detail());
    if (!target.partition->leads() || target.partition->reign() != target.reign) {
        // Whatever was written is for the next leader to judge.
        refuse(result.answer, ErrorCode::kNotLeaderOrFollower, "the leadership has changed");
        co_return result;
    }
    // Also after an error: what an earlier try wrote must be durable before it counts.
    result.partition = target.partition;
    result.reign = target.reign;
    result.end = target.partition->log_end();
    result.answer.next_source_offset = next_source_offset(*target.partition, link, asked.origin);
    co_return result;
}

// Whether the link is as the mirror knows it: not older, and with the topics it writes bound.
bool is_known(const LinkState* link, const Request& request) {
    if (link == nullptr || link->epoch < request.link_epoch) return false;
    if (link->epoch > request.link_epoch) return true;
    for (const Request::Topic& topic : request.topics)
        for (const Request::Partition& partition : topic.partitions)
            if (!check_pinned(*link, topic.name, partition.origin)) return false;
    return true;
}

// The link, a little later if need be: a mirror may hear of a change before this broker does.
Task<std::optional<LinkState>> known_link(MirrorServices& mirror, const Request& request) {
    const Instant deadline = mirror.broker.world.now() + kBehindMirror;
    while (true) {
        const LinkState* link = mirror.table().find(request.link_name);
        const bool known = is_known(link, request);
        if (known || !co_await mirror.broker.metadata.changed().wait_until(deadline)) {
            link = mirror.table().find(request.link_name);
            co_return link == nullptr ? std::nullopt : std::optional(*link);
        }
    }
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
            if (one.partition) {
                const Status seen =
                    co_await one.partition->wait_visible(one.end, deadline, one.reign);
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
    const std::optional<LinkState> found = co_await known_link(mirror, request);
    if (!found) co_return refused(nullptr, ErrorCode::kResourceNotFound, "no link of this name");
    if (found->state != kafka::kLinkRunning)
        co_return refused(&*found, ErrorCode::kPolicyViolation, "the link does not run");
    if (found->epoch != request.link_epoch)
        co_return refused(&*found, ErrorCode::kFencedStateEpoch, "the link's epoch moved on");
    const LinkState& link = *found;
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
