#pragma once
// Topic configuration: the keys of Kafka's topic configs (kafka.apache.org/documentation,
// "Topic-Level Configs") that exist here, their types, defaults and checks, and the effective
// values as a struct. `sealane.flush` is ours. Deciders only.

#include "broker/log/log_config.hpp"
#include "common/base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sealane::broker {

// Effective values. Times in milliseconds, -1: unlimited where Kafka says so.
struct TopicConfig {
    std::int64_t retention_ms = 7LL * 24 * 3600 * 1000;
    std::int64_t retention_bytes = -1;
    std::int64_t segment_bytes = 1LL << 30U;
    std::int64_t segment_jitter_ms = 0;
    std::int32_t segment_index_bytes = 10 << 20;
    std::int64_t segment_ms = 7LL * 24 * 3600 * 1000;
    std::int32_t max_message_bytes = 1'048'588;
    std::int32_t index_interval_bytes = 4096;
    std::int32_t min_insync_replicas = 2;  // at most as many as there are replicas
    bool unclean_leader_election = false;
    bool log_append_time = false;  // message.timestamp.type=LogAppendTime
    std::int64_t timestamp_before_max_ms = INT64_MAX;
    std::int64_t timestamp_after_max_ms = 3'600'000;
    std::int64_t flush_messages = INT64_MAX;
    std::int64_t flush_ms = INT64_MAX;
    std::int64_t file_delete_delay_ms = 60'000;
    FlushMode flush = FlushMode::kSynced;
    bool cleanup_delete = true;    // cleanup.policy has delete: retention applies
    bool cleanup_compact = false;  // cleanup.policy has compact: every record needs a key
    double min_cleanable_dirty_ratio = 0.5;
    std::int64_t min_compaction_lag_ms = 0;
    std::int64_t max_compaction_lag_ms = INT64_MAX;
    std::int64_t delete_retention_ms = 24LL * 3600 * 1000;
    friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

// Overrides of one topic as stored in the metadata log: key -> text.
using ConfigOverrides = std::map<std::string, std::string, std::less<>>;

// Wire numbers of DescribeConfigs (KIP-133, KIP-569).
enum class ConfigType : std::int8_t {
    kUnknown = 0,
    kBoolean = 1,
    kString = 2,
    kInt = 3,
    kShort = 4,
    kLong = 5,
    kDouble = 6,
    kList = 7,
    kClass = 8,
    kPassword = 9,
};

// One key that a topic may carry.
struct TopicConfigKey {
    std::string_view name;
    std::string_view broker_synonym;  // the broker key that sets its default; may be empty
    ConfigType type;
    std::string_view default_text;  // Kafka's default
    std::string_view documentation;
};

// All keys, sorted by name.
[[nodiscard]] std::span<const TopicConfigKey> topic_config_keys();
[[nodiscard]] const TopicConfigKey* find_topic_config_key(std::string_view name);

// kInvalidConfig names the key, what is wrong and what is allowed (unknown keys too).
[[nodiscard]] Status check_topic_config(std::string_view key, std::string_view value);

// Defaults with the overrides applied; overrides must have passed check_topic_config.
[[nodiscard]] TopicConfig effective_config(
    const TopicConfig& defaults, const ConfigOverrides& overrides
);

// What the log of a partition is told of it.
[[nodiscard]] LogConfig log_config(const TopicConfig& config);

// The text of one key of effective values (for DescribeConfigs): what the topic runs with.
[[nodiscard]] std::string config_text(const TopicConfig& config, std::string_view key);

}  // namespace sealane::broker
