#include "broker/log/retention_plan.hpp"

namespace sealane::broker {

namespace {

// As in Kafka a record from the future keeps its segment; message.timestamp.after.max.ms bounds it.
bool too_old(const LogConfig& config, const SegmentFacts& segment, WallTime now) {
    if (!config.retention_deletes || config.retention_ms < 0) return false;
    if (segment.max_timestamp.ms < 0) return false;
    return now.ms - segment.max_timestamp.ms > config.retention_ms;
}

}  // namespace

RetentionPlan plan_retention(
    const LogConfig& config,
    std::span<const SegmentFacts> segments,
    Offset log_start,
    Offset high_watermark,
    WallTime now
) {
    std::uint64_t total = 0;
    for (const SegmentFacts& segment : segments) total += segment.size;

    RetentionPlan plan;
    bool by_age = true;
    for (const SegmentFacts& segment : segments) {
        const bool active = plan.segments + 1 == segments.size();
        if (segment.next_base > high_watermark || (active && segment.size == 0)) break;
        const bool below_start = segment.next_base <= log_start && !active;
        by_age = by_age && too_old(config, segment, now);
        const bool by_size =
            config.retention_deletes && config.retention_bytes >= 0 &&
            total - segment.size >= static_cast<std::uint64_t>(config.retention_bytes);
        if (!below_start && !by_age && !by_size) break;
        total -= segment.size;
        ++plan.segments;
        plan.roll_first = active;
    }
    return plan;
}

}  // namespace sealane::broker
