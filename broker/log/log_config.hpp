#pragma once
// What can be set about one partition's log. Plain data; names and defaults are Kafka's topic
// configs (formats: segments and indexes, retention) plus sealane.flush.

#include "common/kafka/records/batch_layout.hpp"

#include <cstdint>

namespace sealane::broker {

// sealane.flush. synced: the high watermark follows fdatasync. os: it follows the page cache.
enum class FlushMode : std::uint8_t { kSynced, kOs };

struct LogConfig {
    std::uint32_t segment_bytes = 1U << 30U;          // segment.bytes
    std::int64_t segment_ms = 7LL * 24 * 3600'000;    // segment.ms
    std::int64_t segment_jitter_ms = 0;               // segment.jitter.ms
    std::uint32_t segment_index_bytes = 10U << 20U;   // segment.index.bytes, of each index
    std::uint32_t index_interval_bytes = 4096;        // index.interval.bytes
    std::int64_t retention_ms = 7LL * 24 * 3600'000;  // retention.ms, -1: for ever
    std::int64_t retention_bytes = -1;                // retention.bytes, -1: no limit
    std::int64_t file_delete_delay_ms = 60'000;       // file.delete.delay.ms
    bool retention_deletes = true;  // cleanup.policy contains delete; else only log start deletes
    bool compacts = false;          // cleanup.policy contains compact
    double min_cleanable_dirty_ratio = 0.5;            // min.cleanable.dirty.ratio, 0 to 1
    std::int64_t min_compaction_lag_ms = 0;            // min.compaction.lag.ms
    std::int64_t max_compaction_lag_ms = INT64_MAX;    // max.compaction.lag.ms
    std::int64_t delete_retention_ms = 24 * 3600'000;  // delete.retention.ms, of tombstones
    FlushMode flush = FlushMode::kSynced;
    // message.timestamp.type
    kafka::TimestampType timestamp_type = kafka::TimestampType::kCreateTime;
    friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

}  // namespace sealane::broker
