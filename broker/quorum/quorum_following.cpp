// Following: one fetch under way, replaced when the core wants to ask somebody else.

#include "broker/quorum/quorum_inner.hpp"

#include <algorithm>

namespace sealane::broker::quorum {

using runtime::Task;

namespace {

const PartitionId kPartition{0};
constexpr Duration kLately = 5s;  // several elections
constexpr int kMissed = 4;        // times as long as it takes to miss a leader

FetchAnswer answer_of(const FetchPlan& plan, const kafka::FetchResponse& response) {
    FetchAnswer answer;
    answer.asked = plan;
    answer.error = response.error_code;
    const bool whole = !response.responses.empty() && !response.responses[0].partitions.empty();
    if (!whole) {
        if (answer.error == ErrorCode::kNone) answer.error = ErrorCode::kInvalidRequest;
        return answer;
    }
    const auto& partition = response.responses[0].partitions[0];
    if (answer.error == ErrorCode::kNone) answer.error = partition.error_code;
    answer.view = {partition.current_leader.leader_epoch, partition.current_leader.leader_id};
    answer.high_watermark = partition.high_watermark;
    if (partition.diverging_epoch.end_offset != kNoOffset) {
        answer.diverging =
            LogEnd{partition.diverging_epoch.epoch, partition.diverging_epoch.end_offset};
    }
    if (partition.snapshot_id.end_offset != kNoOffset) {
        answer.snapshot = SnapshotId{partition.snapshot_id.end_offset, partition.snapshot_id.epoch};
    }
    return answer;
}

SnapshotAnswer answer_of(const FetchPlan& plan, const kafka::FetchSnapshotResponse& response) {
    SnapshotAnswer answer;
    answer.asked = plan;
    answer.error = response.error_code;
    if (response.topics.empty() || response.topics[0].partitions.empty()) {
        if (answer.error == ErrorCode::kNone) answer.error = ErrorCode::kInvalidRequest;
        return answer;
    }
    const auto& partition = response.topics[0].partitions[0];
    if (answer.error == ErrorCode::kNone) answer.error = partition.error_code;
    answer.view = {partition.current_leader.leader_epoch, partition.current_leader.leader_id};
    answer.size = partition.size;
    answer.position = partition.position;
    answer.bytes = static_cast<std::int64_t>(partition.unaligned_records.size());
    return answer;
}

// The peer's process is gone, as opposed to slow or behind a cut.
bool is_unreachable(const Error& error) {
    return error.code() == ErrorCode::kConnectionRefused ||
           error.code() == ErrorCode::kConnectionReset || error.code() == ErrorCode::kEndOfStream;
}

}  // namespace

Task<void> Quorum::Inner::fetch_loop() {
    while (!tasks.stopping() && !figures.failed) {
        const auto plan = raft->fetch_plan(world.now());
        const bool asked = plan && attempt && !attempt->done && attempt->plan.to == plan->to &&
                           attempt->plan.epoch == plan->epoch;
        if (!plan || asked) {
            const Instant again = raft->fetch_again_at();
            (void)co_await work.wait_until(again > world.now() ? again : Instant::never());
            continue;
        }
        attempt = std::make_shared<Attempt>(Attempt{*plan, false});
        tasks.spawn([this, current = attempt] { return fetch_once(current); });
    }
}

Task<void> Quorum::Inner::fetch_once(std::shared_ptr<Attempt> current) {
    if (current->plan.snapshot) {
        co_await fetch_chunk(current->plan);
    } else {
        co_await fetch_records(current->plan);
    }
    current->done = true;
    work.notify_all();
}

Task<void> Quorum::Inner::fetch_records(FetchPlan plan) {
    const Duration wait = std::min(config.fetch_wait, config.fetch_timeout / 2);
    kafka::FetchRequest request;
    if (!config.cluster_id.empty()) request.cluster_id = config.cluster_id;
    request.replica_state.replica_id = config.node;
    request.max_wait_ms = static_cast<std::int32_t>(to_ms(wait));
    request.min_bytes = 1;
    request.max_bytes = config.fetch_bytes;
    auto& topic = request.topics.emplace_back();
    topic.topic = kMetadataLogTopic;
    topic.topic_id = kMetadataTopicId;
    auto& partition = topic.partitions.emplace_back();
    partition.partition = kPartition;
    partition.current_leader_epoch = plan.epoch;
    partition.fetch_offset = plan.position.offset;
    partition.last_fetched_epoch = plan.position.epoch;
    partition.log_start_offset = raft->log_start();
    partition.partition_max_bytes = config.fetch_bytes;
    partition.replica_directory_id = config.directory_id;
    partition.high_watermark = raft->high_watermark();
    const auto reply = co_await ask(
        plan.to,
        PeerLane::kMetadata,
        std::move(request),
        world.now() + wait + config.request_timeout
    );
    if (!reply) co_return co_await fetch_failed(plan, reply.error());
    note_reached(plan.to);
    FetchAnswer answer = answer_of(plan, *reply);
    note_view(answer.view);
    note_refusal(plan.to, answer.error);
    BufferSlice records;
    if (answer.error == ErrorCode::kNone && !answer.diverging && !answer.snapshot) {
        records = reply->responses[0].partitions[0].records.value_or(BufferSlice());
        auto facts = facts_of(records);
        if (!facts) {
            lines.warning(
                "metadata records refused", {{"error", facts.error()}, {"from", plan.to}}
            );
            co_return co_await fetch_failed(plan, facts.error());
        }
        answer.batches = *std::move(facts);
    }
    const auto decide = [answer](Raft& core, Instant now, Effects& fx) {
        core.on_fetch_answer(now, answer, fx);
    };
    (void)co_await step(decide, records);
    if (answer.error == ErrorCode::kNone) figures.last_contact = world.now();
}

Task<void> Quorum::Inner::fetch_chunk(FetchPlan plan) {
    kafka::FetchSnapshotRequest request;
    if (!config.cluster_id.empty()) request.cluster_id = config.cluster_id;
    request.replica_id = config.node;
    request.max_bytes = config.snapshot_chunk_bytes;
    auto& topic = request.topics.emplace_back();
    topic.name = kMetadataLogTopic;
    auto& partition = topic.partitions.emplace_back();
    partition.partition = kPartition;
    partition.current_leader_epoch = plan.epoch;
    partition.snapshot_id = {plan.snapshot->end, plan.snapshot->epoch};
    partition.position = plan.snapshot_position;
    partition.replica_directory_id = config.directory_id;
    const auto reply = co_await ask(
        plan.to, PeerLane::kMetadata, std::move(request), world.now() + config.request_timeout
    );
    if (!reply) co_return co_await fetch_failed(plan, reply.error());
    const SnapshotAnswer answer = answer_of(plan, *reply);
    BufferSlice bytes;
    if (answer.bytes > 0) bytes = reply->topics[0].partitions[0].unaligned_records;
    const auto decide = [answer](Raft& core, Instant now, Effects& fx) {
        core.on_snapshot_answer(now, answer, fx);
    };
    (void)co_await step(decide, bytes);
    if (answer.error == ErrorCode::kNone) figures.last_contact = world.now();
}

void Quorum::Inner::note_refusal(BrokerId from, ErrorCode code) {
    const bool told =
        figures.refused && figures.refused->code() == ErrorCode::kInconsistentClusterId;
    if (code == ErrorCode::kNone && told) figures.refused.reset();
    if (code != ErrorCode::kInconsistentClusterId || figures.refused) return;
    figures.refused = Error(
        code,
        "node " + std::to_string(from.value) + " of the quorum is not of cluster " +
            config.cluster_id
    );
    lines.error("the metadata quorum is another cluster's", {{"error", *figures.refused}});
    changed.notify_all();
}

// A node that led and has restarted is named so until the others miss it. When it goes on, they do
// not miss anybody: another process of this number leads.
void Quorum::Inner::note_view(const LeaderView& seen) {
    if (seen.leader == kNoBroker || seen.epoch < raft->epoch()) return;
    if (seen.leader != config.node || raft->is_leader()) {
        if (std::exchange(named_since, Instant::never()) != Instant::never()) {
            figures.refused.reset();
        }
        return;
    }
    named_since = std::min(named_since, world.now());
    const Duration patience = kMissed * (config.fetch_timeout + config.election_timeout);
    if (world.now() < named_since + patience || figures.refused) return;
    figures.refused = Error(
        ErrorCode::kDuplicateBrokerRegistration,
        "another process leads the metadata quorum as node " + std::to_string(config.node.value)
    );
    lines.error("another process has this node's number", {{"error", *figures.refused}});
    changed.notify_all();
}

void Quorum::Inner::note_reached(BrokerId node) {
    if (raft->voters().nodes().contains(node)) reached[node] = world.now();
}

Quorum::Reach Quorum::Inner::reach() const {
    Reach reach;
    for (const auto& [id, node] : raft->voters().nodes()) {
        ++reach.voters;
        const auto found = reached.find(id);
        const bool lately = found != reached.end() && world.now() - found->second <= kLately;
        if (id == config.node || lately) ++reach.reached;
    }
    return reach;
}

Task<void> Quorum::Inner::fetch_failed(FetchPlan plan, Error error) {
    if (error.is_stopped()) co_return;
    lines.debug("metadata fetch failed", {{"from", plan.to}, {"error", error}});
    const auto why =
        is_unreachable(error) ? Raft::FetchFailure::kUnreachable : Raft::FetchFailure::kNoAnswer;
    (void)co_await step([plan, why](Raft& core, Instant now, Effects& fx) {
        core.on_fetch_failed(now, plan, why, fx);
    });
}

}  // namespace sealane::broker::quorum
