#pragma once
// Which topology a command works on: --topology, else the running demo's.

#include "topology/cli/command.hpp"
#include "topology/model/topology.hpp"

namespace sealane::topology {

// The file's name; kBadConfig when none was named and no demo is there.
[[nodiscard]] Result<std::string> topology_file(const Invocation& invocation);
// Read and parsed, paths of secrets made relative to nothing; kBadConfig lists every problem.
[[nodiscard]] Result<Topology> load_topology(const std::string& file);
[[nodiscard]] Result<std::string> read_text_file(const std::string& file);

}  // namespace sealane::topology
