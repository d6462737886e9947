#pragma once
// What Raft hears and says: the quorum's messages without their wire form, and the effects that its
// driver owes it. Pure values.

#include "broker/log/epoch_cache.hpp"
#include "broker/quorum/voter_set.hpp"
#include "common/base/error_code.hpp"
#include "common/base/time.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sealane::broker::quorum {

// Where a log ends: the epoch of its last record (0: no record was ever in it), the next offset.
// Ordered by epoch first: the larger log is the more up to date one (Raft 5.4.1).
struct LogEnd {
    LeaderEpoch epoch{0};
    Offset offset{0};
    friend auto operator<=>(const LogEnd&, const LogEnd&) = default;
};

// What must be durable before anybody hears of it. Within one epoch the vote never changes once
// given, and the leader never once known.
struct ElectionState {
    LeaderEpoch epoch{0};
    BrokerId leader = kNoBroker;
    ReplicaKey voted;  // kNoBroker: nobody
    friend bool operator==(const ElectionState&, const ElectionState&) = default;
};

// Epoch and leader as somebody sees them; every answer carries one.
struct LeaderView {
    LeaderEpoch epoch{0};
    BrokerId leader = kNoBroker;
    friend bool operator==(const LeaderView&, const LeaderView&) = default;
};

struct VoteAsk {
    ReplicaKey candidate;
    ReplicaKey voter;  // kNoBroker: does not say
    LeaderEpoch epoch{0};
    LogEnd last;
    bool pre_vote = false;
    std::uint64_t round = 0;  // of the asker alone, not on the wire: tells late answers
};
struct VoteAnswer {
    ErrorCode error = ErrorCode::kNone;
    LeaderView view;
    bool granted = false;
};

struct BeginAsk {
    BrokerId leader = kNoBroker;
    LeaderEpoch epoch{0};
    ReplicaKey voter;
};
struct EndAsk {
    BrokerId leader = kNoBroker;
    LeaderEpoch epoch{0};
    std::vector<ReplicaKey> preferred;  // who should stand first, best first
};
struct EpochAnswer {
    ErrorCode error = ErrorCode::kNone;
    LeaderView view;
};

struct FetchAsk {
    ReplicaKey replica;  // kNoBroker: a reader that is no replica
    LeaderEpoch epoch{0};
    LogEnd position;
};
// No error, no divergence, no snapshot: records from the asked offset to the log end.
struct FetchVerdict {
    ErrorCode error = ErrorCode::kNone;
    LeaderView view;
    Offset high_watermark = kNoOffset;
    Offset log_start = kNoOffset;
    Offset log_end = kNoOffset;
    std::optional<LogEnd> diverging;
    std::optional<SnapshotId> snapshot;
};

// One batch of a log. `voters`: it is a control batch with a VotersRecord.
struct BatchFacts {
    Offset base;
    Offset end;
    LeaderEpoch epoch{0};
    std::optional<VoterSet> voters;
};

// What to fetch now, and from whom. With `snapshot`: FetchSnapshot from `snapshot_position` on.
struct FetchPlan {
    BrokerId to = kNoBroker;
    LeaderEpoch epoch{0};
    LogEnd position;
    std::optional<SnapshotId> snapshot;
    std::int64_t snapshot_position = 0;
    friend bool operator==(const FetchPlan&, const FetchPlan&) = default;
};
struct FetchAnswer {
    FetchPlan asked;
    ErrorCode error = ErrorCode::kNone;
    LeaderView view;
    Offset high_watermark = kNoOffset;
    std::optional<LogEnd> diverging;
    std::optional<SnapshotId> snapshot;
    std::vector<BatchFacts> batches;
};
struct SnapshotAnswer {
    FetchPlan asked;
    ErrorCode error = ErrorCode::kNone;
    LeaderView view;
    std::int64_t size = 0;
    std::int64_t position = 0;
    std::int64_t bytes = 0;
};

struct SnapshotPart {
    SnapshotId id;
    std::int64_t position = 0;
};

struct Outgoing {
    BrokerId to = kNoBroker;
    std::variant<VoteAsk, BeginAsk, EndAsk> message;
};

// First record of an epoch.
struct LeaderChange {
    std::vector<ReplicaKey> voters;
    std::vector<ReplicaKey> granting;
};
// A change of the voters. `first`: the log has had none yet, KRaftVersion 1 goes before it.
struct VotersChange {
    VoterSet voters;
    bool first = false;
};

// Everything the driver must do after a step, in the order of the fields, before the next step.
struct Effects {
    // Nothing more may be done: the histories of this node and its leader clash below what was
    // committed. For people.
    std::optional<std::string> fatal;
    // Make durable; nothing below may happen before it is.
    std::optional<ElectionState> persist;
    // Cut the log, durably; then Raft::on_truncated.
    std::optional<Offset> truncate_to;
    // Write the batches of the fetch answer of this step; then on_appended or on_write_failed.
    bool append_fetched = false;
    // Write the bytes of the snapshot answer of this step there.
    std::optional<SnapshotPart> write_part;
    // The snapshot is whole: sync, check and install it, restart the log at its end; then
    // on_snapshot_installed or on_write_failed.
    std::optional<SnapshotId> install;
    // As leader: append this record; then on_appended or on_write_failed.
    std::optional<std::variant<LeaderChange, VotersChange>> append;
    std::vector<Outgoing> send;
    // Leader, epoch, high watermark or voters have changed: wake who waits.
    bool changed = false;
};

}  // namespace sealane::broker::quorum
