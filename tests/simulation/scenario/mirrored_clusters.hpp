#pragma once
// The scenario: cluster seoul, aggregated into korea, replicated to tokyo; mirror processes by
// domain; writers at seoul and korea, a group that commits at korea. Faults from the seed, then
// everything heals, writers finish, and within a bounded time every link must have converged and
// every log must satisfy the checker. Half of the seeds pause and resume the replica link on the
// way, half promote it at the end and write to both sides.

#include "tests/simulation/checker/history.hpp"

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
    bool promoted = false;
    std::vector<Violation> violations;
    std::vector<std::string> last_lines;  // of the trace, when something is wrong
};

struct ScenarioOptions {
    bool verbose = false;  // every line of the trace to stderr
    bool faults = true;    // without them a run shows whether the programs work at all
    // Disks keep nothing of the topic that they said was synced: a run with crashes must fail, or
    // the checks are worth nothing.
    bool lying_disks = false;
};

[[nodiscard]] ScenarioResult run_mirrored_clusters(std::uint64_t seed, ScenarioOptions options);

}  // namespace sealane::simulation
