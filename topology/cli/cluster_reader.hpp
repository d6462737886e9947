#pragma once
// Reads the state of a running cluster (topology/cluster) through the Kafka protocol, so that the
// same commands work with Sealane and with Apache Kafka.

#include "common/client/cluster_client.hpp"
#include "topology/cli/cluster_session.hpp"
#include "topology/cluster/cluster_state.hpp"

#include <map>

namespace sealane::topology {

// Brokers, partitions, what is being moved, the quorum (a quorum that does not answer is part of
// the state, not an error) and min.insync.replicas of every topic.
[[nodiscard]] runtime::Task<Result<ClusterState>> read_cluster_state(
    ClusterSession& session, Instant deadline
);

// What each live broker has on disk.
struct BrokerDisk {
    std::int64_t used_bytes = 0;
    std::int64_t free_bytes = -1;  // -1: not told
    std::map<TopicPartition, std::int64_t> sizes;
};
// Brokers that do not answer are left out.
[[nodiscard]] runtime::Task<std::map<BrokerId, BrokerDisk>> read_disks(
    ClusterSession& session, const ClusterState& state, Instant deadline
);

}  // namespace sealane::topology
