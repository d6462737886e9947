#pragma once
// The topology file (YAML) to a Topology: shape, types, names and ranges. What the parts mean
// together is judged by topology/rules.

#include "common/base/result.hpp"
#include "common/config/problems.hpp"
#include "topology/model/topology.hpp"

#include <string_view>

namespace sealane::topology {

// Everything that could be read; what is wrong goes to `problems`, whose file name is used. A
// topology with problems is good for drawing and further findings, not for running.
[[nodiscard]] Topology parse_topology(std::string_view text, config::Problems& problems);
// The same; kBadConfig lists all problems.
[[nodiscard]] Result<Topology> parse_topology(std::string_view text, std::string file);

}  // namespace sealane::topology
