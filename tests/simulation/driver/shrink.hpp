#pragma once
// Shrinking: of a failing run of the replicated scenario, the smallest plan that was found to fail
// in the same way.

#include "tests/simulation/driver/isolated_run.hpp"

namespace sealane::simulation {

struct Shrunk {
    RunRequest request;     // with the parts that may be left out
    ScenarioResult result;  // of it
    int runs = 0;
};

// Leaves out kinds of faults, single faults, clients, and actions, as long as the run goes on to
// break one of the properties that `failed` broke. Gives up after `seconds` of wall-clock time.
[[nodiscard]] Shrunk shrink(const RunRequest& request, const ScenarioResult& failed, int seconds);

}  // namespace sealane::simulation
