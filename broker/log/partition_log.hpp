#pragma once
// PartitionLog: the log of one partition on disk, as a queue of batches with offsets. A shell: it
// performs file operations in the order that the cores beside it decide (README.md lists them).
//
// One shard owns it; every call is made there. Calls may overlap: appends, truncations, rolls and
// deletions queue up and run one after another in call order, reads go on beside them.
// Destroying a log that was not closed is a crash: nothing is written.
//
// Durability: end_offset() is the page cache, durable_offset() is what survives a power loss. Every
// append starts the group commit (one sync in flight). A failed sync, or a failed repair of a
// failed write, takes the log offline with its cause: appends answer kKafkaStorageError, reads of
// what was durable go on. A full disk does not: the torn part is cut off, the append answers
// kNoSpace, and the next one tries again.

#include "broker/log/cleaning.hpp"
#include "broker/log/epoch_cache.hpp"
#include "broker/log/log_config.hpp"
#include "broker/log/log_state.hpp"
#include "common/base/buffer.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

class FileCache;
class TailCache;

// What the logs of one data directory share.
struct LogShared {
    runtime::World& world;
    FileCache& file_cache;
    TailCache& tail_cache;
};

struct LogOpening {
    std::string directory;  // of this partition; made when absent
    TopicPartition topic_partition;
    Uuid topic_id;  // zero: take it from partition.metadata, where it must then be
    LogConfig config;
    // From the checkpoint of the data directory: everything below was durable.
    Offset recovery_point{0};
    // Newer than the recovery point, and without its indexes: records below it were durable, so
    // that their absence is damage. Recovery begins at the recovery point all the same.
    Offset promised{0};
    bool clean_stop = false;  // the last process closed every log: nothing to scan
    // Outlive the log.
    std::vector<LogState*> states;
};

struct AppendOutcome {
    enum class Kind : std::uint8_t {
        kAppended,
        kDuplicate,           // the offsets are those of the first append
        kUnexpectedPosition,  // append_as_is: nothing written; continue at `expected`
    };
    Kind kind = Kind::kAppended;
    Offset base_offset = kNoOffset;
    Offset last_offset = kNoOffset;
    WallTime append_time;     // set with LogAppendTime only
    Offset log_start_offset;  // as of now
    Offset expected;          // the log end now
};

// Whether batches that keep their offsets may leave holes (sources that were compacted have some).
enum class OffsetGaps : std::uint8_t { kRefused, kAllowed };

struct LogRead {
    Offset from;
    std::size_t max_bytes = 1U << 20U;
    Offset up_to;              // whole batches that end below this offset only
    bool at_least_one = true;  // the first batch even when larger than max_bytes
};
struct LogReadOutcome {
    // Whole batches; the first one contains `from` or is the next after a hole.
    BufferChain records;
    // Where to read on; `from` when there was nothing.
    Offset next_offset;
};

struct TimestampOffset {
    Offset offset;
    WallTime timestamp;
    LeaderEpoch epoch;
};

// Digest of the batches that lie wholly in a range: equal on two logs exactly when they hold the
// same batches there (offsets, leader epochs, lengths and CRCs). Topic ids take no part.
struct RangeDigest {
    std::array<std::uint8_t, 16> hash{};
    std::uint64_t batches = 0;
    std::uint64_t bytes = 0;
    Offset first_offset = kNoOffset;  // of the first batch in the range
    Offset next_offset = kNoOffset;   // after the last batch in the range
    friend bool operator==(const RangeDigest&, const RangeDigest&) = default;
};

// Told synchronously, on the shard; must not suspend. Outlives the log or is taken off.
class LogListener {
 public:
    virtual ~LogListener() = default;
    virtual void on_durable(Offset durable_offset) = 0;
    virtual void on_offline(const Error& cause) = 0;
};

