#include "broker/metadata/cluster_policy.hpp"

namespace sealane::broker {

TopicRules rules_of(const ClusterPolicy& policy, const TopicState& topic) {
    const TopicConfig config = effective_config(policy.topic_defaults, topic.configs);
    return {
        .min_insync_replicas = config.min_insync_replicas,
        .unclean_leader_election = config.unclean_leader_election,
        .flush = config.flush,
    };
}

}  // namespace sealane::broker
