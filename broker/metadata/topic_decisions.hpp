#pragma once
// What it takes to create, grow, delete and configure topics: checks against the image, records
// out (formats 17). Deciders only; MetadataStore::change commits the records.

#include "broker/metadata/cluster_policy.hpp"
#include "broker/metadata/config_records.hpp"
#include "broker/metadata/image.hpp"
#include "common/base/rng.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

// 1 to 249 of [a-zA-Z0-9._-], not "." nor "..": kInvalidTopicException says what is wrong.
[[nodiscard]] Status check_topic_name(std::string_view name);
// __consumer_offsets and __transaction_state.
[[nodiscard]] bool is_internal_topic(std::string_view name);
inline constexpr std::string_view kMetadataTopic = "__cluster_metadata";

// A list of replicas for each partition, in the order of the partitions.
using Assignments = std::vector<std::vector<BrokerId>>;

struct NewTopic {
    std::string name;
    Uuid id;  // from World::random_uuid, not reserved
    std::int32_t partitions = 1;
    std::int16_t replication_factor = -1;  // -1: default
    // Not empty: instead of the two counts, which then must be -1 each.
    Assignments assignments;
    ConfigOverrides configs;
    LeaderEpoch leader_epoch{0};
};

// The number of replicas that -1 stands for.
[[nodiscard]] std::int16_t default_replication_factor(
    const Image& image, const ClusterPolicy& policy
);
// kInvalidTopicException (name, or it collides), kTopicAlreadyExists, kInvalidPartitions,
// kInvalidReplicationFactor, kInvalidReplicaAssignment, kInvalidRequest (assignments together with
// counts), kPolicyViolation (too many partitions at once), kInvalidConfig.
[[nodiscard]] Result<Records> create_topic(
    const Image& image, const ClusterPolicy& policy, Rng& rng, const NewTopic& topic
);

struct MorePartitions {
    std::string topic;
    std::int32_t count = 0;                  // the new total
    std::optional<Assignments> assignments;  // of the new partitions only
};
// New partitions have as many replicas as the first one. kUnknownTopicOrPartition,
// kInvalidPartitions, kInvalidReplicaAssignment, kReassignmentInProgress, kPolicyViolation.
[[nodiscard]] Result<Records> grow_topic(const Image& image, Rng& rng, const MorePartitions& asked);
// kUnknownTopicId.
[[nodiscard]] Result<Records> delete_topic(const Image& image, const Uuid& topic);
// Sets (value) or clears (none) keys. kUnknownTopicOrPartition, kInvalidConfig.
// Where a smaller min.insync.replicas lets the in-sync set go on alone, the ELR ends in the same
// batch: its members miss what is committed from now on.
[[nodiscard]] Result<Records> configure_topic(
    const Image& image,
    const ClusterPolicy& policy,
    std::string_view topic,
    const ConfigChanges& changes
);
// New leader epochs for every partition led by `node`: what a restart after a crash is for a node
// that does not register.
[[nodiscard]] Records restart_leadership(const Image& image, BrokerId node);
// Raises one partition's leader epoch to at least `epoch` (promotion of a replica topic).
[[nodiscard]] Result<Records> raise_leader_epoch(
    const Image& image, const TopicPartition& partition, LeaderEpoch epoch
);

}  // namespace sealane::broker
