#pragma once
// From the configuration to the settings of the broker's parts. Plain translation.

#include "broker/config/broker_config.hpp"
#include "broker/log/log_directory.hpp"
#include "broker/metadata/controller.hpp"
#include "broker/peers/peers.hpp"
#include "broker/quorum/quorum.hpp"
#include "broker/replication/replication_config.hpp"

namespace sealane::broker {

// __cluster_metadata-0.
[[nodiscard]] const TopicPartition& metadata_partition();

[[nodiscard]] LogDirectoryConfig directory_config(const BrokerConfig& config);
[[nodiscard]] LogSettings metadata_log_settings();
[[nodiscard]] PeerOptions peer_options(const BrokerConfig& config);
[[nodiscard]] quorum::QuorumConfig quorum_config(const BrokerConfig& config);
[[nodiscard]] ReplicationConfig replication_config(const BrokerConfig& config);
[[nodiscard]] ControllerSettings controller_settings(const BrokerConfig& config);

}  // namespace sealane::broker
