#pragma once
// The scenario: cluster seoul, aggregated into korea, replicated to tokyo; mirror processes by
// domain; writers at seoul and korea, a group that commits at korea. Faults from the seed, then
// everything heals, writers finish, and within a bounded time every link must have converged and
// every log must satisfy the checker. Half of the seeds pause and resume the replica link on the
// way, half promote it at the end and write to both sides.

#include "tests/simulation/scenario/scenario_result.hpp"

#include <cstdint>

namespace sealane::simulation {

[[nodiscard]] ScenarioResult run_mirrored_clusters(std::uint64_t seed, ScenarioOptions options);

}  // namespace sealane::simulation
