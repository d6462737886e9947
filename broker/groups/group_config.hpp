#pragma once
// The coordinator's limits and times, under Kafka's names (configs: group.*, offsets.*).

#include "broker/groups/consumer/assignors.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <vector>

namespace sealane::broker::groups {

// Groups of the protocol of KIP-848.
struct ConsumerGroupConfig {
    std::int32_t session_timeout_ms = 45'000;    // group.consumer.session.timeout.ms
    std::int32_t heartbeat_interval_ms = 5'000;  // group.consumer.heartbeat.interval.ms
    std::int32_t max_size = INT32_MAX;           // group.consumer.max.size
    // group.consumer.assignors: what members may ask for; the first is the default.
    std::vector<Assignor> assignors = {Assignor::kUniform, Assignor::kRange};
    // group.consumer.regex.refresh.interval.ms: patterns are resolved again when topics changed,
    // and after this time, because what a principal may see can change too.
    std::int32_t pattern_refresh_ms = 600'000;
};

struct GroupConfig {
    std::int32_t min_session_timeout_ms = 6'000;            // group.min.session.timeout.ms
    std::int32_t max_session_timeout_ms = 1'800'000;        // group.max.session.timeout.ms
    std::int32_t initial_rebalance_delay_ms = 3'000;        // group.initial.rebalance.delay.ms
    std::int32_t max_size = INT32_MAX;                      // group.max.size: members of one group
    std::int32_t offset_metadata_max_bytes = 4'096;         // offset.metadata.max.bytes
    std::int64_t offsets_retention_ms = 10'080 * 60'000LL;  // offsets.retention.minutes
    std::int64_t retention_check_ms = 600'000;              // offsets.retention.check.interval.ms
    std::int32_t commit_timeout_ms = 5'000;                 // offsets.commit.timeout.ms
    // offsets.topic.num.partitions. Kafka's 50 spread groups over many brokers; a broker of one
    // gains nothing from more than a few, and each costs files and a sync of its own.
    std::int32_t offsets_topic_partitions = 4;
    // The log is rewritten when it holds more than this many bytes and more than `garbage_factor`
    // times what is live.
    std::uint64_t rewrite_min_bytes = 4 * 1024 * 1024;
    std::uint64_t garbage_factor = 4;
    ConsumerGroupConfig consumer;
};

// How long a member that joins for the first time may wait for its first answer: it has no member
// id yet and cannot heartbeat, and a client that gave up must not hold the group for ever.
inline constexpr std::int32_t kNewMemberJoinTimeoutMs = 5 * 60 * 1000;

}  // namespace sealane::broker::groups
