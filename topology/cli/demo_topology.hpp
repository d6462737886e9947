#pragma once
// The demo's topology: a shipped file (ops/demo/topology.yaml, built into the program) or a file
// that a person names, completed with addresses and folders of this machine.

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "topology/cli/demo_home.hpp"

#include <functional>
#include <string>

namespace sealane::topology {

// The shipped file.
[[nodiscard]] std::string shipped_topology();

struct DemoScale {
    // Of each cluster; 0: as the file says. Else the file's one broker is the model of all.
    std::int32_t brokers = 0;
    // The ids of clusters of several brokers.
    std::function<Uuid()> new_id;
};
inline constexpr std::int32_t kDemoBrokersMax = 7;

// `text` with an address for every listener that has none (the usual demo port where it is free,
// else any free port), admin addresses, and paths below the demo's directory, as YAML.
[[nodiscard]] Result<std::string> complete_topology(
    const std::string& text,
    const std::string& file_name,
    const DemoHome& home,
    const DemoScale& scale = {}
);

}  // namespace sealane::topology
