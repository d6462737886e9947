#pragma once
// The order in which pictures show a topology: domains in columns, sources of links left of their
// targets, everything else in file order.

#include "topology/model/topology.hpp"

#include <string>
#include <vector>

namespace sealane::topology {

struct DomainGroup {
    std::string name;
    std::size_t column = 0;
    std::vector<const Cluster*> clusters;
};

// Domains that hold clusters, by column and then file order. A link that would close a circle does
// not push its target to the right. The topology must outlive the result.
[[nodiscard]] std::vector<DomainGroup> group_by_domain(const Topology& topology);

// Links whose two clusters are known, in file order.
[[nodiscard]] std::vector<const Link*> drawable_links(const Topology& topology);

// "sealane, 3 brokers" or "kafka"; "rpo 5s, rto 30s" or nothing.
[[nodiscard]] std::string describe(const Cluster& cluster);
[[nodiscard]] std::string describe(const Objectives& objectives);

}  // namespace sealane::topology
