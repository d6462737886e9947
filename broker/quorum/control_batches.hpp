#pragma once
// The control records of the metadata log and of snapshots as batches, and what Raft must know of a
// batch (formats: control batches 2 to 6). Pure.

#include "broker/quorum/raft_messages.hpp"
#include "common/kafka/messages/quorum_records.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <variant>

namespace sealane::broker::quorum {

[[nodiscard]] Result<BufferSlice> leader_change_batch(
    const LeaderChange& change, BrokerId leader, std::int16_t version, WallTime at
);
// Two batches when it is the first change: KRaftVersion 1 and the voters.
[[nodiscard]] Result<BufferSlice> voters_batches(const VotersChange& change, WallTime at);

[[nodiscard]] kafka::VotersRecord voters_record(const VoterSet& voters);
[[nodiscard]] VoterSet voter_set(const kafka::VotersRecord& record);

// Offsets and leader epochs are those in the batch. kCorruptMessage: a control record that does
// not decode.
[[nodiscard]] Result<BatchFacts> facts_of(const kafka::RecordBatch& batch);
// Of whole batches one after the other.
[[nodiscard]] Result<std::vector<BatchFacts>> facts_of(const BufferSlice& batches);

// A snapshot file: header, voters where a record named them, the content, footer. Offsets count
// from zero, the leader epoch is the snapshot's.
struct SnapshotContent {
    SnapshotId id;
    std::optional<VoterSet> voters;
    std::vector<BufferSlice> batches;
};
[[nodiscard]] Result<BufferSlice> snapshot_bytes(const SnapshotContent& content, WallTime at);
// kCorrupt: a batch is damaged, or header or footer is not in its place.
[[nodiscard]] Result<SnapshotContent> parse_snapshot(SnapshotId id, const BufferSlice& bytes);

// "00000000000000000042-0000000007.checkpoint" and back.
[[nodiscard]] std::string snapshot_file_name(SnapshotId id);
[[nodiscard]] std::optional<SnapshotId> parse_snapshot_file_name(std::string_view name);

}  // namespace sealane::broker::quorum
