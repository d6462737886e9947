#include "broker/metadata/topic_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace sealane::broker {

namespace {

using Type = ConfigType;

// Sorted by name; defaults and synonyms are Kafka's.
constexpr auto kKeys = std::to_array<TopicConfigKey>({
    {"cleanup.policy",
     "log.cleanup.policy",
     Type::kList,
     "delete",
     "delete: old segments go. compact: of every key the latest value stays; records need keys."},
    {"compression.gzip.level",
     "compression.gzip.level",
     Type::kInt,
     "-1",
     "Kept; batches stay as the producer compressed them."},
    {"compression.lz4.level",
     "compression.lz4.level",
     Type::kInt,
     "9",
     "Kept; batches stay as the producer compressed them."},
    {"compression.type",
     "compression.type",
     Type::kString,
     "producer",
     "Batches stay as the producer compressed them."},
    {"compression.zstd.level",
     "compression.zstd.level",
     Type::kInt,
     "3",
     "Kept; batches stay as the producer compressed them."},
    {"delete.retention.ms",
     "log.cleaner.delete.retention.ms",
     Type::kLong,
     "86400000",
     "How long a tombstone (a record without a value) stays after it was first compacted."},
    {"file.delete.delay.ms",
     "log.segment.delete.delay.ms",
     Type::kLong,
     "60000",
     "How long files of deleted segments stay on disk."},
    {"flush.messages",
     "log.flush.interval.messages",
     Type::kLong,
     "9223372036854775807",
     "Kept; sealane.flush decides when data is synced."},
    {"flush.ms",
     "log.flush.interval.ms",
     Type::kLong,
     "9223372036854775807",
     "Kept; sealane.flush decides when data is synced."},
    {"follower.replication.throttled.replicas",
     "",
     Type::kList,
     "",
     "Kept; the rates hold for every replica that catches up."},
    {"index.interval.bytes",
     "log.index.interval.bytes",
     Type::kInt,
     "4096",
     "Bytes of log between two entries of the offset index."},
    {"leader.replication.throttled.replicas",
     "",
     Type::kList,
     "",
     "Kept; the rates hold for every replica that catches up."},
    {"max.compaction.lag.ms",
     "log.cleaner.max.compaction.lag.ms",
     Type::kLong,
     "9223372036854775807",
     "A record is compacted at the latest when it is so old, whatever the dirty ratio."},
    {"max.message.bytes",
     "message.max.bytes",
     Type::kInt,
     "1048588",
     "The largest batch a producer may send."},
    {"message.timestamp.after.max.ms",
     "log.message.timestamp.after.max.ms",
     Type::kLong,
     "3600000",
     "How far ahead of the broker's clock a record's timestamp may be."},
    {"message.timestamp.before.max.ms",
     "log.message.timestamp.before.max.ms",
     Type::kLong,
     "9223372036854775807",
     "How far behind the broker's clock a record's timestamp may be."},
    {"message.timestamp.type",
     "log.message.timestamp.type",
     Type::kString,
     "CreateTime",
     "Whether timestamps are the producer's or the time of the append."},
    {"min.cleanable.dirty.ratio",
     "log.cleaner.min.cleanable.ratio",
     Type::kDouble,
     "0.5",
     "A log is compacted when more than this part of it has not been yet."},
    {"min.compaction.lag.ms",
     "log.cleaner.min.compaction.lag.ms",
     Type::kLong,
     "0",
     "A record is not compacted before it is so old."},
    {"min.insync.replicas",
     "min.insync.replicas",
     Type::kInt,
     "2",
     "Replicas that must be in sync for acks=all; at most as many as there are."},
    {"preallocate", "log.preallocate", Type::kBoolean, "false", "Kept; files grow as they need."},
    {"retention.bytes",
     "log.retention.bytes",
     Type::kLong,
     "-1",
     "Size above which the oldest segments of a partition go; -1: no limit."},
    {"retention.ms",
     "log.retention.ms",
     Type::kLong,
     "604800000",
     "Age above which segments go; -1: never."},
    {"sealane.flush",
     "sealane.flush",
     Type::kString,
     "synced",
     "synced: acks=all and consumers wait for fdatasync. os: for the page cache, as in Kafka."},
    {"segment.bytes", "log.segment.bytes", Type::kInt, "1073741824", "Size of one segment."},
    {"segment.index.bytes",
     "log.index.size.max.bytes",
     Type::kInt,
     "10485760",
     "Largest size of one index file."},
    {"segment.jitter.ms",
     "log.roll.jitter.ms",
     Type::kLong,
     "0",
     "Largest random time taken off segment.ms."},
    {"segment.ms", "log.roll.ms", Type::kLong, "604800000", "Age at which a segment is closed."},
    {"unclean.leader.election.enable",
     "unclean.leader.election.enable",
     Type::kBoolean,
     "false",
     "Kept; with one replica there is no other leader."},
});

struct Range {
    std::string_view key;
    std::int64_t least;
};
constexpr auto kLeast = std::to_array<Range>({
    {"compression.gzip.level", -1},
    {"flush.messages", 1},
    {"max.compaction.lag.ms", 1},
    {"min.insync.replicas", 1},
    {"retention.bytes", -1},
    {"retention.ms", -1},
    {"segment.bytes", 1024},
    {"segment.index.bytes", 12},
    {"segment.ms", 1},
});

std::unexpected<Error> refused(std::string_view key, std::string_view value, std::string_view why) {
    return fail(
        ErrorCode::kInvalidConfig,
        std::string(key) + "=" + std::string(value) + ": " + std::string(why)
    );
}

std::optional<std::int64_t> integer(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

double fraction(std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// As short as it can be: "0.5".
std::string text_of(double number) {
    std::array<char, 32> room;
    const auto written = std::to_chars(room.data(), room.data() + room.size(), number);
    return {room.data(), written.ptr};
}

Status check_integer(const TopicConfigKey& key, std::string_view value) {
    const auto number = integer(value);
    const std::int64_t most = key.type == Type::kInt ? INT32_MAX : INT64_MAX;
    if (!number || *number > most) return refused(key.name, value, "not a number of this type");
    const auto* range = std::ranges::find(kLeast, key.name, &Range::key);
    const std::int64_t least = range == kLeast.end() ? 0 : range->least;
    if (*number < least) {
        return refused(key.name, value, "the least value is " + std::to_string(least));
    }
    return {};
}

Status check_double(const TopicConfigKey& key, std::string_view value) {
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || !(number >= 0) ||
        !(number <= 1)) {
        return refused(key.name, value, "a number from 0 to 1 is needed");
    }
    return {};
}

std::vector<std::string_view> words(std::string_view list) {
    std::vector<std::string_view> found;
    while (!list.empty()) {
        const auto comma = list.find(',');
        std::string_view word = list.substr(0, comma);
        while (word.starts_with(' ')) word.remove_prefix(1);
        while (word.ends_with(' ')) word.remove_suffix(1);
        if (!word.empty()) found.push_back(word);
        list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
    }
    return found;
}

Status check_text(std::string_view key, std::string_view value) {
    if (key == "cleanup.policy") {
        const auto policies = words(value);
        const auto known = [](std::string_view w) { return w == "delete" || w == "compact"; };
        if (policies.empty() || !std::ranges::all_of(policies, known)) {
            return refused(key, value, "delete, compact or both, separated by a comma");
        }
    } else if (key == "message.timestamp.type") {
        if (value != "CreateTime" && value != "LogAppendTime") {
            return refused(key, value, "CreateTime or LogAppendTime");
        }
    } else if (key == "compression.type") {
        if (value != "producer") {
            return refused(key, value, "only producer: batches are stored as they came");
        }
    } else if (key == "sealane.flush") {
        if (value != "synced" && value != "os") return refused(key, value, "synced or os");
    }
    return {};
}

}  // namespace

std::span<const TopicConfigKey> topic_config_keys() {
    return kKeys;
}

const TopicConfigKey* find_topic_config_key(std::string_view name) {
    const auto* found = std::ranges::find(kKeys, name, &TopicConfigKey::name);
    return found == kKeys.end() ? nullptr : found;
}

Status check_topic_config(std::string_view key, std::string_view value) {
    const TopicConfigKey* known = find_topic_config_key(key);
    if (known == nullptr) {
        const bool remote = key.starts_with("remote.") || key.starts_with("local.retention");
        return fail(
            ErrorCode::kInvalidConfig,
            (remote ? "no tiered storage here: " : "unknown topic config: ") + std::string(key)
        );
    }
    switch (known->type) {
        case Type::kInt:
        case Type::kLong:
            return check_integer(*known, value);
        case Type::kDouble:
            return check_double(*known, value);
        case Type::kBoolean:
            if (value != "true" && value != "false") return refused(key, value, "true or false");
            return {};
        default:
            return check_text(key, value);
    }
}

TopicConfig effective_config(const TopicConfig& defaults, const ConfigOverrides& overrides) {
    TopicConfig config = defaults;
    for (const auto& [key, value] : overrides) {
        const auto number = integer(value);
        const auto small = static_cast<std::int32_t>(number.value_or(0));
        if (key == "cleanup.policy") {
            const auto policies = words(value);
            config.cleanup_delete = std::ranges::find(policies, "delete") != policies.end();
            config.cleanup_compact = std::ranges::find(policies, "compact") != policies.end();
        }
        if (key == "message.timestamp.type") config.log_append_time = value == "LogAppendTime";
        if (key == "sealane.flush") {
            config.flush = value == "os" ? FlushMode::kOs : FlushMode::kSynced;
        }
        if (key == "unclean.leader.election.enable") {
            config.unclean_leader_election = value == "true";
        }
        if (key == "min.cleanable.dirty.ratio") config.min_cleanable_dirty_ratio = fraction(value);
        if (!number) continue;
        if (key == "retention.ms") config.retention_ms = *number;
        if (key == "retention.bytes") config.retention_bytes = *number;
        if (key == "segment.bytes") config.segment_bytes = *number;
        if (key == "segment.ms") config.segment_ms = *number;
        if (key == "segment.jitter.ms") config.segment_jitter_ms = *number;
        if (key == "segment.index.bytes") config.segment_index_bytes = small;
        if (key == "max.message.bytes") config.max_message_bytes = small;
        if (key == "index.interval.bytes") config.index_interval_bytes = small;
        if (key == "min.insync.replicas") config.min_insync_replicas = small;
        if (key == "message.timestamp.before.max.ms") config.timestamp_before_max_ms = *number;
        if (key == "message.timestamp.after.max.ms") config.timestamp_after_max_ms = *number;
        if (key == "flush.messages") config.flush_messages = *number;
        if (key == "flush.ms") config.flush_ms = *number;
        if (key == "file.delete.delay.ms") config.file_delete_delay_ms = *number;
        if (key == "min.compaction.lag.ms") config.min_compaction_lag_ms = *number;
        if (key == "max.compaction.lag.ms") config.max_compaction_lag_ms = *number;
        if (key == "delete.retention.ms") config.delete_retention_ms = *number;
    }
    return config;
}

LogConfig log_config(const TopicConfig& config) {
    LogConfig log;
    log.segment_bytes = static_cast<std::uint32_t>(config.segment_bytes);
    log.segment_ms = config.segment_ms;
    log.segment_jitter_ms = config.segment_jitter_ms;
    log.segment_index_bytes = static_cast<std::uint32_t>(config.segment_index_bytes);
    log.index_interval_bytes = static_cast<std::uint32_t>(config.index_interval_bytes);
    log.retention_ms = config.retention_ms;
    log.retention_bytes = config.retention_bytes;
    log.file_delete_delay_ms = config.file_delete_delay_ms;
    log.retention_deletes = config.cleanup_delete;
    log.compacts = config.cleanup_compact;
    log.min_cleanable_dirty_ratio = config.min_cleanable_dirty_ratio;
    log.min_compaction_lag_ms = config.min_compaction_lag_ms;
    log.max_compaction_lag_ms = config.max_compaction_lag_ms;
    log.delete_retention_ms = config.delete_retention_ms;
    // Only sealed segments are compacted: they have to be sealed in time.
    if (log.compacts) log.segment_ms = std::min(log.segment_ms, config.max_compaction_lag_ms);
    log.flush = config.flush;
    log.timestamp_type = config.log_append_time ? kafka::TimestampType::kLogAppendTime
                                                : kafka::TimestampType::kCreateTime;
    return log;
}

std::string config_text(const TopicConfig& config, std::string_view key) {
    if (key == "cleanup.policy") {
        if (config.cleanup_compact) return config.cleanup_delete ? "compact,delete" : "compact";
        return "delete";
    }
    if (key == "message.timestamp.type") {
        return config.log_append_time ? "LogAppendTime" : "CreateTime";
    }
    if (key == "sealane.flush") return config.flush == FlushMode::kOs ? "os" : "synced";
    if (key == "retention.ms") return std::to_string(config.retention_ms);
    if (key == "retention.bytes") return std::to_string(config.retention_bytes);
    if (key == "segment.bytes") return std::to_string(config.segment_bytes);
    if (key == "segment.ms") return std::to_string(config.segment_ms);
    if (key == "segment.jitter.ms") return std::to_string(config.segment_jitter_ms);
    if (key == "segment.index.bytes") return std::to_string(config.segment_index_bytes);
    if (key == "max.message.bytes") return std::to_string(config.max_message_bytes);
    if (key == "index.interval.bytes") return std::to_string(config.index_interval_bytes);
    if (key == "unclean.leader.election.enable") {
        return config.unclean_leader_election ? "true" : "false";
    }
    if (key == "min.insync.replicas") return std::to_string(config.min_insync_replicas);
    if (key == "message.timestamp.before.max.ms") {
        return std::to_string(config.timestamp_before_max_ms);
    }
    if (key == "message.timestamp.after.max.ms") {
        return std::to_string(config.timestamp_after_max_ms);
    }
    if (key == "flush.messages") return std::to_string(config.flush_messages);
    if (key == "flush.ms") return std::to_string(config.flush_ms);
    if (key == "file.delete.delay.ms") return std::to_string(config.file_delete_delay_ms);
    if (key == "min.cleanable.dirty.ratio") return text_of(config.min_cleanable_dirty_ratio);
    if (key == "min.compaction.lag.ms") return std::to_string(config.min_compaction_lag_ms);
    if (key == "max.compaction.lag.ms") return std::to_string(config.max_compaction_lag_ms);
    if (key == "delete.retention.ms") return std::to_string(config.delete_retention_ms);
    const TopicConfigKey* known = find_topic_config_key(key);
    return known == nullptr ? std::string() : std::string(known->default_text);
}

}  // namespace sealane::broker
