#pragma once
// FetchPositions: decides what an assigned consumer asks for next and what of an answer it keeps.
// Invariants:
//   A. What is handed out for a partition is contiguous: every batch begins where the one before
//      ended, except for holes that the log itself has (compaction, log start asked for).
//   B. After seek(), unassign() or assign() nothing fetched for the older position is handed out.
//   C. A partition that failed stays silent until it is sought or assigned anew: nothing is
//      skipped.

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sealane::client {

// Where an assigned partition begins.
struct StartAt {
    enum class Kind { kOffset, kEarliest, kLatest, kTimestamp } kind = Kind::kEarliest;
    Offset offset = kNoOffset;
    // Of the record before `offset` where known: lets the consumer notice that the log was cut
    // (KIP-320) while it was away.
    LeaderEpoch epoch = kNoLeaderEpoch;
    WallTime timestamp{};

    [[nodiscard]] static StartAt at(Offset offset, LeaderEpoch epoch = kNoLeaderEpoch) {
        return {.kind = Kind::kOffset, .offset = offset, .epoch = epoch, .timestamp = {}};
    }
    [[nodiscard]] static StartAt earliest() { return {}; }
    [[nodiscard]] static StartAt latest() { return {.kind = Kind::kLatest}; }
    // The first record at or after `time`; the end when there is none.
    [[nodiscard]] static StartAt time(WallTime time) {
        return {.kind = Kind::kTimestamp, .timestamp = time};
    }
};

// What one fetch brought for one partition.
struct FetchedPartition {
    TopicPartition partition;
    Uuid topic_id;
    // kNone with data; else why the partition stopped. kOffsetOutOfRange: before the log start or
    // beyond the end. kFencedLeaderEpoch with `cut_at`: the log was cut below what was already
    // read, and continues from there with other records.
    std::optional<Error> error;
    std::optional<Offset> cut_at;
    std::optional<LeaderEpoch> cut_epoch;
    // Whole, their checksums checked. The first may begin before `from`: skip what is below.
    std::vector<kafka::RecordBatch> batches;
    Offset from = kNoOffset;  // the position asked for
    Offset next = kNoOffset;  // the position after the last batch
    Offset high_watermark = kNoOffset;
    Offset last_stable_offset = kNoOffset;
    Offset log_start_offset = kNoOffset;
    std::vector<kafka::FetchResponse::AbortedTransaction> aborted;
    std::size_t bytes = 0;
};

class FetchPositions {
 public:
    void assign(const TopicPartition& partition, StartAt start);
    void unassign(const TopicPartition& partition);
    [[nodiscard]] bool is_assigned(const TopicPartition& partition) const;
    [[nodiscard]] std::vector<TopicPartition> assigned() const;
    void pause(const TopicPartition& partition, bool paused);

    // The next offset to fetch; nothing before the start is resolved or when not assigned.
    [[nodiscard]] std::optional<Offset> position(const TopicPartition& partition) const;
    [[nodiscard]] LeaderEpoch last_epoch(const TopicPartition& partition) const;

    // Partitions whose start is earliest, latest or a time, still to be asked for.
    [[nodiscard]] std::map<TopicPartition, StartAt> unresolved() const;
    // Ignored unless `generation` still is the partition's.
    void resolved(const TopicPartition& partition, std::uint64_t generation, Offset offset);
    // Partitions whose position must be checked against the leader's epochs before fetching.
    [[nodiscard]] std::vector<TopicPartition> unvalidated() const;
    // The leader's answer: the end of the epoch of the last record read. Beyond the position all is
    // well; below it the partition fails with where it was cut.
    void validated(const TopicPartition& partition, LeaderEpoch epoch, Offset epoch_end);
    // The leader cannot be asked (it does not serve OffsetForLeaderEpoch).
    void skip_validation(const TopicPartition& partition);
    // The partition has a leader of this epoch; a new one makes it unvalidated. Another topic id
    // than before fails it: the topic was deleted and created again.
    void leader_known(const TopicPartition& partition, LeaderEpoch epoch, const Uuid& topic_id);

    // A partition that may be fetched now, with all that the request needs.
    struct Wanted {
        TopicPartition partition;
        Offset offset;
        LeaderEpoch leader_epoch;
        LeaderEpoch last_epoch;
        std::uint64_t generation = 0;  // changes with seek and assign
    };
    [[nodiscard]] std::vector<Wanted> wanted() const;
    // Judges the answer to one of `wanted`: moves the position on and returns what to hand out,
    // nothing when there is none or the request is outdated.
    [[nodiscard]] std::optional<FetchedPartition> take(
        const Wanted& asked, const kafka::FetchResponse::PartitionData& answer
    );
    // Stops a partition with an error found elsewhere.
    void fail(const TopicPartition& partition, Error error);
    [[nodiscard]] bool is_current(const TopicPartition& partition, std::uint64_t generation) const;
    // Changes with every assign; 0 when not assigned.
    [[nodiscard]] std::uint64_t generation(const TopicPartition& partition) const;
    // Failures found outside of take(), to be handed out.
    [[nodiscard]] std::vector<FetchedPartition> take_failures();

 private:
    struct State {
        StartAt start;
        std::optional<Offset> next;
        LeaderEpoch last_epoch = kNoLeaderEpoch;
        LeaderEpoch leader_epoch = kNoLeaderEpoch;
        Uuid topic_id;
        bool validated = true;
        bool paused = false;
        bool failed = false;
        std::uint64_t generation = 0;
    };
    [[nodiscard]] State* find(const TopicPartition& partition);
    [[nodiscard]] static FetchedPartition failure(
        const TopicPartition& partition, State& state, Error error
    );
    [[nodiscard]] static Result<std::vector<kafka::RecordBatch>> batches_of(
        const BufferSlice& records, Offset from
    );

    std::map<TopicPartition, State> partitions_;
    std::uint64_t next_generation_ = 1;
    std::vector<FetchedPartition> failures_;
};

}  // namespace sealane::client
