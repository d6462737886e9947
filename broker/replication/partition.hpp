#pragma once
// Partition: one replica of one partition. Its log, the states derived from it, and what the log
// alone does not know: this node's role, the high watermark, who waits for either to move.
//
//              lead()                       follow()
//   kNone ----------------> kLeader <-----------------------> kFollower        close(): the end
//
// Visibility: consumers see offsets below the high watermark, those of committed records below the
// last stable offset. What a replica counts for it:
// sealane.flush=synced what fdatasync has made durable; os: its log end. A leader's is the least of
// its in-sync set (partition_leader.hpp), a follower's is its leader's. acks=all is answered when
// it has passed the batch.
//
// A leadership that ends takes its waiters with it: they get kNotLeaderOrFollower, also when this
// node leads again before they look (reign()).

#include "broker/log/partition_log.hpp"
#include "broker/metadata/image.hpp"
#include "broker/metadata/topic_config.hpp"
#include "broker/replication/partition_follower.hpp"
#include "broker/replication/partition_leader.hpp"
#include "broker/transactions/producer_state.hpp"
#include "common/kafka/records/record_batch.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/world.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace sealane::broker {

// The states derived from one partition's log. Made before the log is opened, because recovery
// fills them.
struct PartitionStates {
    ProducerState producers;
    // Of other owners (mirrored origins); found by type with Partition::state<T>().
    std::vector<std::unique_ptr<LogState>> others;
    [[nodiscard]] std::vector<LogState*> all();
};

struct ReadResult {
    BufferChain records;  // whole batches; may be empty
    Offset high_watermark;
    Offset last_stable;
    Offset log_start;
    Offset log_end;
    Offset next_offset = kNoOffset;  // after the records; -1: there are none
};

enum class ReplicaRole : std::uint8_t { kNone, kLeader, kFollower };

// Whose leader epochs a log carries. Elsewhere: a replica link fills it with the source's, and
// leading it begins none of its own.
enum class LogEpochs : std::uint8_t { kOwn, kElsewhere };

// What the partitions of one node share.
struct ReplicaContext {
    ReplicaContext(runtime::World& with, BrokerId node, Duration lag)
        : world(with),
          self(node),
          lag_max(lag),
          isr_wanted(with.waits()),
          damaged(with.waits()),
          lacks_room(with.waits()) {}
    runtime::World& world;
    BrokerId self;
    Duration lag_max;
    runtime::Event isr_wanted;  // a leader has a follower to let in
    runtime::Event damaged;     // a log was found damaged or went offline
    runtime::Event lacks_room;  // something did not fit on the disk
    // Since then, until FullDisk has found room again. Meanwhile replicas do not fetch, so that
    // nobody lets them into an in-sync set, and a leader with other members in sync refuses appends
    // with kNotLeaderOrFollower: it is about to hand over, and of the requests that a producer has
    // on their way all have to go to the next leader, not just those that did not fit.
    bool disk_full = false;
    void note_full_disk() {
        disk_full = true;
        lacks_room.notify_all();
    }
};

class Partition final : public LogListener {
 public:
    // One that counts as everything it holds (a log without a known high watermark gives its
    // durable end for one replica, its start for several).
    Partition(
        ReplicaContext& context,
        PartitionLog& log,
        std::unique_ptr<PartitionStates> states,
        Offset high_watermark
    );
    Partition(const Partition&) = delete;
    Partition& operator=(const Partition&) = delete;

