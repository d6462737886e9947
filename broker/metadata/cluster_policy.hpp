#pragma once
// ClusterPolicy: what the controller decides by, beyond what the image says: configuration that all
// nodes agree on. TopicRules: what of it matters for the replicas of one topic.

#include "broker/metadata/image.hpp"
#include "broker/metadata/topic_config.hpp"

#include <cstdint>

namespace sealane::broker {

struct ClusterPolicy {
    // min.insync.replicas, unclean.leader.election.enable and sealane.flush, unless a topic has its
    // own. Brokers must judge by the same values.
    TopicConfig topic_defaults;
    std::int16_t default_replication_factor = -1;  // -1: three, or as many as there are brokers
};

struct TopicRules {
    std::int32_t min_insync_replicas = 1;
    bool unclean_leader_election = false;
    FlushMode flush = FlushMode::kSynced;
    friend bool operator==(const TopicRules&, const TopicRules&) = default;
};
[[nodiscard]] TopicRules rules_of(const ClusterPolicy& policy, const TopicState& topic);

}  // namespace sealane::broker
