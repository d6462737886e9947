#pragma once
// What compaction does next (formats: log cleaner): which part of a log is dirty, whether it is
// time to clean it, and which segments become one. A core.

#include "broker/log/cleaning.hpp"
#include "broker/log/log_config.hpp"

#include <span>
#include <vector>

namespace sealane::broker {

// A sealed segment.
struct CleaningSegment {
    Offset base;
    Offset next_base;
    std::uint64_t size = 0;
    WallTime first_timestamp;  // the largest of its first batch, -1: none. For max.compaction.lag
    WallTime max_timestamp;    // -1: none. For min.compaction.lag
};

struct CleaningState {
    Offset log_start;
    Offset first_dirty;
    Offset bound;  // only segments that end at or below it may be touched
    WallTime now;
};

// [from, to) may be cleaned now; empty: nothing.
struct DirtyRange {
    Offset from;
    Offset to;
    CleaningDue due;
};

// `segments`: all sealed ones, oldest first. Due: the dirty ratio is above
// min.cleanable.dirty.ratio, or the oldest dirty record is older than max.compaction.lag.ms.
[[nodiscard]] DirtyRange plan_cleaning(
    const LogConfig& config, std::span<const CleaningSegment> segments, const CleaningState& state
);

// How many of `segments`, from the first one on, may become one: together not more than
// segment.bytes, an index of not more than segment.index.bytes, offsets within 31 bits. At least 1.
[[nodiscard]] std::size_t group_size(
    const LogConfig& config, std::span<const CleaningSegment> segments
);

}  // namespace sealane::broker
