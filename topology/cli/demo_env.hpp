#pragma once
// What other clients need to reach a topology's clusters: addresses and certificate files, as shell
// variables with ready-made kcat flags, or as JSON.

#include "topology/model/topology.hpp"

#include <boost/json/value.hpp>

#include <string>

namespace sealane::topology {

[[nodiscard]] std::string demo_env_text(const Topology& topology);
[[nodiscard]] boost::json::value demo_env_json(const Topology& topology);

}  // namespace sealane::topology
