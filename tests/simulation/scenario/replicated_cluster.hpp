#pragma once
// The scenario of one cluster of many brokers: writers, consumers, groups and an administrator;
// faults from the seed; then everything heals, and within a bounded time every partition must have
// a leader and all its replicas in sync and equal, every write an answer, and every consumer the
// end. Then the history of the clients and the disks of the nodes are checked (tests/checker).

#include "tests/simulation/scenario/scenario_result.hpp"

namespace sealane::simulation {

[[nodiscard]] ScenarioResult run_replicated_cluster(std::uint64_t seed, ScenarioOptions options);
// What a run does, without running it.
[[nodiscard]] std::vector<std::string> describe_replicated_cluster(
    std::uint64_t seed, const ScenarioOptions& options
);

}  // namespace sealane::simulation
