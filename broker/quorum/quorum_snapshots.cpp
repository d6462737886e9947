// Snapshots: written from the state machine, trimmed for, and served.

#include "broker/quorum/quorum_inner.hpp"

#include <algorithm>

namespace sealane::broker::quorum {

using runtime::Task;

Task<Status> Quorum::Inner::write_snapshot(Offset end, std::vector<BufferSlice> batches) {
    const auto writing = co_await snapshot_turns.take();
    if (figures.failed) co_return fail(ErrorCode::kKafkaStorageError, figures.failed->to_string());
    if (tasks.stopping()) co_return fail(Error::stopped());
    if (end > raft->high_watermark()) {
        co_return fail(ErrorCode::kOffsetOutOfRange, "a snapshot of what is not committed");
    }
    const auto latest = snapshots.latest();
    if (end <= raft->log_start() || (latest && latest->end >= end)) co_return Status{};
    SnapshotContent content;
    content.id = {end, raft->epoch_before(end)};
    if (raft->voter_history().has_records()) content.voters = raft->voter_history().at(end);
    content.batches = std::move(batches);
    SEALANE_CO_TRY(BufferSlice bytes, snapshot_bytes(content, world.wall()));
    const std::size_t size = bytes.size();
    SEALANE_CO_CHECK(co_await snapshots.write(content.id, std::move(bytes)));
    const auto turn = co_await turns.take();
    ++figures.snapshots_written;
    lines.info("metadata snapshot written", {{"end_offset", end}, {"bytes", size}});
    co_return co_await trim(content.id);
}

// In turn. The leader's snapshot may have come meanwhile and be newer: then the log starts there.
Task<Status> Quorum::Inner::trim(SnapshotId id) {
    raft->on_snapshot_written(id);
    const Offset start = raft->trim_limit(world.now(), id.end);
    // Whole segments go: of this one the next snapshot frees the disk.
    SEALANE_CO_CHECK(co_await log->roll());
    SEALANE_CO_CHECK(co_await log->delete_records(start));
    raft->on_log_start(log->log_start_offset());
    co_return co_await snapshots.remove_older();
}

Task<kafka::FetchSnapshotResponse> Quorum::Inner::fetch_snapshot(kafka::FetchSnapshotRequest request
) {
    kafka::FetchSnapshotResponse response;
    response.error_code = check_ready();
    if (response.error_code == ErrorCode::kNone) {
        response.error_code = check_cluster(request.cluster_id);
    }
    if (response.error_code != ErrorCode::kNone) co_return response;
    const bool fits = request.topics.size() == 1 && request.topics[0].partitions.size() == 1 &&
                      request.topics[0].name == kMetadataLogTopic &&
                      request.topics[0].partitions[0].partition == PartitionId(0);
    if (!fits) {
        response.error_code = ErrorCode::kUnknownTopicOrPartition;
        co_return response;
    }
    const auto& asked = request.topics[0].partitions[0];
    const SnapshotId id{asked.snapshot_id.end_offset, asked.snapshot_id.epoch};
    auto& topic = response.topics.emplace_back();
    topic.name = request.topics[0].name;
    auto& partition = topic.partitions.emplace_back();
    partition.snapshot_id = {id.end, id.epoch};
    partition.position = asked.position;
    partition.error_code = raft->check_leader(asked.current_leader_epoch);
    const LeaderView view = raft->view();
    partition.current_leader = {view.leader, view.epoch};
    name_leader(response, view.leader);
    if (partition.error_code != ErrorCode::kNone) co_return response;
    raft->on_fetch_snapshot(world.now(), {request.replica_id, asked.replica_directory_id});
    const auto most = static_cast<std::size_t>(
        std::clamp(request.max_bytes, std::int32_t{1}, config.snapshot_chunk_bytes)
    );
    const auto chunk = co_await snapshots.read_chunk(id, asked.position, most);
    if (!chunk) {
        const ErrorCode code = chunk.error().code();
        partition.error_code = is_wire_code(code) ? code : ErrorCode::kKafkaStorageError;
        co_return response;
    }
    partition.size = chunk->size;
    partition.unaligned_records = chunk->bytes;
    co_return response;
}

}  // namespace sealane::broker::quorum
