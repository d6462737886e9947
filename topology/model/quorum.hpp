#pragma once
// How the brokers of one cluster of the file find each other: the cluster's id, who votes in its
// metadata quorum, and over which listener its nodes talk.

#include "topology/model/topology.hpp"

namespace sealane::topology {

// A quorum larger than this costs every metadata change more than it protects.
inline constexpr std::size_t kVotersMax = 5;

// The id that every broker of the cluster is given: the file's, or one that follows from the names
// of topology and cluster, so that it is the same wherever the file is rendered.
[[nodiscard]] std::string cluster_id_of(const Topology& topology, const Cluster& cluster);
// The file's voters, or the first one, three or five brokers in the order of the file: an even
// number survives no more losses than the odd number below it.
[[nodiscard]] std::vector<std::int32_t> voters_of(const Cluster& cluster);
// The name of the listener that nodes use among themselves: the first TLS listener of the first
// broker, or its first listener where there is no TLS.
[[nodiscard]] std::string inter_broker_listener(const Cluster& cluster);
// That listener of one broker; null when the broker has none of that name.
[[nodiscard]] const Listener* inter_broker_listener(const Cluster& cluster, const Broker& broker);
// Where the other nodes reach a listener; nothing while no port is assigned.
[[nodiscard]] std::optional<HostPort> reachable_address(const Listener& listener);
// The principals of the cluster's own nodes on that listener, each once.
[[nodiscard]] std::vector<std::string> broker_principals(
    const Topology& topology, const Cluster& cluster
);

}  // namespace sealane::topology
