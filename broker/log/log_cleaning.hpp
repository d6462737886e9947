#pragma once
// One cleaning of a log while it is under way. Only log_clean.cpp and log_clean_swap.cpp include
// this.

#include "broker/log/batch_cleaner.hpp"
#include "broker/log/cleaned_segment.hpp"
#include "broker/log/log_inner.hpp"

#include <optional>

namespace sealane::broker {

struct PartitionLog::Inner::Cleaning {
    Cleaning(CleaningOrder with, DirtyRange dirty, std::uint64_t seed)
        : order(std::move(with)),
          range(dirty),
          map(static_cast<std::uint64_t>(dirty.to - dirty.from), order.map_bytes, seed),
          mapped_to(dirty.from) {}

    CleaningOrder order;
    DirtyRange range;
    std::vector<CleaningSegment> facts;  // of the segments as they were
    std::vector<SegmentPtr> sources;     // the same segments
    std::uint64_t cuts = 0;              // what the log's is while nobody else changes it
    KeyMap map;
    Offset mapped_to;
    std::optional<BatchCleaner> cleaner;
    CleaningResult result;
    std::uint64_t unpaced = 0;

    // Of the group that is being written.
    std::unique_ptr<CleanedSegment> out;
    std::optional<kafka::RecordBatch> last_dropped;
    bool changed = false;
};

}  // namespace sealane::broker
