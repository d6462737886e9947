#pragma once
// Which segments retention deletes (formats: retention). A core.

#include "broker/log/log_config.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <span>

namespace sealane::broker {

struct SegmentFacts {
    Offset base;
    Offset next_base;  // of the next segment; of the active one: the log end
    std::uint64_t size = 0;
    WallTime max_timestamp;  // -1: none, then never too old
};

struct RetentionPlan {
    std::size_t segments = 0;  // how many of the oldest go
    bool roll_first = false;   // the active one goes too: start a new one before
    friend bool operator==(const RetentionPlan&, const RetentionPlan&) = default;
};

// Oldest first, stopping at the first segment that stays. Only what lies below the high watermark
// goes; a segment below the log start goes whatever its age.
[[nodiscard]] RetentionPlan plan_retention(
    const LogConfig& config,
    std::span<const SegmentFacts> segments,
    Offset log_start,
    Offset high_watermark,
    WallTime now
);

}  // namespace sealane::broker
