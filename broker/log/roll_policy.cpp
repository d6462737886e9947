#include "broker/log/roll_policy.hpp"

#include "broker/log/offset_index.hpp"
#include "broker/log/time_index.hpp"

namespace sealane::broker {

bool must_roll(
    const LogConfig& config, const ActiveSegmentFacts& active, const AppendFacts& append
) {
    if (append.last_offset - active.base > INT32_MAX) return true;
    if (active.size == 0) return false;
    if (active.size + append.size > config.segment_bytes) return true;
    if (active.index_entries >= config.segment_index_bytes / OffsetIndex::kEntrySize) return true;
    // One slot stays free for the final entry.
    const std::size_t time_slots = config.segment_index_bytes / TimeIndex::kEntrySize;
    if (active.time_index_entries + 1 >= time_slots) return true;
    const bool by_records = active.first_timestamp.ms >= 0 && append.max_timestamp.ms >= 0;
    const WallTime from = by_records ? active.first_timestamp : active.created;
    const WallTime to = by_records ? append.max_timestamp : append.now;
    return to.ms - from.ms > config.segment_ms - active.jitter_ms;
}

}  // namespace sealane::broker
