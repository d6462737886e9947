#include "broker/log/cleaning_plan.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

constexpr std::uint64_t kTimeIndexEntry = 12;  // the larger one of the two kinds

bool too_young(const LogConfig& config, const CleaningSegment& segment, WallTime now) {
    return config.min_compaction_lag_ms > 0 &&
           segment.max_timestamp.ms > now.ms - config.min_compaction_lag_ms;
}

bool overdue(const LogConfig& config, const CleaningSegment& segment, WallTime now) {
    return config.max_compaction_lag_ms != INT64_MAX && segment.first_timestamp.ms >= 0 &&
           now.ms - segment.first_timestamp.ms > config.max_compaction_lag_ms;
}

// What an index over so many bytes needs at most.
std::uint64_t index_bytes(const LogConfig& config, std::uint64_t log_bytes) {
    return (log_bytes / std::max<std::uint64_t>(config.index_interval_bytes, 1) + 1) *
           kTimeIndexEntry;
}

}  // namespace

DirtyRange plan_cleaning(
    const LogConfig& config, std::span<const CleaningSegment> segments, const CleaningState& state
) {
    DirtyRange range;
    range.from = std::max(state.first_dirty, state.log_start);
    range.to = range.from;
    if (!config.compacts) return range;
    const CleaningSegment* first = nullptr;
    for (const CleaningSegment& segment : segments) {
        if (segment.next_base <= range.from) {
            range.due.clean_bytes += segment.size;
            continue;
        }
        if (segment.next_base > state.bound || too_young(config, segment, state.now)) break;
        if (first == nullptr) first = &segment;
        range.due.dirty_bytes += segment.size;
        range.to = segment.next_base;
    }
    range.due.due =
        first != nullptr && (range.due.dirty_ratio() > config.min_cleanable_dirty_ratio ||
                             overdue(config, *first, state.now));
    return range;
}

std::size_t group_size(const LogConfig& config, std::span<const CleaningSegment> segments) {
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    for (const CleaningSegment& segment : segments) {
        bytes += segment.size;
        const bool fits = bytes <= config.segment_bytes &&
                          index_bytes(config, bytes) <= config.segment_index_bytes &&
                          segment.next_base - segments.front().base <= INT32_MAX;
        if (count > 0 && !fits) break;
        ++count;
    }
    return std::max<std::size_t>(count, 1);
}

}  // namespace sealane::broker
