#pragma once
// What a log is told of a cleaning (compaction), and what it tells of one. Plain data.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"
#include "common/runtime/task.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace sealane::broker {

// Awaited now and then with the bytes read and written since; false ends the work early.
using LogPace = std::function<runtime::Task<bool>(std::uint64_t bytes)>;

struct CleaningOrder {
    WallTime now;
    Offset bound;  // the last stable offset: nothing at or above it is touched
    std::size_t map_bytes = std::size_t{128} << 20U;  // log.cleaner.dedupe.buffer.size
    LogPace pace;
};

// How much there is to clean.
struct CleaningDue {
    std::uint64_t clean_bytes = 0;
    std::uint64_t dirty_bytes = 0;  // that may be cleaned now
    bool due = false;
    [[nodiscard]] double dirty_ratio() const {
        const auto whole = static_cast<double>(clean_bytes + dirty_bytes);
        return whole == 0 ? 0 : static_cast<double>(dirty_bytes) / whole;
    }
};

struct CleaningResult {
    // False: nothing was due, the pace ended it, or records were taken away meanwhile. What was
    // done by then stays; the next one goes on.
    bool finished = false;
    Offset first_dirty;  // what lies below is clean now
    std::uint64_t read_bytes = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t dropped_records = 0;
    std::size_t segments_before = 0;
    std::size_t segments_after = 0;
};

}  // namespace sealane::broker
