#pragma once
// When the active segment ends and a new one begins (formats: segments and indexes). A core.

#include "broker/log/log_config.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

namespace sealane::broker {

// What the decision needs to know of the active segment.
struct ActiveSegmentFacts {
    Offset base;
    std::uint64_t size = 0;
    std::size_t index_entries = 0;
    std::size_t time_index_entries = 0;
    WallTime first_timestamp;  // largest of its first batch; -1: none
    WallTime created;          // used when there is no timestamp
    std::int64_t jitter_ms = 0;
};

struct AppendFacts {
    std::uint64_t size = 0;
    Offset last_offset;
    WallTime max_timestamp;  // -1: none
    WallTime now;
};

[[nodiscard]] bool must_roll(
    const LogConfig& config, const ActiveSegmentFacts& active, const AppendFacts& append
);

}  // namespace sealane::broker
