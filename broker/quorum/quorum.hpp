#pragma once
// Quorum: this node's part in the metadata quorum (KRaft: KIP-595, 630, 853, 996). A shell: the
// core `Raft` decides; this performs its effects in their order on the metadata log, the
// quorum-state file, the snapshot files and the network. One step at a time: nothing is sent or
// answered before what it rests on is durable.
//
// All calls on the shard of `world`. The log belongs to the quorum from open() on: nobody else
// appends, truncates or deletes there; reading it below high_watermark() is free to all.

#include "broker/log/partition_log.hpp"
#include "broker/peers/peers.hpp"
#include "broker/quorum/voter_set.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/quorum.hpp"
#include "common/kafka/messages/quorum_admin.hpp"
#include "common/kafka/messages/voters.hpp"
#include "common/runtime/event.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker::quorum {

struct QuorumConfig {
    struct Voter {
        BrokerId id;
        runtime::Endpoint endpoint;
        Uuid directory_id;  // zero: not known, any directory of this node votes
    };
    BrokerId node{1};
    Uuid directory_id;       // of this node's data directory
    std::string cluster_id;  // 22 characters; empty: requests are not checked
    // The quorum as it is first made; the newest VotersRecord of the log or snapshot wins. Empty:
    // this node alone.
    std::vector<Voter> voters;
    // Where the others reach this node, for BeginQuorumEpoch and leader hints. Known at the latest
    // when start() is called: set_endpoint().
    std::string listener = "INTERNAL";
    Duration fetch_timeout = 1s;        // a follower without an answer for that long: pre-vote
    Duration election_timeout = 500ms;  // drawn from [x, 2x)
    Duration fetch_wait = 500ms;        // MaxWait of a fetch; at most half the fetch timeout counts
    Duration request_timeout = 1s;      // of votes and epoch announcements
    std::int32_t fetch_bytes = 8 << 20;
    std::int32_t snapshot_chunk_bytes = 1 << 20;
};

// For metrics and health.
struct QuorumFigures {
    std::uint64_t elections = 0;       // times this node became candidate
    std::uint64_t leaderships = 0;     // times this node became leader
    std::uint64_t leader_changes = 0;  // times it learnt of a new leader (itself included)
    std::uint64_t truncations = 0;     // times its log was cut back to the leader's
    std::uint64_t snapshots_written = 0;
    std::uint64_t snapshots_loaded = 0;  // from a leader
    Instant last_contact;                // a follower's last good answer of its leader
    // A node of the quorum says that it belongs to another cluster (kInconsistentClusterId), or all
    // follow another process with this node's number (kDuplicateBrokerRegistration).
    std::optional<Error> refused;
    std::optional<Error> failed;  // takes part no more: its disk failed or histories clash
};

class Quorum {
 public:
    // `peers` outlives the quorum.
    Quorum(runtime::World& world, QuorumConfig config, Peers& peers);
    ~Quorum();
    Quorum(const Quorum&) = delete;
    Quorum& operator=(const Quorum&) = delete;

