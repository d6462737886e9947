#pragma once
// How a cluster's state and health are shown: text for people, JSON for programs.

#include "topology/cli/cluster_reader.hpp"
#include "topology/cluster/cluster_health.hpp"

#include <boost/json/value.hpp>

namespace sealane::topology {

struct ClusterInfo {
    std::string name;
    ClusterState state;
    std::map<std::string, std::int16_t> features;  // finalized levels
};
[[nodiscard]] std::string cluster_info_text(const ClusterInfo& info);
[[nodiscard]] boost::json::value cluster_info_json(const ClusterInfo& info);

[[nodiscard]] std::string brokers_text(
    const ClusterState& state, const std::map<BrokerId, BrokerDisk>& disks
);
[[nodiscard]] boost::json::value brokers_json(
    const ClusterState& state, const std::map<BrokerId, BrokerDisk>& disks
);

// Verdict first.
[[nodiscard]] std::string health_text(
    const std::string& name, const ClusterState& state, const ClusterHealth& health
);
[[nodiscard]] boost::json::value health_json(
    const std::string& name, const ClusterState& state, const ClusterHealth& health
);

}  // namespace sealane::topology
