#pragma once
// The inside of PartitionLog: its state and its operations, which stand in one file per concern
// (log_open, log_recover, log_append, log_sync, log_read, log_search, log_cut, log_clean). Only
// they include this.
//
// A  segments are in base offset order, the last one is active; `end` is the active one's end.
// B  log_start <= end, durable <= end; durable never moves back but by truncation.
// C  only the holder of the turn changes segments, end, log_start or epochs.
// D  after an await, readers compare `cuts`: when it changed, what they read may be gone.

#include "broker/log/checkpoint_text.hpp"
#include "broker/log/cleaning_plan.hpp"
#include "broker/log/partition_log.hpp"
#include "broker/log/segment.hpp"
#include "broker/log/tail_cache.hpp"
#include "broker/log/turn_lock.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <array>
#include <span>

namespace sealane::broker {

class DigestReader;
class TransactionRemains;
struct CleanedBatch;

using SegmentPtr = std::shared_ptr<Segment>;

struct PartitionLog::Inner {
    Inner(LogShared with, LogOpening how);

    // log_open.cpp
    runtime::Task<Status> open();
    runtime::Task<Status> read_directory(std::vector<SegmentPtr>& found);
    runtime::Task<Status> check_topic_id();
    runtime::Task<Status> read_bounds();
    runtime::Task<Status> read_epochs();
    runtime::Task<Status> add_segment(Offset base);
    runtime::Task<Status> close();
    runtime::Task<Status> save_epochs();
    runtime::Task<Status> save_bounds(LogBounds next);
    runtime::Task<Status> save_rewritten();
    // Compaction elsewhere leaves holes, batches with fewer records than offsets, and horizons.
    void note_thinned(const kafka::RecordBatchView& batch) {
        const bool whole = batch.record_count() == batch.last_offset_delta() + 1 &&
                           !batch.attributes().has_delete_horizon();
        if (batch.base_offset() > end || !whole) rewritten_to = batch.next_offset();
    }

    // log_recover.cpp
    runtime::Task<Status> recover();
    runtime::Task<Status> recover_segments(std::size_t first, Offset trusted);
    runtime::Task<Result<bool>> begin_scan(
        SegmentPtr segment, Offset trusted, DigestReader& written
    );
    runtime::Task<Status> scan_segment(
        SegmentPtr segment, Offset trusted, bool check_crc, Offset stop_at = Offset(INT64_MAX)
    );
    runtime::Task<Status> handle_damage(std::size_t at, std::uint64_t position, std::string why);
    runtime::Task<Status> cut_damage(std::size_t at, std::uint64_t position, bool set_aside);
    runtime::Task<Status> write_again();
    runtime::Task<Status> settle_opened(bool clean);

    // log_states.cpp
    runtime::Task<Status> restore_states();
    runtime::Task<Offset> load_newest_snapshot(LogState& state, std::vector<Offset> candidates);
    void take_snapshots(Offset at);
    // Of the files that states keep beside a segment: they go when it goes.
    [[nodiscard]] std::vector<std::string> state_suffixes() const;
    runtime::Task<void> write_snapshots();
    runtime::Task<Status> remove_snapshots_above(Offset end);
    runtime::Task<Status> remove_segment_files(Offset base);

    // log_append.cpp
    runtime::Task<Result<AppendOutcome>> append(
        BufferSlice batches, LeaderEpoch epoch, AppendOrigin origin
    );
    runtime::Task<Result<AppendOutcome>> append_as_is(BufferSlice batches, OffsetGaps gaps);
    Result<std::optional<DuplicateAppend>> admit(AppendOrigin origin);
    runtime::Task<Status> roll_if_needed(std::size_t bytes, Offset last, WallTime max_timestamp);
    runtime::Task<Status> roll_now();
    runtime::Task<Status> write(BufferSlice batches);
    void note_appended(const BufferSlice& batches, AppendOrigin origin);
    Status check_usable() const;
    AppendOutcome refused_position() const;

