#pragma once
// The scenario of transactions: the replicated scenario without topics that may lose records, and
// besides its clients some that write in transactions, with offsets of groups, and readers of what
// is committed. Faults move and kill coordinators and leaders in the middle of everything.

#include "tests/simulation/scenario/scenario_result.hpp"

namespace sealane::simulation {

[[nodiscard]] ScenarioResult run_transactional_cluster(std::uint64_t seed, ScenarioOptions options);
[[nodiscard]] std::vector<std::string> describe_transactional_cluster(
    std::uint64_t seed, const ScenarioOptions& options
);

}  // namespace sealane::simulation
