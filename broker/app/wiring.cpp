#include "broker/app/wiring.hpp"

#include "broker/metadata/topic_decisions.hpp"

namespace sealane::broker {

const TopicPartition& metadata_partition() {
    static const TopicPartition kPartition{std::string(kMetadataTopic), PartitionId(0)};
    return kPartition;
}

LogDirectoryConfig directory_config(const BrokerConfig& config) {
    LogDirectoryConfig directory;
    directory.path = config.log_dir;
    directory.node_id = config.node_id;
    directory.cluster_id = Uuid::parse(config.cluster_id).value_or(Uuid{});
    directory.default_log = log_config(config.topic_defaults);
    directory.checkpoint_interval = config.checkpoint_interval;
    return directory;
}

LogSettings metadata_log_settings() {
    LogSettings settings;
    settings.config.retention_ms = -1;
    settings.config.retention_deletes = false;
    settings.config.flush = FlushMode::kSynced;
    return settings;
}

PeerOptions peer_options(const BrokerConfig& config) {
    PeerOptions options;
    options.client_id = "broker-" + std::to_string(config.node_id.value);
    // Without a listener validate() refuses to start.
    if (!config.listeners.empty()) options.tls = config.inter_broker_listener().tls;
    options.connect_timeout = config.cluster.quorum_fetch_timeout;
    return options;
}

quorum::QuorumConfig quorum_config(const BrokerConfig& config) {
    quorum::QuorumConfig quorum;
    quorum.node = config.node_id;
    for (const QuorumVoter& voter : config.cluster.voters) {
        quorum.voters.push_back({voter.id, voter.endpoint, Uuid{}});
    }
    if (!config.listeners.empty()) quorum.listener = config.inter_broker_listener().name;
    quorum.fetch_timeout = config.cluster.quorum_fetch_timeout;
    quorum.election_timeout = config.cluster.quorum_election_timeout;
    return quorum;
}

ReplicationConfig replication_config(const BrokerConfig& config) {
    const ClusterConfig& cluster = config.cluster;
    ReplicationConfig replication;
    replication.directory = config.log_dir;
    replication.lag_max = cluster.replica_lag_time_max;
    replication.fetch_wait = cluster.replica_fetch_wait;
    replication.fetch_max_bytes = cluster.replica_fetch_max_bytes;
    replication.fetch_response_max_bytes = cluster.replica_fetch_response_max_bytes;
    replication.throttle_bytes = cluster.replication_throttle_bytes;
    replication.scrub_interval = cluster.scrub_interval;
    replication.scrub_bytes = cluster.scrub_bytes;
    return replication;
}

ControllerSettings controller_settings(const BrokerConfig& config) {
    ControllerSettings settings;
    settings.policy.topic_defaults = config.topic_defaults;
    settings.policy.default_replication_factor = config.cluster.default_replication_factor;
    settings.sessions.session_timeout = config.cluster.session_timeout;
    settings.sessions.session_timeout_disconnected = shortest_session(config.cluster);
    settings.leader_imbalance_check_interval = config.cluster.leader_imbalance_check_interval;
    return settings;
}

}  // namespace sealane::broker