    // log_sync.cpp
    void kick_sync();
    Offset sync_goal() const;
    runtime::Task<void> run_sync();
    runtime::Task<Status> sync_pass();
    runtime::Task<Status> wait_synced(Offset offset, Instant deadline);
    runtime::Task<void> wait_sync_idle();
    void advance_durable(Offset to);
    void go_offline(Error cause);
    Offset recovery_point() const;
    void trust_to(Offset to) {
        trusted_to = std::max(trusted_to, to);
        if (trusted_to >= end) trusted_to = Offset(INT64_MAX);
    }

    // log_read.cpp
    runtime::Task<Result<LogReadOutcome>> read(LogRead request);
    std::optional<LogReadOutcome> read_tail(const LogRead& request);
    // next_offset is kNoOffset when the segment has no more; `from`: what is next does not fit.
    runtime::Task<Result<LogReadOutcome>> read_segment(SegmentPtr segment, LogRead request);
    runtime::Task<Result<std::uint32_t>> start_position(SegmentPtr segment, Offset from);
    runtime::Task<Status> verify(
        SegmentPtr segment, std::uint64_t at, BufferSlice bytes, Offset from
    );
    runtime::Task<Status> check_stored(
        SegmentPtr segment, std::uint64_t at, BufferSlice bytes, Offset from
    );
    std::size_t segment_index(Offset offset) const;
    void remember_position(Offset next, const Segment& segment, std::uint64_t position);

    // log_search.cpp
    runtime::Task<Result<std::optional<TimestampOffset>>> offset_for_timestamp(
        WallTime at, Offset up_to
    );
    runtime::Task<Result<std::optional<TimestampOffset>>> search_timestamp(
        WallTime at, Offset up_to
    );
    runtime::Task<Result<std::optional<TimestampOffset>>> max_timestamp_record();
    runtime::Task<Result<WallTime>> largest_timestamp();
    runtime::Task<Result<RangeDigest>> digest_of_range(Offset from, Offset to);
    runtime::Task<Status> digest_segment(
        SegmentPtr segment, Offset from, Offset to, RangeDigest& digest
    );

    // log_scrub.cpp
    static constexpr std::uint64_t kScrubStep = 256U << 10U;
    runtime::Task<Result<std::uint64_t>> scrub(LogPace pace);
    runtime::Task<Result<std::uint64_t>> scrub_segment(SegmentPtr segment, const LogPace& pace);

    // log_clean.cpp
    struct Cleaning;  // one that is under way
    // `facts`: of the sealed segments that may be touched.
    runtime::Task<Result<DirtyRange>> find_dirty_range(
        WallTime now, Offset bound, std::vector<CleaningSegment>& facts
    );
    runtime::Task<Result<CleaningResult>> clean(CleaningOrder order);
    // The steps: kStopped when the pace or somebody who took records away ends the cleaning.
    runtime::Task<Status> pace_cleaning(Cleaning& work, std::uint64_t bytes);
    [[nodiscard]] Status goes_on(const Cleaning& work) const;
    runtime::Task<Status> clean_groups(Cleaning& work);
    runtime::Task<Status> map_keys(Cleaning& work);
    runtime::Task<Result<bool>> map_segment(
        Cleaning& work, TransactionRemains& transactions, std::size_t at
    );
    runtime::Task<Status> write_group(Cleaning& work, std::size_t at, std::size_t count);
    runtime::Task<Status> write_segment(Cleaning& work, SegmentPtr segment);
    [[nodiscard]] Result<CleanedBatch> clean_batch(Cleaning& work, const kafka::RecordBatch& batch)
        const;
    [[nodiscard]] std::vector<AbortedRange> aborted_in(Offset from, Offset to) const;

    // log_clean_swap.cpp
    runtime::Task<Status> put_in_place(Cleaning& work, std::size_t at, std::size_t count);
    runtime::Task<Status> swap_files(std::string name, std::span<const SegmentPtr> old);
    runtime::Task<Status> place_files(std::string name);
    // True: something was there, and the directory has changed.
    runtime::Task<Result<bool>> settle_cleanings(std::span<const runtime::DirectoryEntry> entries);
    runtime::Task<Status> complete_cleaning(std::string name, Offset base, Offset group_end);
    runtime::Task<void> wait_swapped();

