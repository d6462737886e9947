#pragma once
// The demo's topology: a shipped file (ops/demo/topology.yaml, built into the program) or a file
// that a person names, completed with addresses and folders of this machine.

#include "common/base/result.hpp"
#include "topology/cli/demo_home.hpp"

#include <string>

namespace sealane::topology {

// The shipped file.
[[nodiscard]] std::string shipped_topology();

// `text` with an address for every listener that has none (the usual demo port where it is free,
// else any free port), admin addresses, and paths below the demo's directory, as YAML.
[[nodiscard]] Result<std::string> complete_topology(
    const std::string& text, const std::string& file_name, const DemoHome& home
);

}  // namespace sealane::topology
