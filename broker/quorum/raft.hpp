#pragma once
// Raft as KRaft does it (KIP-595; pre-vote KIP-996, snapshots KIP-630, voter changes KIP-853).
// Decides only: inputs are the time, messages and completions, outputs are Effects. Followers pull;
// a fetch at an offset says that everything below is durable at the follower.
//
//                      timeout                majority              majority
//        Unattached ------------> Prospective ---------> Candidate ---------> Leader
//           ^  |  ^                |    |  ^                | |                 |
//           |  |  +-- no majority -+    |  +---- timeout ---+ |     no majority |
//           |  v learns leader          v lost, leader known  |     or resigns  v
//           |  Follower <----------------------------------------+          Resigned
//           +------------------------- higher epoch, or timeout ----------------+
//
// Who is no voter is Unattached or Follower (an observer).
//
// Promises (letters are used by the tests):
//  A  at most one leader in an epoch       B  at most one vote of a node in an epoch, ever
//  C  the high watermark never goes back, and never covers a record that a later leader lacks
//  D  an epoch's leader commits nothing older by counting before a record of its own (Raft 5.4.2)
//  E  nothing below the own high watermark is ever cut

#include "broker/quorum/raft_messages.hpp"
#include "common/base/rng.hpp"

#include <map>
#include <set>

namespace sealane::broker::quorum {

enum class Role : std::uint8_t {
    kUnattached,
    kProspective,
    kCandidate,
    kLeader,
    kFollower,
    kResigned
};
[[nodiscard]] std::string_view name_of(Role role);

struct RaftConfig {
    ReplicaKey self;
    Duration fetch_timeout = 1s;
    Duration election_timeout = 500ms;
};

// What the disk holds when the node starts.
struct RaftStart {
    ElectionState election;
    EpochCache epochs;
    Offset log_start{0};
    Offset log_end{0};
    Offset durable_end{0};
    std::optional<SnapshotId> snapshot;
    VoterSet configured;  // counts where no record says otherwise
    VoterHistory voters;
};

// What the leader knows of a replica.
struct ReplicaProgress {
    ReplicaKey key;
    Offset end = kNoOffset;  // it has everything below, durably; none: has not fetched well yet
    Instant last_fetch{INT64_MIN};
    Instant last_caught_up{INT64_MIN};
    Offset leader_end_then;  // the leader's log end at its last fetch
};

class Raft {
 public:
    Raft(RaftConfig config, RaftStart start, Rng rng);

    void start(Instant now, Effects& fx);
    // Call tick() no later than this.
    [[nodiscard]] Instant wake_at() const;
    void tick(Instant now, Effects& fx);

    // Elections. The driver has checked cluster and topic.
    [[nodiscard]] VoteAnswer on_vote(Instant now, const VoteAsk& ask, Effects& fx);
    void on_vote_answer(
        Instant now, BrokerId from, const VoteAsk& asked, const VoteAnswer& answer, Effects& fx
    );
    [[nodiscard]] EpochAnswer on_begin_epoch(Instant now, const BeginAsk& ask, Effects& fx);
    [[nodiscard]] EpochAnswer on_end_epoch(Instant now, const EndAsk& ask, Effects& fx);
    // Of BeginQuorumEpoch and EndQuorumEpoch.
    void on_epoch_answer(Instant now, const EpochAnswer& answer, Effects& fx);
    // The leader gives up, to stop or because it must.
    void resign(Instant now, Effects& fx);

    // Following. One plan at a time; nothing when there is nobody to ask, or own appends are not
    // durable yet: then again after the next step, and not before fetch_again_at().
    [[nodiscard]] std::optional<FetchPlan> fetch_plan(Instant now) const;
    [[nodiscard]] Instant fetch_again_at() const { return fetch_not_before_; }
    void on_fetch_answer(Instant now, const FetchAnswer& answer, Effects& fx);
    void on_snapshot_answer(Instant now, const SnapshotAnswer& answer, Effects& fx);
    // No answer. `refused`: the node cannot be reached at all (its process is gone): the leader may
    // be replaced early, after a short random wait.
    enum class FetchFailure : std::uint8_t { kNoAnswer, kUnreachable };
    void on_fetch_failed(Instant now, const FetchPlan& asked, FetchFailure why, Effects& fx);

    // The disk.
    void on_appended(Instant now, const std::vector<BatchFacts>& batches, Effects& fx);
    void on_truncated(Offset log_end, Effects& fx);
    void on_durable(Instant now, Offset durable_end, Effects& fx);
    void on_write_failed(Instant now, Effects& fx);
    // `voters`: those in the snapshot, if it has a VotersRecord.
    void on_snapshot_installed(
        Instant now, SnapshotId id, const std::optional<VoterSet>& voters, Effects& fx
    );
    void on_snapshot_written(SnapshotId id);
    void on_log_start(Offset log_start);

    // Leading.
    [[nodiscard]] FetchVerdict on_fetch(Instant now, const FetchAsk& ask, Effects& fx);
    // Whether this node leads in the epoch that somebody asks for: 74, 75, 6 as for fetches.
    [[nodiscard]] ErrorCode check_leader(LeaderEpoch asked) const;
    // A replica that loads a snapshot is there, though it acknowledges nothing.
    void on_fetch_snapshot(Instant now, const ReplicaKey& replica);
    // Voter changes. An error leaves everything as it is.
    [[nodiscard]] ErrorCode add_voter(Instant now, VoterNode node, Effects& fx);
    [[nodiscard]] ErrorCode remove_voter(Instant now, const ReplicaKey& key, Effects& fx);
    [[nodiscard]] ErrorCode update_voter(Instant now, VoterNode node, Effects& fx);
    // The newest voter set is committed.
    [[nodiscard]] bool voters_committed() const;
    // A voter, or one whose removal is not known to be committed: without it, those who lack the
    // record of the removal might never have a majority (Raft thesis 4.2.2).
    [[nodiscard]] bool may_stand() const;
    // How far the log may be trimmed without making a voter that keeps up load a snapshot.
    [[nodiscard]] Offset trim_limit(Instant now, Offset wanted) const;