// Plain counters, for metrics.
struct LogFigures {
    std::uint64_t appends = 0;
    std::uint64_t appended_bytes = 0;
    std::uint64_t appended_batches = 0;
    std::uint64_t reads = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t tail_hits = 0;  // reads served from memory
    std::uint64_t syncs = 0;
    std::uint64_t rolls = 0;
    std::uint64_t refused_no_space = 0;
    std::uint64_t corrupt_reads = 0;
    std::uint64_t recovered_bytes = 0;  // scanned when the log was opened
    std::uint64_t cut_bytes = 0;        // torn tail cut off when the log was opened
    std::uint64_t cleanings = 0;        // that ended well
    std::uint64_t cleaned_bytes = 0;    // read to be written again
    std::uint64_t kept_bytes = 0;       // of them, written
    std::uint64_t dropped_records = 0;  // by cleaning
};

class PartitionLog {
 public:
    // Opens and, after an unclean stop, recovers. Errors: kCorrupt names file, position and what
    // to do; kIo, kNoSpace; kInconsistentTopicId when the directory belongs to another topic id.
    // A batch that is damaged below the recovery point does not fail the opening: the log is then
    // offline (offline_cause()), readable up to the damage.
    [[nodiscard]] static runtime::Task<Result<std::unique_ptr<PartitionLog>>> open(
        LogShared shared, LogOpening opening
    );
    ~PartitionLog();
    PartitionLog(const PartitionLog&) = delete;
    PartitionLog& operator=(const PartitionLog&) = delete;

    // Appends one or more validated batches; all or none. The caller gives the bytes away: base
    // offset, leader epoch and, with LogAppendTime, the timestamps are written into them.
    // Errors: kRecordListTooLarge (a batch of more than segment.bytes), kNoSpace,
    // kKafkaStorageError (offline), kStopped, and what LogState::admit refuses with.
    [[nodiscard]] runtime::Task<Result<AppendOutcome>> append(
        BufferSlice batches, LeaderEpoch epoch, AppendOrigin origin
    );
    // Appends batches that have their offsets and leader epochs. The first must start at the log
    // end (later with kAllowed), else the outcome is kUnexpectedPosition. Checks length, magic, CRC
    // and order itself: kCorruptMessage. Leader epochs go into the epoch cache.
    [[nodiscard]] runtime::Task<Result<AppendOutcome>> append_as_is(
        BufferSlice batches, OffsetGaps gaps
    );

    // kOffsetOutOfRange below the log start and above the log end; nothing at the end. kCorrupt:
    // the stored batch fails its checksum or is not what was written there.
    [[nodiscard]] runtime::Task<Result<LogReadOutcome>> read(LogRead request);
    // The first record below `up_to` whose timestamp is at or after `at`.
    [[nodiscard]] runtime::Task<Result<std::optional<TimestampOffset>>> offset_for_timestamp(
        WallTime at, Offset up_to
    );
    // The (first) record with the largest timestamp; nothing when the log is empty.
    [[nodiscard]] runtime::Task<Result<std::optional<TimestampOffset>>> max_timestamp_record();
    // Where the segment that holds `at` ends; the log end for the last one.
    [[nodiscard]] Offset segment_end(Offset at) const;
    // Reads digest entries, not records.
    [[nodiscard]] runtime::Task<Result<RangeDigest>> digest_of_range(Offset from, Offset to);

    // Re-reads every sealed segment: checksums, order, and the digest chain where it is there. How
    // many bytes that were. kCorrupt names file and position; the disk's errors. `pace` is awaited
    // now and then with the bytes read since; false ends early.
    [[nodiscard]] runtime::Task<Result<std::uint64_t>> scrub(LogPace pace);

    // What compaction has to do here below `bound` (the last stable offset). Nothing is due when
    // the topic is not compacted or the log is offline.
    [[nodiscard]] runtime::Task<Result<CleaningDue>> cleaning_due(WallTime now, Offset bound);
    // Compacts sealed segments (cleanup.policy=compact): of every key the latest value stays, at
    // its offset; appends and reads go on meanwhile. One at a time. Errors: kCorrupt (as scrub;
    // nothing is changed), kOutOfBounds (one batch has more keys than the map holds), the disk's; a
    // failure between old and new takes the log offline, and the next opening completes it.
    [[nodiscard]] runtime::Task<Result<CleaningResult>> clean(CleaningOrder order);

