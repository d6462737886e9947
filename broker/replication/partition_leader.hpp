#pragma once
// PartitionLeader: what a leader decides about its followers (KIP-101, KIP-497, KIP-903, KIP-966;
// formats 15). A core: how far each replica is, the high watermark, and the in-sync set that it
// wants. Nothing here changes the in-sync set: the controller does, and the answer or the metadata
// log brings it back.
//
//   committed --propose()--> proposed --on_answer(kNone), adopt()--> committed
//                               |  \--on_answer(refused)---------> committed (as it was)
//                               |  \--on_answer(stale)-----------> waits for adopt()
//                               \-----on_answer(anything else)---> proposed again
//
// A  The high watermark is at most the smallest log end of the maximal in-sync set: committed
//    members and members of a proposal that may already be committed.
// B  It does not advance while the committed set is smaller than the effective minimum.
// C  A follower that has not fetched in this leadership has no log end, so it holds A back.
// D  At most one proposal is open.

#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace sealane::broker {

// One leadership as the controller granted it.
struct LeaderTerms {
    LeaderEpoch epoch;
    std::int32_t partition_epoch = 0;
    std::vector<BrokerId> replicas;  // this node among them
    std::vector<BrokerId> isr;
    // As many members as min.insync.replicas can ask for: replicas that a reassignment adds do not
    // count yet (metadata's effective_min_isr). 0: all replicas.
    std::int32_t most_min_isr = 0;
    bool recovering = false;  // elected uncleanly and not said yet that it goes on from here
};

// One fetch of a follower whose log fits this one up to `offset`.
struct FollowerFetch {
    BrokerId replica;
    std::int64_t broker_epoch = -1;  // of its registration; -1: it did not say
    Offset offset;                   // its log end, and everything below is as durable as asked for
    Offset log_start = kNoOffset;
    bool eligible = false;  // registered with this epoch, not fenced, not shutting down
};

struct IsrMember {
    BrokerId id;
    std::int64_t broker_epoch = -1;  // -1: any
    friend bool operator==(const IsrMember&, const IsrMember&) = default;
};

// For AlterPartition.
struct IsrProposal {
    LeaderEpoch leader_epoch;
    std::int32_t partition_epoch = 0;
    std::vector<IsrMember> isr;
    friend bool operator==(const IsrProposal&, const IsrProposal&) = default;
};

// One partition's part of its answer.
struct IsrAnswer {
    ErrorCode error = ErrorCode::kNone;
    LeaderEpoch leader_epoch;
    std::int32_t partition_epoch = 0;
    std::vector<BrokerId> isr;
};

class PartitionLeader {
 public:
    explicit PartitionLeader(BrokerId self) : self_(self) {}

    // A leadership begins at `log_end`; whatever was known of followers is forgotten.
    void begin(Instant now, const LeaderTerms& terms, Offset log_end);
    // The same leadership with a newer partition epoch; an older one is ignored.
    void adopt(Instant now, const LeaderTerms& terms);

    // False: not one of the replicas, or from an earlier registration of that broker.
    [[nodiscard]] bool on_fetch(Instant now, const FollowerFetch& fetch, Offset log_end);
    // The log was cut to `log_end` (by its owner, during the leadership).
    void on_cut(Offset log_end);

    struct Position {
        Offset log_end;
        Offset reached;  // what counts of this replica: durable, or the log end
        Offset high_watermark;
    };
    // Where the high watermark is now; never below position.high_watermark.
    [[nodiscard]] Offset high_watermark(
        Instant now, Position position, std::int32_t min_insync, Duration lag_max
    ) const;

    // A proposal that should be sent now: a new one, or the open one again. `epoch_of`: the
    // registration of a broker that may be in an in-sync set; nothing when it may not.
    using EpochOf = std::function<std::optional<std::int64_t>(BrokerId)>;
    [[nodiscard]] std::optional<IsrProposal> propose(
        Instant now, Position position, Duration lag_max, const EpochOf& epoch_of
    );
    // Whether a follower waits to be let in; cheap, for every fetch.
    [[nodiscard]] bool may_expand(Position position) const;
    // What became of it. kNone with other terms than ours is for the metadata log to explain.
    void on_answer(const IsrAnswer& answer);
    // It was not sent, or nobody answered: it goes out again.
    void on_unanswered();

    [[nodiscard]] bool under_min_isr(std::int32_t min_insync) const;
    [[nodiscard]] std::int32_t effective_min_isr(std::int32_t min_insync) const;
    [[nodiscard]] bool alone() const { return followers_.empty(); }
    [[nodiscard]] bool is_insync(BrokerId replica) const;  // committed
    [[nodiscard]] bool has_successor() const;              // somebody else is in sync
    [[nodiscard]] std::vector<BrokerId> isr() const;       // committed, in assignment order
    [[nodiscard]] LeaderEpoch epoch() const { return epoch_; }
    [[nodiscard]] std::int32_t partition_epoch() const { return partition_epoch_; }
    // Where the leadership began: latest-offset queries wait until the high watermark is there.
    [[nodiscard]] Offset epoch_start() const { return epoch_start_; }

    // What is known of one replica other than this one.
    struct Follower {
        BrokerId id;
        Offset log_end = kNoOffset;  // -1: has not fetched
        Offset log_start = kNoOffset;
        std::int64_t broker_epoch = -1;
        Instant fetched;
        Instant caught_up;
        Offset leader_end_then = kNoOffset;  // this log's end at its last fetch
        bool insync = false;                 // committed
        bool eligible = false;
    };
    [[nodiscard]] const std::vector<Follower>& followers() const { return followers_; }

 private:
    struct Open {
        std::vector<IsrMember> isr;
        bool sent = false;                // an answer is outstanding
        bool waits_for_metadata = false;  // perhaps it was committed
        Instant waits_since{};            // as propose() saw it
    };
    [[nodiscard]] Follower* find(BrokerId replica);
    [[nodiscard]] bool in_maximal(const Follower& follower) const;
    [[nodiscard]] bool can_join(const Follower& follower, const Position& position) const;
    void commit(const std::vector<BrokerId>& isr, std::int32_t partition_epoch);
    [[nodiscard]] std::vector<IsrMember> shrunk(Instant now, Position position, Duration lag) const;
    [[nodiscard]] std::vector<IsrMember> grown(Position position, const EpochOf& epoch_of) const;

    BrokerId self_;
    LeaderEpoch epoch_ = kNoLeaderEpoch;
    std::int32_t partition_epoch_ = -1;
    Offset epoch_start_;
    std::int32_t most_min_isr_ = 1;
    bool recovering_ = false;
    std::vector<BrokerId> order_;  // of assignment
    std::vector<Follower> followers_;
    std::optional<Open> open_;
};

}  // namespace sealane::broker
