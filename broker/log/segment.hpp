#pragma once
// One segment of a log: its file and, while it is the active one, the indexes and the digest chain
// that grow with it (in memory, written in the background of appends; all rebuildable).
// A sealed segment keeps a few numbers only; its indexes are searched in their files.

#include "broker/log/digest_chain.hpp"
#include "broker/log/file_cache.hpp"
#include "broker/log/offset_index.hpp"
#include "broker/log/time_index.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sealane::broker {

// What only the active segment has.
struct ActiveParts {
    OffsetIndex index;
    TimeIndex time_index;
    std::size_t saved_index = 0;  // entries that are in the file
    std::size_t saved_time_index = 0;
    std::uint32_t bytes_since_index = 0;
    DigestHash before{};             // chain value before the first entry
    DigestHash chain{};              // after the last batch
    std::uint64_t saved_digest = 0;  // bytes that are in the file; 0: not even the header
    std::string pending_digest;      // encoded entries that are not
    bool indexes_dirty = false;      // something in the files is not synced
    WallTime first_timestamp;
    WallTime created;
    std::int64_t jitter_ms = 0;
    CachedFile index_file;
    CachedFile time_index_file;
    CachedFile digest_file;
};

struct Segment {
    Offset base;
    std::uint64_t size = 0;         // bytes of batches
    std::uint64_t synced_size = 0;  // that many are durable
    // The largest timestamp and the last offset of the first batch that has it. Sealed segments
    // load it when somebody asks.
    bool max_timestamp_known = false;
    WallTime max_timestamp;
    Offset max_timestamp_offset = kNoOffset;
    bool indexes_synced = true;  // of a sealed segment
    bool dropped = false;        // taken out of the log: its files may vanish at any moment
    CachedFile log_file;
    std::unique_ptr<ActiveParts> active;  // null: sealed
};

// The file operations on segments of one log. Holds no state of its own.
class SegmentFiles {
 public:
    SegmentFiles(
        FileCache& cache, std::string directory, Uuid topic_id, std::uint32_t index_interval
    )
        : cache_(&cache),
          directory_(std::move(directory)),
          topic_id_(topic_id),
          index_interval_(index_interval) {}

    [[nodiscard]] std::string path(Offset base, std::string_view suffix) const;
    [[nodiscard]] runtime::Task<Result<std::shared_ptr<runtime::File>>> log(Segment& segment) const;

    // A batch was written at the end of the active segment: indexes, digest, sizes.
    void note_batch(Segment& segment, const kafka::RecordBatchView& batch) const;
    // Writes what is not in the index and digest files yet (not synced). Cheap when nothing is due.
    [[nodiscard]] runtime::Task<Status> save_indexes(Segment& segment) const;
    [[nodiscard]] bool save_is_due(const Segment& segment) const;
    // Final time index entry and everything saved and trimmed; afterwards `active` may go.
    [[nodiscard]] runtime::Task<Status> finish_indexes(Segment& segment) const;
    // What is in the files becomes durable.
    [[nodiscard]] runtime::Task<Status> sync_indexes(Segment& segment) const;

    // Loads indexes and digest up to the last index entry below `trusted` and sets the
    // segment's size there: note_batch() is then called for every batch from that position on.
    // False: the files are absent, damaged or do not reach so far; `active` is as new.
    [[nodiscard]] runtime::Task<Result<bool>> load_active(Segment& segment, Offset trusted) const;
    // Makes the index and digest files of the active segment end with their last saved entry:
    // nothing stale may follow when new entries are written.
    [[nodiscard]] runtime::Task<Status> trim_files(Segment& segment) const;

    // A position at or before the batch that holds `offset`.
    [[nodiscard]] runtime::Task<Result<std::uint32_t>> floor_position(
        Segment& segment, Offset offset
    ) const;
    // An offset such that every record before it has a timestamp below `at`.
    [[nodiscard]] runtime::Task<Result<Offset>> floor_offset(Segment& segment, WallTime at) const;
    // Makes max_timestamp known.
    [[nodiscard]] runtime::Task<Status> load_max_timestamp(Segment& segment) const;
    // The chain value after the last batch of a sealed segment; zeros when its digest is lost.
    [[nodiscard]] runtime::Task<DigestHash> chain_after(Segment& segment) const;

    // Renames all files of the segment to `.deleted`; returns their new paths.
    [[nodiscard]] runtime::Task<Result<std::vector<std::string>>> mark_deleted(
        Segment& segment, const std::vector<std::string>& extra_suffixes
    ) const;

    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] FileCache& cache() const { return *cache_; }

 private:
    [[nodiscard]] runtime::Task<Status> save_digest(Segment& segment) const;
    [[nodiscard]] runtime::Task<Result<bool>> load_digest(Segment& segment, std::uint32_t until)
        const;
    FileCache* cache_;
    std::string directory_;
    Uuid topic_id_;
    std::uint32_t index_interval_;
};

// Binary search in a file of fixed-size entries without loading it: the last of `count` entries,
// the first at `first_byte`, for which `holds` is true (true for a prefix of them).
struct FoundEntry {
    std::uint64_t number;
    BufferSlice bytes;
};
[[nodiscard]] runtime::Task<Result<std::optional<FoundEntry>>> find_last_entry(
    std::shared_ptr<runtime::File> file,
    std::uint64_t first_byte,
    std::size_t entry_size,
    std::uint64_t count,
    std::function<bool(ByteView)> holds
);

}  // namespace sealane::broker