    [[nodiscard]] const TopicPartition& id() const { return id_; }
    [[nodiscard]] const Uuid& topic_id() const { return topic_id_; }
    [[nodiscard]] ReplicaRole role() const { return role_; }
    [[nodiscard]] bool leads() const { return role_ == ReplicaRole::kLeader && !closed_; }
    [[nodiscard]] BrokerId leader() const { return leader_; }  // kNoBroker: there is none
    [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
    [[nodiscard]] std::size_t replica_count() const { return replica_count_; }
    // Another one whenever this node stops leading.
    [[nodiscard]] std::uint64_t reign() const { return reign_; }
    // -1 once closed.
    [[nodiscard]] Offset log_start() const {
        return closed_ ? kNoOffset : log_->log_start_offset();
    }
    [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
    // What lies below belongs to no transaction that may yet end either way (KIP-98).
    [[nodiscard]] Offset last_stable() const;
    [[nodiscard]] Offset log_end() const { return closed_ ? kNoOffset : log_->end_offset(); }
    // What this replica counts for the high watermark.
    [[nodiscard]] Offset reached() const;
    // All bytes appended since it was opened.
    [[nodiscard]] std::uint64_t appended_bytes() const {
        return closed_ ? 0 : log_->figures().appended_bytes;
    }
    // Not after close().
    [[nodiscard]] PartitionLog& log() { return *log_; }
    [[nodiscard]] const PartitionLog& log() const { return *log_; }
    [[nodiscard]] const TopicConfig& config() const { return config_; }
    [[nodiscard]] ProducerState& producers() { return states_->producers; }
    [[nodiscard]] const ProducerState& producers() const { return states_->producers; }
    // The state of type T that was made for this partition; null when there is none.
    template <class T>
    [[nodiscard]] T* state() {
        for (const auto& other : states_->others) {
            if (auto* found = dynamic_cast<T*>(other.get())) return found;
        }
        return nullptr;
    }

    // This node leads as `state` says from now on; a newer partition epoch of the same leadership
    // is taken over. The new epoch is durable when it returns.
    [[nodiscard]] runtime::Task<Status> lead(PartitionState state, LogEpochs epochs);
    // Another node leads, or nobody. What waits here ends; replicas fetch (ReplicaFetcher).
    [[nodiscard]] runtime::Task<Status> follow(PartitionState state);
    void configure(const TopicConfig& config);
    // The partition is going away: waiters are woken and everything answers
    // kNotLeaderOrFollower.
    void close();
    [[nodiscard]] bool closed() const { return closed_; }

    // Appends validated batches (one batch of a producer; several from a coordinator). The bytes
    // are given away. Errors as PartitionLog::append; kNotLeaderOrFollower, also when the disk does
    // not take it and another member of the in-sync set can.
    [[nodiscard]] runtime::Task<Result<AppendOutcome>> append(
        BufferSlice batches, AppendOrigin origin
    );
    // Appends batches that have their offsets and epochs (replica links), as the leader.
    [[nodiscard]] runtime::Task<Result<AppendOutcome>> append_as_is(
        BufferSlice batches, OffsetGaps gaps
    );
    // kNotEnoughReplicas: the in-sync set is below its minimum, so acks=all is refused at once.
    [[nodiscard]] Status check_min_isr() const;
    // Success when the high watermark has reached `end` in this reign: kRequestTimedOut,
    // kNotLeaderOrFollower (closed, or the reign has ended), kKafkaStorageError (offline),
    // kNotEnoughReplicasAfterAppend (the in-sync set fell below its minimum).
    [[nodiscard]] runtime::Task<Status> wait_visible(
        Offset end, Instant deadline, std::optional<std::uint64_t> reign = std::nullopt
    );

    // Batches from `from` up to one of these. kOffsetOutOfRange.
    enum class UpTo { kLastStable, kHighWatermark, kLogEnd };
    [[nodiscard]] runtime::Task<Result<ReadResult>> read(
        Offset from, std::size_t max_bytes, bool at_least_one, UpTo up_to = UpTo::kHighWatermark
    );
    // By the log's owner while it leads (replica links); followers find out by the epochs.
    [[nodiscard]] runtime::Task<Status> truncate_to(Offset end);
    [[nodiscard]] runtime::Task<Status> restart_at(Offset start);
    [[nodiscard]] runtime::Task<Status> delete_records(Offset new_start);
    // Expires whole segments; how many went. Followers go with their leader's log start.
    [[nodiscard]] runtime::Task<Result<std::size_t>> apply_retention(WallTime now);

    // As the leader. kNotLeaderOrFollower: the broker has no replica here, or is not the one that
    // is registered now.
    [[nodiscard]] Status on_replica_fetch(const FollowerFetch& fetch);
    [[nodiscard]] const PartitionLeader& leadership() const { return leadership_; }
    [[nodiscard]] std::optional<IsrProposal> propose_isr(const PartitionLeader::EpochOf& epoch_of);
    void on_isr_answer(const IsrAnswer& answer);
    void on_isr_unanswered();
    // The least log start of this and the other replicas that `alive` allows.
    [[nodiscard]] Offset low_watermark(const std::function<bool(BrokerId)>& alive) const;

    // As a follower in the leadership of `epoch`; kFencedLeaderEpoch when that has ended.
    [[nodiscard]] FetchPosition fetch_position() const;
    // What this replica holds, as its fetches tell the leader: durable with sealane.flush=synced.
    [[nodiscard]] FetchPosition held_position() const;
    [[nodiscard]] FollowerLog follower_log() const;  // as far as it is trusted
    [[nodiscard]] FollowerLog whole_log() const;
    [[nodiscard]] runtime::Task<Result<AppendOutcome>> append_fetched(
        BufferSlice batches, LeaderEpoch epoch
    );
    // After an unclean stop the end of the log is compared with the leader's before it counts: it
    // is fetched again from PartitionLog::trusted_end() on, and cut where it differs.
    [[nodiscard]] bool compares() const {
        return !closed_ && log_->trusted_end() < log_->end_offset();
    }
    // Takes the batches that this log has as well off the front of what was fetched at
    // fetch_position(); cuts the log where the next one differs. What is left is to be appended.
    [[nodiscard]] runtime::Task<Result<BufferSlice>> compare_fetched(
        BufferSlice batches, LeaderEpoch epoch
    );
    [[nodiscard]] runtime::Task<Status> cut_fetched(Offset end, LeaderEpoch epoch);
    [[nodiscard]] runtime::Task<Status> restart_fetched(Offset start, LeaderEpoch epoch);
    // What an answer says besides records.
    [[nodiscard]] runtime::Task<Status> take_bounds(
        Offset leaders_high_watermark, Offset leaders_log_start, LeaderEpoch epoch
    );

    // Set when a read found damage below the durable end.
    [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }
    void note_damage(const Error& cause);
    [[nodiscard]] bool disk_full() const { return context_.disk_full; }

    // Told (by Event::notify_all) whenever the high watermark, the log start or the state changes.
    void watch(runtime::Event& event) { watchers_.push_back(&event); }
    void unwatch(runtime::Event& event) { std::erase(watchers_, &event); }
    // Also told of appends that are not visible yet: replicas read up to the log end.
    void watch_end(runtime::Event& event) { end_watchers_.push_back(&event); }
    void unwatch_end(runtime::Event& event) { std::erase(end_watchers_, &event); }

    void on_durable(Offset durable_offset) override;
    void on_offline(const Error& cause) override;

 private:
    [[nodiscard]] Status check_leads() const;
    // Whether an append would be tried.
    [[nodiscard]] Status check_appends() const;
    // What a client is told of an append that failed, or of its wait.
    [[nodiscard]] Error refusal(Error cause);
    [[nodiscard]] Status check_follows(LeaderEpoch epoch) const;
    [[nodiscard]] PartitionLeader::Position position() const;
    [[nodiscard]] Offset follower_start(BrokerId replica) const;
    void end_reign();
    void advance();
    void notify();
    void appended();

    ReplicaContext& context_;
    PartitionLog* log_;
    TopicPartition id_;
    Uuid topic_id_;
    std::unique_ptr<PartitionStates> states_;
    TopicConfig config_;
    ReplicaRole role_ = ReplicaRole::kNone;
    BrokerId leader_ = kNoBroker;
    LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
    std::size_t replica_count_ = 0;
    std::uint64_t reign_ = 0;
    PartitionLeader leadership_;
    Offset high_watermark_;
    std::optional<Error> damage_;
    bool closed_ = false;
    runtime::Event changed_;
    std::vector<runtime::Event*> watchers_;
    std::vector<runtime::Event*> end_watchers_;
};

}  // namespace sealane::broker