    [[nodiscard]] Role role() const { return role_; }
    [[nodiscard]] bool is_leader() const { return role_ == Role::kLeader; }
    [[nodiscard]] bool is_voter() const { return voters().contains(config_.self); }
    [[nodiscard]] LeaderEpoch epoch() const { return election_.epoch; }
    [[nodiscard]] const ElectionState& election() const { return election_; }
    // Whom this node follows or is; kNoBroker in between.
    [[nodiscard]] BrokerId leader() const;
    [[nodiscard]] LeaderView view() const { return {epoch(), known_leader()}; }
    [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
    [[nodiscard]] Offset epoch_start() const { return epoch_start_; }
    [[nodiscard]] Offset log_start() const { return log_start_; }
    [[nodiscard]] Offset log_end() const { return log_end_; }
    [[nodiscard]] Offset durable_end() const { return durable_end_; }
    [[nodiscard]] LogEnd end() const { return {last_epoch(), log_end_}; }
    [[nodiscard]] const std::optional<SnapshotId>& snapshot() const { return snapshot_; }
    [[nodiscard]] const VoterSet& voters() const { return voters_.latest(); }
    [[nodiscard]] const VoterHistory& voter_history() const { return voters_; }
    [[nodiscard]] const std::map<BrokerId, ReplicaProgress>& replicas() const { return replicas_; }
    // The epoch that wrote the last record below `end`.
    [[nodiscard]] LeaderEpoch epoch_before(Offset end) const;

 private:
    static constexpr std::size_t kMaxReplicas = 1000;

    // raft_election.cpp
    void set_election(const ElectionState& next, Effects& fx);
    void become_unattached(Instant now, LeaderEpoch epoch, Effects& fx);
    void become_follower(Instant now, const LeaderView& of, Effects& fx);
    void become_prospective(Instant now, Effects& fx);
    void become_candidate(Instant now, Effects& fx);
    void become_leader(Instant now, Effects& fx);
    void become_resigned(Instant now, Effects& fx);
    void leave_role(Effects& fx);
    void ask_votes(Instant now, Effects& fx);
    void give_up_pre_vote(Instant now, Effects& fx);
    void count_votes(Instant now, Effects& fx);
    void observe(Instant now, const LeaderView& seen, Effects& fx);
    [[nodiscard]] bool would_vote(const VoteAsk& ask) const;
    [[nodiscard]] bool would_pre_vote(const VoteAsk& ask) const;
    [[nodiscard]] BrokerId known_leader() const;
    [[nodiscard]] Duration random_between(Duration low, Duration high);
    [[nodiscard]] Duration election_timeout();

    // raft_follower.cpp
    void leader_lost(Instant now);
    void contact(Instant now);
    void follow_high_watermark(Offset leaders, Effects& fx);
    void diverge(Instant now, const LogEnd& leaders, Effects& fx);
    void wait_before_fetch(Instant now);
    [[nodiscard]] bool is_current(const FetchPlan& asked) const;
    [[nodiscard]] bool continues(const std::vector<BatchFacts>& batches) const;
    void handle_fetch_error(Instant now, ErrorCode error);
    [[nodiscard]] std::optional<BrokerId> whom_to_ask() const;

    // raft_leader.cpp
    void tick_leader(Instant now, Effects& fx);
    void begin_epoch(Instant now, Effects& fx);
    void note_fetch(Instant now, const FetchAsk& ask);
    void check_position(const LogEnd& position, FetchVerdict& verdict) const;
    void advance_high_watermark(Instant now, Effects& fx);
    [[nodiscard]] Instant quorum_deadline() const;
    void forget_silent_observers(Instant now);

    // raft_membership.cpp
    [[nodiscard]] ErrorCode check_change(Effects& fx) const;
    void change_voters(VoterSet next, Effects& fx);

    [[nodiscard]] LeaderEpoch last_epoch() const;

    RaftConfig config_;
    Rng rng_;
    ElectionState election_;
    Role role_ = Role::kUnattached;

    EpochCache epochs_;
    Offset log_start_{0};
    Offset log_end_{0};
    Offset durable_end_{0};
    Offset high_watermark_{0};
    std::optional<SnapshotId> snapshot_;
    VoterSet configured_;
    VoterHistory voters_;

    // Unattached, Prospective, Candidate, Resigned: when to give up what is tried.
    Instant election_deadline_ = Instant::never();
    // Prospective, Candidate.
    std::uint64_t round_ = 0;
    std::uint32_t lost_rounds_ = 0;
    Instant ask_again_at_ = Instant::never();
    std::set<BrokerId> granted_;
    std::set<BrokerId> rejected_;

    // Follower, and whoever looks for a leader.
    Instant fetch_deadline_ = Instant::never();
    Instant fetch_not_before_{INT64_MIN};
    bool has_fetched_ = false;  // well, from this leader, and it is not known to be gone
    std::uint32_t asked_round_robin_ = 0;
    Offset pending_high_watermark_ = kNoOffset;  // of the batches that are being written
    struct Download {
        SnapshotId id;
        std::int64_t position = 0;
    };
    std::optional<Download> download_;

    // Leader.
    Offset epoch_start_ = kNoOffset;
    Instant begin_again_at_ = Instant::never();
    std::map<BrokerId, ReplicaProgress> replicas_;
};

}  // namespace sealane::broker::quorum
