#pragma once
// The small text files of a data directory (formats: log directory), as values. A core: shells
// read and replace the files. Every decoder refuses what it does not fully understand (kCorrupt).

#include "broker/log/epoch_cache.hpp"
#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

#include <map>
#include <string>

namespace sealane::broker {

// recovery-point-offset-checkpoint: `0`, count, then `topic partition offset` lines.
using OffsetCheckpoint = std::map<TopicPartition, Offset>;
[[nodiscard]] std::string encode_offset_checkpoint(const OffsetCheckpoint& entries);
[[nodiscard]] Result<OffsetCheckpoint> decode_offset_checkpoint(std::string_view text);

// leader-epoch-checkpoint: `0`, count, then `epoch start-offset` lines.
[[nodiscard]] std::string encode_epoch_checkpoint(const EpochCache& cache);
[[nodiscard]] Result<EpochCache> decode_epoch_checkpoint(std::string_view text);

// partition.metadata: `version: 0` and `topic_id: <22 characters>`.
[[nodiscard]] std::string encode_partition_metadata(const Uuid& topic_id);
[[nodiscard]] Result<Uuid> decode_partition_metadata(std::string_view text);

// log-bounds, ours, beside the segments: `version: 0`, `log_start: <offset>`,
// `recovery_point_limit: <offset or -1>`, `first_dirty: <offset>` and `rewritten_to: <offset>`; the
// last two may be missing. Absent: log start is the first segment's base offset.
struct LogBounds {
    Offset log_start{0};
    // Written before a truncation: the recovery point in the data directory's checkpoint counts
    // only up to here, until that checkpoint is written again. -1: no limit.
    Offset recovery_point_limit = kNoOffset;
    // Compaction: what lies below was cleaned. Written after a cleaning.
    Offset first_dirty{0};
    // Batches below may not be those that were produced. Written before one; never too low.
    Offset rewritten_to{0};
    friend bool operator==(const LogBounds&, const LogBounds&) = default;
};
[[nodiscard]] std::string encode_log_bounds(const LogBounds& bounds);
[[nodiscard]] Result<LogBounds> decode_log_bounds(std::string_view text);

// meta.properties: version=1, cluster.id, node.id, directory.id. Unknown keys are ignored.
struct DirectoryIdentity {
    Uuid cluster_id;
    BrokerId node_id = kNoBroker;
    Uuid directory_id;
    friend bool operator==(const DirectoryIdentity&, const DirectoryIdentity&) = default;
};
[[nodiscard]] std::string encode_directory_identity(const DirectoryIdentity& identity);
[[nodiscard]] Result<DirectoryIdentity> decode_directory_identity(std::string_view text);

// .kafka_cleanshutdown: one JSON object with version, brokerEpoch (Kafka's) and directoryId (ours).
// decode: the broker epoch (-1: was never registered); nothing when it is damaged or of another
// directory, and then the stop was not a clean one of this directory.
[[nodiscard]] std::string encode_clean_stop(std::int64_t broker_epoch, const Uuid& directory_id);
[[nodiscard]] std::optional<std::int64_t> decode_clean_stop(
    std::string_view text, const Uuid& directory_id
);

}  // namespace sealane::broker