    // A new leadership writes from the log end on (durable when it returns).
    [[nodiscard]] runtime::Task<Status> start_epoch(LeaderEpoch epoch);
    // Forgets epochs that began at the log end: nothing of them is in the log. For a replica that
    // stops leading (durable when it returns).
    [[nodiscard]] runtime::Task<Status> forget_empty_epochs();
    [[nodiscard]] const EpochCache& epochs() const;
    [[nodiscard]] EpochEnd end_offset_for_epoch(LeaderEpoch epoch) const;

    // Cuts every batch that ends at or after `end`; durable when it returns. Not below log start.
    [[nodiscard]] runtime::Task<Status> truncate_to(Offset end);
    // Drops everything and starts an empty log at `start`.
    [[nodiscard]] runtime::Task<Status> restart_at(Offset start);
    // Raises the log start (never above the log end; never back) and deletes segments below it;
    // durable when it returns. kOffsetOutOfRange above the log end.
    [[nodiscard]] runtime::Task<Status> delete_records(Offset new_start);
    // Applies retention by time and size up to the high watermark: whole segments, oldest first.
    // Returns how many segments went.
    [[nodiscard]] runtime::Task<Result<std::size_t>> apply_retention(
        WallTime now, Offset high_watermark
    );
    // Starts a new segment now (unless the active one is empty).
    [[nodiscard]] runtime::Task<Status> roll();

    // Waits until everything below `offset` is durable. kDeadlineExceeded, kKafkaStorageError.
    [[nodiscard]] runtime::Task<Status> wait_synced(Offset offset, Instant deadline);
    // Syncs what is there now, whatever sealane.flush says.
    [[nodiscard]] runtime::Task<Status> sync();
    [[nodiscard]] bool has_deleted_files() const;
    // Removes files whose file.delete.delay.ms has passed. Called by LogDirectory.
    [[nodiscard]] runtime::Task<Status> remove_deleted_files(Instant now);
    // Whether anything became durable or was cut since the last prepare_checkpoint().
    [[nodiscard]] bool needs_checkpoint() const;
    // Saves what recovery needs and returns the recovery point that may be written into the
    // checkpoint of the data directory; note_checkpointed() once that file is durable.
    [[nodiscard]] runtime::Task<Result<Offset>> prepare_checkpoint();
    [[nodiscard]] runtime::Task<Status> note_checkpointed();
    // Writes everything out (data, indexes, digest, snapshots) and ends, when every operation under
    // way has ended (those that wait end with kStopped). Afterwards only the observers work. The
    // data directory may then note a clean stop if all logs closed well.
    [[nodiscard]] runtime::Task<Status> close();

    void set_config(const LogConfig& config);
    void set_listener(LogListener* listener);  // null: none

    [[nodiscard]] const LogConfig& config() const;
    [[nodiscard]] const TopicPartition& topic_partition() const;
    [[nodiscard]] const Uuid& topic_id() const;
    [[nodiscard]] const std::string& directory() const;
    [[nodiscard]] Offset log_start_offset() const;
    [[nodiscard]] Offset end_offset() const;      // of the next record
    [[nodiscard]] Offset durable_offset() const;  // everything below survives a power loss
    // Below end_offset() after an unclean stop: what recovery found from there on has good
    // checksums, but nothing tells whether it is all that was written (a disk that dropped or
    // misplaced a write leaves no trace). Checkpoints stay below it, so that another stop changes
    // nothing. Otherwise the log end.
    [[nodiscard]] Offset trusted_end() const;
    // Below it compaction has done its work.
    [[nodiscard]] Offset first_dirty_offset() const;
    // Batches below it may have been rewritten, here or before they came here: another replica may
    // hold the same records in other batches, or older values too.
    [[nodiscard]] Offset rewritten_end() const;
    // The records below `end` are what they have to be: a leader has the same, or this log leads
    // and there is nothing to compare it with.
    void trust_to(Offset end);
    [[nodiscard]] std::uint64_t size_bytes() const;
    [[nodiscard]] std::size_t segment_count() const;
    [[nodiscard]] WallTime max_timestamp() const;  // -1: none
    [[nodiscard]] const std::optional<Error>& offline_cause() const;
    [[nodiscard]] const LogFigures& figures() const;

 private:
    struct Inner;
    explicit PartitionLog(std::unique_ptr<Inner> inner);
    std::unique_ptr<Inner> inner_;
};

}  // namespace sealane::broker
