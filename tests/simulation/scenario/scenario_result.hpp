#pragma once
// What a run of any scenario is told and tells.

#include "tests/checker/violation.hpp"
#include "tests/simulation/world/simulator.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sealane::simulation {

struct ScenarioResult {
    std::uint64_t seed = 0;
    std::uint64_t hash = 0;  // of the trace
    std::uint64_t events = 0;
    double virtual_seconds = 0;
    std::int64_t acknowledged = 0;
    int faults = 0;
    int crashes = 0;
    std::string notes;  // a few words about what happened
    std::vector<checker::Violation> violations;
    std::vector<std::string> last_lines;  // of the trace, when something is wrong
    std::vector<std::string> plan;        // what happens in it, where the scenario has one
};

struct ScenarioOptions {
    bool verbose = false;  // every line of the trace to stderr
    bool faults = true;    // without them a run shows whether the programs work at all
    // Disks keep nothing of the topics that they said was synced: a run with crashes must fail, or
    // the checks are worth nothing.
    bool lying_disks = false;
    bool outages = false;  // the outages scenario, of the replicated one's making
    int brokers = 0;       // of a replicated cluster; 0: drawn
    std::string without;   // parts of the plan that are left out (Omissions)
    std::string history;   // a file for the history as JSON lines; empty: none
};

// What the trace knows: hash, length, and the last lines when something is wrong.
void take_trace(ScenarioResult& result, Simulator& simulator);

}  // namespace sealane::simulation
