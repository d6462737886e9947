#pragma once
// The scenario of two clusters of many brokers and a replica link between them: writers, consumers
// and groups at the source, mirror processes on both sides, faults everywhere. After healing both
// clusters must settle, and every log of the source must be at the target, byte for byte at the
// same offsets, and every group where it is at the source.

#include "tests/simulation/scenario/scenario_result.hpp"

namespace sealane::simulation {

[[nodiscard]] ScenarioResult run_replicated_pair(std::uint64_t seed, ScenarioOptions options);
// What a run does, without running it.
[[nodiscard]] std::vector<std::string> describe_replicated_pair(
    std::uint64_t seed, const ScenarioOptions& options
);

}  // namespace sealane::simulation
