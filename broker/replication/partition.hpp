#pragma once
// Partition: one replica of one partition. Its log, the states derived from it, and what the log
// alone does not know: the high watermark, this leadership's epoch, who waits for either to move.
//
// Visibility: consumers see offsets below the high watermark. sealane.flush=synced: it follows
// fdatasync; os: it follows the page cache. acks=all is answered when it has passed the batch.

#include "broker/log/partition_log.hpp"
#include "broker/metadata/topic_config.hpp"
#include "broker/transactions/producer_state.hpp"
#include "common/kafka/records/record_batch.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/world.hpp"

#include <algorithm>
#include <memory>
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
    Offset log_start;
    Offset log_end;
};

class Partition final : public LogListener {
 public:
    Partition(runtime::World& world, PartitionLog& log, std::unique_ptr<PartitionStates> states);
    Partition(const Partition&) = delete;
    Partition& operator=(const Partition&) = delete;

    [[nodiscard]] const TopicPartition& id() const { return id_; }
    [[nodiscard]] const Uuid& topic_id() const { return topic_id_; }
    [[nodiscard]] LeaderEpoch leader_epoch() const { return leader_epoch_; }
    // -1 once closed.
    [[nodiscard]] Offset log_start() const {
        return closed_ ? kNoOffset : log_->log_start_offset();
    }
    [[nodiscard]] Offset high_watermark() const { return high_watermark_; }
    [[nodiscard]] Offset log_end() const { return closed_ ? kNoOffset : log_->end_offset(); }
    // All bytes appended since it was opened.
    [[nodiscard]] std::uint64_t appended_bytes() const {
        return closed_ ? 0 : log_->figures().appended_bytes;
    }
    // Not after close().
    [[nodiscard]] PartitionLog& log() { return *log_; }
    [[nodiscard]] const PartitionLog& log() const { return *log_; }
    [[nodiscard]] const TopicConfig& config() const { return config_; }
    [[nodiscard]] ProducerState& producers() { return states_->producers; }
    // The state of type T that was made for this partition; null when there is none.
    template <class T>
    [[nodiscard]] T* state() {
        for (const auto& other : states_->others) {
            if (auto* found = dynamic_cast<T*>(other.get())) return found;
        }
        return nullptr;
    }

    // This node leads with `epoch` from now on; does nothing when it already does.
    [[nodiscard]] runtime::Task<Status> lead(LeaderEpoch epoch);
    // The same for clients, but the log keeps the epochs of the batches that a mirror writes.
    void lead_mirrored(LeaderEpoch epoch) { leader_epoch_ = std::max(leader_epoch_, epoch); }
    void configure(const TopicConfig& config);
    // The partition is going away: waiters are woken and everything answers
    // kNotLeaderOrFollower.
    void close();
    [[nodiscard]] bool led() const { return leader_epoch_ != kNoLeaderEpoch; }
    [[nodiscard]] bool closed() const { return closed_; }

    // Appends validated batches (one batch of a producer; several from a coordinator). The bytes
    // are given away. Errors as PartitionLog::append.
    [[nodiscard]] runtime::Task<Result<AppendOutcome>> append(
        BufferSlice batches, AppendOrigin origin
    );
    // Appends batches that have their offsets and epochs (replica links).
    [[nodiscard]] runtime::Task<Result<AppendOutcome>> append_as_is(
        BufferSlice batches, OffsetGaps gaps
    );
    // Success when the high watermark has reached `end`: kRequestTimedOut, kNotLeaderOrFollower
    // (closed), kKafkaStorageError (offline).
    [[nodiscard]] runtime::Task<Status> wait_visible(Offset end, Instant deadline);

    // Batches from `from` up to the high watermark (or the log end). kOffsetOutOfRange.
    enum class UpTo { kHighWatermark, kLogEnd };
    [[nodiscard]] runtime::Task<Result<ReadResult>> read(
        Offset from, std::size_t max_bytes, bool at_least_one, UpTo up_to = UpTo::kHighWatermark
    );
    [[nodiscard]] runtime::Task<Status> truncate_to(Offset end);
    [[nodiscard]] runtime::Task<Status> restart_at(Offset start);
    [[nodiscard]] runtime::Task<Status> delete_records(Offset new_start);
    // Expires whole segments; how many went.
    [[nodiscard]] runtime::Task<Result<std::size_t>> apply_retention(WallTime now);

    // Told (by Event::notify_all) whenever the high watermark, the log start or the state changes.
    void watch(runtime::Event& event) { watchers_.push_back(&event); }
    void unwatch(runtime::Event& event) { std::erase(watchers_, &event); }

    void on_durable(Offset durable_offset) override;
    void on_offline(const Error& cause) override;

 private:
    void advance();
    void notify();

    PartitionLog* log_;
    TopicPartition id_;
    Uuid topic_id_;
    std::unique_ptr<PartitionStates> states_;
    TopicConfig config_;
    LeaderEpoch leader_epoch_ = kNoLeaderEpoch;
    Offset high_watermark_{0};
    bool closed_ = false;
    runtime::Event changed_;
    std::vector<runtime::Event*> watchers_;
};

}  // namespace sealane::broker
