#pragma once
// Programs beside the writers: one that commits a group's offsets, one that watches figures which
// may only grow, one that operates a link.

#include "tests/checker/progress.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sealane::simulation {

// Commits growing offsets of `group`, never beyond the high watermark, until told to stop.
struct CommitterState {
    bool stop = false;
    bool finished = false;  // stopped, and every commit that was tried is acknowledged
    std::map<TopicPartition, Offset> acknowledged;
};
[[nodiscard]] SimProcess::Factory committer_program(
    runtime::Endpoint bootstrap,
    std::string group,
    std::vector<TopicPartition> partitions,
    CommitterState& state
);

// Samples until the end of the run.
struct Observed {
    checker::Progress high_watermarks{"high watermark"};
    checker::Progress commits{"committed offset"};
};
[[nodiscard]] SimProcess::Factory observer_program(
    runtime::Endpoint bootstrap,
    std::string group,
    std::vector<TopicPartition> partitions,
    Observed& seen
);

// Performs operations on a link one after the other, each until the target cluster accepts it.
struct LinkStep {
    Duration before{};          // waits so long first
    std::int8_t operation = 0;  // kafka::kLinkPause, ...
};
struct OperatorState {
    bool done = false;
};
[[nodiscard]] SimProcess::Factory operator_program(
    runtime::Endpoint bootstrap, std::string link, std::vector<LinkStep> steps, OperatorState& state
);

}  // namespace sealane::simulation
