#include "broker/metadata/topic_config.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealane::broker {
namespace {

ErrorCode check(std::string_view key, std::string_view value) {
    const Status checked = check_topic_config(key, value);
    return checked ? ErrorCode::kNone : checked.error().code();
}

TEST(TopicConfig, EveryDefaultPassesItsOwnCheck) {
    EXPECT_TRUE(std::ranges::is_sorted(topic_config_keys(), {}, &TopicConfigKey::name));
    for (const TopicConfigKey& key : topic_config_keys()) {
        EXPECT_EQ(check(key.name, key.default_text), ErrorCode::kNone) << key.name;
        EXPECT_EQ(config_text(TopicConfig{}, key.name), key.default_text) << key.name;
    }
}

TEST(TopicConfig, RefusesWhatItCannotHonour) {
    for (const auto& [key, value] : std::vector<std::pair<const char*, const char*>>{
             {"no.such.key", "1"},
             {"retention.ms", "-2"},
             {"retention.ms", "soon"},
             {"retention.ms", ""},
             {"segment.bytes", "99999999999"},
             {"segment.bytes", "10"},
             {"cleanup.policy", "shred"},
             {"cleanup.policy", ""},
             {"compression.type", "zstd"},
             {"message.timestamp.type", "createtime"},
             {"preallocate", "yes"},
             {"min.cleanable.dirty.ratio", "1.5"},
             {"remote.storage.enable", "true"},
             {"sealane.flush", "never"}
         }) {
        EXPECT_EQ(check(key, value), ErrorCode::kInvalidConfig) << key << "=" << value;
    }
}

TEST(TopicConfig, OverridesBecomeEffective) {
    const ConfigOverrides overrides{
        {"cleanup.policy", "compact, delete"},
        {"retention.ms", "-1"},
        {"segment.bytes", "4096"},
        {"message.timestamp.type", "LogAppendTime"},
        {"sealane.flush", "os"},
        {"max.message.bytes", "77"},
    };
    for (const auto& [key, value] : overrides) EXPECT_EQ(check(key, value), ErrorCode::kNone);
    const TopicConfig config = effective_config(TopicConfig{}, overrides);
    EXPECT_TRUE(config.cleanup_compact && config.cleanup_delete);
    EXPECT_EQ(config.retention_ms, -1);
    EXPECT_TRUE(config.log_append_time);
    EXPECT_EQ(config.max_message_bytes, 77);
    const LogConfig log = log_config(config);
    EXPECT_EQ(log.segment_bytes, 4096U);
    EXPECT_EQ(log.flush, FlushMode::kOs);
    EXPECT_TRUE(log.retention_deletes);
    EXPECT_EQ(config_text(config, "cleanup.policy"), "compact,delete");
    EXPECT_EQ(config_text(config, "sealane.flush"), "os");
    const ConfigOverrides compact{{"cleanup.policy", "compact"}};
    EXPECT_FALSE(log_config(effective_config(TopicConfig{}, compact)).retention_deletes);
}

TEST(TopicConfig, WhatCompactionGoesByReachesTheLog) {
    const ConfigOverrides overrides{
        {"cleanup.policy", "compact"},
        {"min.cleanable.dirty.ratio", "0.25"},
        {"min.compaction.lag.ms", "10"},
        {"max.compaction.lag.ms", "2000"},
        {"delete.retention.ms", "300"},
    };
    for (const auto& [key, value] : overrides) EXPECT_EQ(check(key, value), ErrorCode::kNone);
    const TopicConfig config = effective_config(TopicConfig{}, overrides);
    for (const auto& [key, value] : overrides) EXPECT_EQ(config_text(config, key), value);
    const LogConfig log = log_config(config);
    EXPECT_TRUE(log.compacts);
    EXPECT_EQ(log.min_cleanable_dirty_ratio, 0.25);
    EXPECT_EQ(log.min_compaction_lag_ms, 10);
    EXPECT_EQ(log.max_compaction_lag_ms, 2000);
    EXPECT_EQ(log.delete_retention_ms, 300);
    EXPECT_EQ(log.segment_ms, 2000);  // sealed in time to be compacted
    EXPECT_EQ(config_text(TopicConfig{}, "min.cleanable.dirty.ratio"), "0.5");
    EXPECT_FALSE(log_config(TopicConfig{}).compacts);
}

}  // namespace
}  // namespace sealane::broker