    // Reads quorum-state, snapshots and voters; no network. `directory`: the log's own. kCorrupt
    // names the damaged file and how to mend it. A log without a quorum-state file is one of a
    // single broker: its last epoch counts.
    [[nodiscard]] runtime::Task<Status> open(PartitionLog& log, std::string directory);
    // What the data directory says of this node; before open().
    void set_identity(std::string cluster_id, Uuid directory_id);
    // Where other nodes reach this one.
    void set_endpoint(runtime::Endpoint endpoint);
    // Begins elections or following. The sole voter is leader at once (before it returns, except
    // for its disk).
    void start();
    // A leader resigns (EndQuorumEpoch, briefly awaited). Parked calls end, tasks are joined.
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] bool is_leader() const;
    // The epoch of this node's log and votes; as leader, the one to append in.
    [[nodiscard]] LeaderEpoch epoch() const;
    [[nodiscard]] BrokerId leader() const;  // kNoBroker: unknown
    [[nodiscard]] std::optional<runtime::Endpoint> leader_endpoint() const;
    [[nodiscard]] bool is_voter() const;
    // Committed end, exclusive; at least the end of the latest snapshot. Never goes back.
    [[nodiscard]] Offset high_watermark() const;
    // As leader: the offset of the first record of its epoch. What lies below the high watermark of
    // a leader whose high watermark passed this is all that was ever committed before it.
    [[nodiscard]] Offset epoch_start() const;
    [[nodiscard]] const VoterSet& voters() const;
    // Of the voters, those that this node has exchanged something with lately, itself included.
    struct Reach {
        std::size_t voters = 0;
        std::size_t reached = 0;
    };
    [[nodiscard]] Reach reach() const;
    // Leader, epoch, high watermark, voters; also when stopping.
    [[nodiscard]] runtime::Event& changed();
    [[nodiscard]] const QuorumFigures& figures() const;

    // Called when something of the metadata did not fit on the disk. There is a little room kept
    // for it; who stores other things there should stop.
    void on_full_disk(std::function<void()> callback);
    // Keeps that room again, if it was used. kNoSpace.
    [[nodiscard]] runtime::Task<Status> keep_reserve();

    // Leader in `epoch` only: appends one batch (base offset 0 as built) and answers its end offset
    // after the write, not after the commit. kNotController otherwise; kNoSpace leaves nothing;
    // kKafkaStorageError.
    [[nodiscard]] runtime::Task<Result<Offset>> append(BufferSlice batch, LeaderEpoch epoch);

    // The state machine up to `end` (exclusive, at most the high watermark) as record batches, any
    // offsets: adds header and footer, writes the file durably, then trims the log. Nothing happens
    // when a snapshot at or after `end` is there.
    [[nodiscard]] runtime::Task<Status> write_snapshot(
        Offset end, std::vector<BufferSlice> batches
    );
    // When the log begins after what the caller has applied: load this first, go on at its end.
    [[nodiscard]] std::optional<SnapshotId> latest_snapshot() const;
    // Its record batches, without header, footer and other control batches. kSnapshotNotFound.
    [[nodiscard]] runtime::Task<Result<std::vector<BufferSlice>>> read_snapshot(SnapshotId id);

    // Requests of other nodes and of tools. The caller has checked who asks.
    [[nodiscard]] runtime::Task<kafka::VoteResponse> vote(kafka::VoteRequest request);
    [[nodiscard]] runtime::Task<kafka::BeginQuorumEpochResponse> begin_quorum_epoch(
        kafka::BeginQuorumEpochRequest request
    );
    [[nodiscard]] runtime::Task<kafka::EndQuorumEpochResponse> end_quorum_epoch(
        kafka::EndQuorumEpochRequest request
    );
    // A replica's fetch of __cluster_metadata-0 alone; waits up to MaxWait.
    [[nodiscard]] runtime::Task<kafka::FetchResponse> fetch(kafka::FetchRequest request);
    [[nodiscard]] runtime::Task<kafka::FetchSnapshotResponse> fetch_snapshot(
        kafka::FetchSnapshotRequest request
    );
    [[nodiscard]] runtime::Task<kafka::DescribeQuorumResponse> describe(
        kafka::DescribeQuorumRequest request
    );
    [[nodiscard]] runtime::Task<kafka::AddRaftVoterResponse> add_voter(
        kafka::AddRaftVoterRequest request
    );
    [[nodiscard]] runtime::Task<kafka::RemoveRaftVoterResponse> remove_voter(
        kafka::RemoveRaftVoterRequest request
    );
    [[nodiscard]] runtime::Task<kafka::UpdateRaftVoterResponse> update_voter(
        kafka::UpdateRaftVoterRequest request
    );

 private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace sealane::broker::quorum
