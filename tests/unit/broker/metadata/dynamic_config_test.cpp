#include "broker/metadata/dynamic_config.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

struct Dynamic : ClusterImage {
    Dynamic() {
        add_brokers(1, 3);
        create("t", {ids({1, 2, 3})});
    }
    ErrorCode set(BrokerId broker, const std::string& key, std::optional<std::string> value) {
        auto records = configure_broker(image, policy, broker, {{key, std::move(value)}});
        if (!records) return records.error().code();
        apply(*records);
        return ErrorCode::kNone;
    }
    ErrorCode set_all(const std::string& key, std::optional<std::string> value) {
        return set(kNoBroker, key, std::move(value));
    }
};

TEST(DynamicConfig, ABrokersOwnValueGoesBeforeThatOfAll) {
    Dynamic cluster;
    constexpr std::string_view kKey = "follower.replication.throttled.rate";
    EXPECT_EQ(dynamic_value(cluster.image, BrokerId(1), kKey), std::nullopt);
    ASSERT_EQ(cluster.set_all(std::string(kKey), "10"), ErrorCode::kNone);
    ASSERT_EQ(cluster.set(BrokerId(1), std::string(kKey), "20"), ErrorCode::kNone);
    EXPECT_EQ(dynamic_value(cluster.image, BrokerId(1), kKey), 20);
    EXPECT_EQ(dynamic_value(cluster.image, BrokerId(2), kKey), 10);
    ASSERT_EQ(cluster.set(BrokerId(1), std::string(kKey), std::nullopt), ErrorCode::kNone);
    EXPECT_EQ(dynamic_value(cluster.image, BrokerId(1), kKey), 10);
}

TEST(DynamicConfig, DefaultsOfTopicsChangeForAll) {
    Dynamic cluster;
    const TopicConfig file;
    ASSERT_EQ(cluster.set_all("log.retention.ms", "1000"), ErrorCode::kNone);
    ASSERT_EQ(cluster.set_all("log.cleanup.policy", "compact"), ErrorCode::kNone);
    const TopicConfig now = topic_defaults(file, cluster.image);
    EXPECT_EQ(now.retention_ms, 1000);
    EXPECT_TRUE(now.cleanup_compact);
    EXPECT_EQ(now.segment_bytes, file.segment_bytes);
    ASSERT_EQ(cluster.set_all("log.retention.ms", std::nullopt), ErrorCode::kNone);
    EXPECT_EQ(topic_defaults(file, cluster.image).retention_ms, file.retention_ms);
}

TEST(DynamicConfig, WhatDoesNotFitIsRefused) {
    Dynamic cluster;
    const BrokerId one(1);
    EXPECT_EQ(cluster.set_all("no.such.key", "1"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(cluster.set_all("log.dir", "/tmp"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(cluster.set_all("log.retention.ms", "soon"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(cluster.set(one, "log.retention.ms", "1"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(cluster.set(one, "max.connections", "0"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(cluster.set(one, "max.connections", "4294967296"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(cluster.set(BrokerId(9), "max.connections", "5"), ErrorCode::kBrokerIdNotRegistered);
    EXPECT_EQ(cluster.set(one, "max.connections", "5"), ErrorCode::kNone);
}

// A smaller min.insync.replicas lets the in-sync set go on alone: what the others miss is
// committed.
TEST(DynamicConfig, ASmallerMinimumEndsEligibilityInTheSameBatch) {
    Dynamic cluster;
    cluster.fence(3);
    cluster.fence(2);
    ASSERT_EQ(cluster.at("t").isr, ids({1}));
    ASSERT_EQ(cluster.at("t").elr, ids({2}));
    ASSERT_EQ(cluster.set_all("min.insync.replicas", "1"), ErrorCode::kNone);
    EXPECT_TRUE(cluster.at("t").elr.empty());
    EXPECT_EQ(current_policy(cluster.policy, cluster.image).topic_defaults.min_insync_replicas, 1);
}

TEST(DynamicConfig, TopicsWithAValueOfTheirOwnKeepIt) {
    Dynamic cluster;
    cluster.configure("t", "min.insync.replicas", "2");
    cluster.fence(3);
    cluster.fence(2);
    ASSERT_EQ(cluster.set_all("min.insync.replicas", "1"), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
}

}  // namespace
}  // namespace sealane::broker