    // log_cut.cpp
    runtime::Task<Status> truncate_to(Offset to);
    runtime::Task<Status> truncate_active(Offset to);
    runtime::Task<Status> restart_at(Offset start);
    runtime::Task<Status> drop_last_segments(std::size_t keep);
    runtime::Task<Status> raise_log_start(Offset start);
    runtime::Task<Status> drop_first_segments(std::size_t count);
    runtime::Task<Result<std::size_t>> apply_retention(WallTime now, Offset high_watermark);
    runtime::Task<Status> remove_deleted_files(Instant now);

    // Held by every operation under way: close() ends when all have, so that the log may go.
    class [[nodiscard]] Use {
     public:
        explicit Use(Inner& inner) : inner_(inner) { ++inner_.uses; }
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;
        ~Use() {
            if (--inner_.uses == 0 && inner_.closed) inner_.changed.notify_all();
        }

     private:
        Inner& inner_;
    };

    [[nodiscard]] Segment& active() const { return *segments.back(); }
    [[nodiscard]] std::string path(std::string_view name) const {
        return files.directory() + "/" + std::string(name);
    }
    // The next offset after a segment: the base of its successor, or the log end.
    [[nodiscard]] Offset end_of(std::size_t segment) const {
        return segment + 1 < segments.size() ? segments[segment + 1]->base : end;
    }

    LogShared shared;
    LogOpening opening;
    SegmentFiles files;
    runtime::Log log;
    runtime::TaskGroup tasks;
    TurnLock turns;
    runtime::Event changed;  // durable, offline, syncing
    LogTail tail;

    std::vector<SegmentPtr> segments;
    EpochCache epochs;
    bool epochs_dirty = false;
    LogBounds bounds;  // as in the file
    Offset log_start{0};
    Offset end{0};
    Offset durable{0};
    Offset trusted_to{INT64_MAX};  // of PartitionLog::trusted_end(); max: everything
    Offset rewritten_to{0};        // of PartitionLog::rewritten_end(); bounds has the saved one
    Offset sync_requested{0};      // by wait_synced and sync, whatever the flush mode
    bool syncing = false;
    bool directory_dirty = false;    // a name was made that is not durable yet
    Offset scanned_from{INT64_MAX};  // recovery found the batches from here on
    Offset opened_end = kNoOffset;
    bool opened_clean = false;  // nothing was written when it was opened
    bool rescan_all = false;    // recovery must look at every batch
    bool unsynced = false;      // a sync had failed when the log was last open
    bool closed = false;
    bool cleaning = false;  // one is under way
    bool swapping = false;  // files are between old and new: readers wait
    std::size_t uses = 0;
    std::uint64_t cuts = 0;                 // how often records were taken away
    std::uint64_t checkpointed_cuts = 0;    // `cuts` when the last checkpoint was prepared
    Offset checkpointed_point = kNoOffset;  // what that one returned
    Offset written_point{0};                // and what the data directory's file holds at least
    std::optional<Error> offline;
    LogListener* listener = nullptr;
    LogFigures figures;

    // Of the append under way, kept to save allocations.
    std::vector<kafka::RecordBatchView> batches;

    struct Snapshot {
        Offset at;    // what it says is true of what lies below
        Offset name;  // of the file: `at`, or the base of the segment that it belongs to
        std::string_view suffix;
        BufferSlice bytes;
    };
    std::vector<Snapshot> snapshots_to_write;
    Offset closing_snapshot = kNoOffset;  // loaded at opening and at no segment's base
    struct DeletedFile {
        std::string path;
        Instant remove_at;
    };
    std::vector<DeletedFile> deleted;
    // Where sequential readers go on: (offset, segment, position).
    struct Hint {
        Offset next = kNoOffset;
        Offset segment_base;
        std::uint32_t position = 0;
    };
    std::array<Hint, 4> hints;
    std::size_t next_hint = 0;
};

}  // namespace sealane::broker
