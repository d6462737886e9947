#pragma once
// Consumer: reads assigned partitions. Batches are handed out whole and untouched, as the log has
// them (what mirrors need), or as records. One fetch per leader is under way all the time, ahead
// of the caller up to a byte bound. Nothing is ever skipped silently: a partition whose position
// the log no longer has stops with an error unless the policy says otherwise.

#include "common/client/cluster_client.hpp"
#include "common/client/fetched_records.hpp"

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sealane::client {

// What happens when the log no longer has the position.
enum class OutOfRange { kFail, kEarliest, kLatest };

struct ConsumerOptions {
    Isolation isolation = Isolation::kReadUncommitted;
    OutOfRange out_of_range = OutOfRange::kFail;
    Duration max_wait = 500ms;
    std::int32_t min_bytes = 1;
    std::int32_t fetch_bytes = 32 << 20;           // of one answer
    std::int32_t partition_fetch_bytes = 4 << 20;  // of one partition in it
    // Fetched and not yet taken by poll: fetching pauses above it.
    std::size_t buffer_bytes = 64U << 20U;
    std::string rack;
};

struct CommittedOffset {
    Offset offset = kNoOffset;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::string metadata;
};

class Consumer {
 public:
    Consumer(ClusterClient& cluster, ConsumerOptions options);
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;
    // Ends fetching and joins. Call before destroying.
    [[nodiscard]] runtime::Task<void> stop();

    // Also seeks: assigning again starts over at the new place.
    void assign(const TopicPartition& partition, StartAt start);
    void unassign(const TopicPartition& partition);
    void pause(const TopicPartition& partition) { positions_.pause(partition, true); }
    void resume(const TopicPartition& partition);
    [[nodiscard]] std::vector<TopicPartition> assigned() const { return positions_.assigned(); }

    // What was fetched for the next partition, waiting until the deadline for something (an empty
    // optional then). Partition errors come as FetchedPartition::error; the call itself fails only
    // with kStopped.
    [[nodiscard]] runtime::Task<Result<std::optional<FetchedPartition>>> poll_batches(
        Instant deadline
    );
    // The records of one poll_batches, without control records, aborted transactions (read
    // committed), and what lies below the position. Partition errors become the call's.
    [[nodiscard]] runtime::Task<Result<std::vector<ConsumerRecord>>> poll(Instant deadline);

    // The offset after what was handed out last, nothing before the start is known.
    [[nodiscard]] std::optional<Offset> position(const TopicPartition& partition) const;
    // Distance from position to high watermark as last seen; nothing before the first answer.
    [[nodiscard]] std::optional<std::int64_t> lag(const TopicPartition& partition) const;
    [[nodiscard]] std::size_t buffered_bytes() const { return buffered_bytes_; }

 private:
    using Wanted = FetchPositions::Wanted;
    void kick();
    [[nodiscard]] runtime::Task<void> run();
    // Starts whatever can be started now.
    void plan();
    void plan_fetches();
    [[nodiscard]] runtime::Task<void> resolve_starts();
    [[nodiscard]] runtime::Task<void> validate_positions(std::vector<TopicPartition> partitions);
    [[nodiscard]] runtime::Task<void> look_up(std::set<std::string> topics);
    void fail_unknown(const TopicPartition& partition);
    [[nodiscard]] runtime::Task<void> fetch_from(BrokerId leader, std::vector<Wanted> wanted);
    [[nodiscard]] kafka::FetchRequest request_for(
        const std::vector<Wanted>& wanted, std::int16_t& version_cap
    ) const;
    // Whether some partition was refused, so that asking again at once would not help.
    [[nodiscard]] bool take_answer(
        const kafka::FetchResponse& answer, const std::vector<Wanted>& wanted
    );
    void take_partition(const Wanted& asked, const kafka::FetchResponse::PartitionData& answer);
    void hand_out(FetchedPartition fetched);
    void drop_buffered(const TopicPartition& partition);

    ClusterClient& cluster_;
    ConsumerOptions options_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
    Lane lane_;
    FetchPositions positions_;
    std::deque<FetchedPartition> ready_;
    std::size_t buffered_bytes_ = 0;
    std::map<TopicPartition, Offset> handed_out_;  // the offset after it
    std::map<TopicPartition, Offset> high_watermarks_;
    std::map<TopicPartition, Instant> unknown_since_;
    std::set<BrokerId> fetching_;
    bool resolving_ = false;
    bool validating_ = false;
    bool looking_up_ = false;
    bool running_ = false;
    bool kicked_ = false;
    runtime::Event work_;     // with kicked_: something for plan()
    runtime::Event arrived_;  // something for poll
};

}  // namespace sealane::client
