#pragma once
// What it takes to create, grow, delete and configure topics: checks against the image, records
// out (formats 17). Deciders only; MetadataStore::change commits the records.

#include "broker/metadata/image.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

using Records = std::vector<MetadataRecord>;

// 1 to 249 of [a-zA-Z0-9._-], not "." nor "..": kInvalidTopicException says what is wrong.
[[nodiscard]] Status check_topic_name(std::string_view name);
// __consumer_offsets and __transaction_state.
[[nodiscard]] bool is_internal_topic(std::string_view name);
inline constexpr std::string_view kMetadataTopic = "__cluster_metadata";

struct NewTopic {
    std::string name;
    Uuid id;  // from World::random_uuid, not reserved
    std::int32_t partitions = 1;
    std::int16_t replication_factor = 1;  // -1: default
    ConfigOverrides configs;
    LeaderEpoch leader_epoch{0};
};

// kInvalidTopicException (name, or it collides), kTopicAlreadyExists, kInvalidPartitions,
// kInvalidReplicationFactor, kInvalidConfig.
[[nodiscard]] Result<Records> create_topic(
    const Image& image, BrokerId node, const NewTopic& topic
);
// kUnknownTopicOrPartition, kInvalidPartitions. `count`: the new total.
[[nodiscard]] Result<Records> grow_topic(
    const Image& image, BrokerId node, std::string_view topic, std::int32_t count
);
// kUnknownTopicId.
[[nodiscard]] Result<Records> delete_topic(const Image& image, const Uuid& topic);
// Sets (value) or clears (none) keys. kUnknownTopicOrPartition, kInvalidConfig.
using ConfigChanges = std::map<std::string, std::optional<std::string>, std::less<>>;
[[nodiscard]] Result<Records> configure_topic(
    const Image& image, std::string_view topic, const ConfigChanges& changes
);
// New leader epochs for every partition led by `node`: what a restart after a crash is.
[[nodiscard]] Records restart_leadership(const Image& image, BrokerId node);
// Raises one partition's leader epoch to at least `epoch` (promotion of a replica topic).
[[nodiscard]] Result<Records> raise_leader_epoch(
    const Image& image, const TopicPartition& partition, LeaderEpoch epoch
);

}  // namespace sealane::broker
