#pragma once
// The administrator of a run: creates topics, and later does what the plan says, one thing after
// the other, as a person with Kafka's tools would.

#include "tests/simulation/scenario/recording_clients.hpp"

#include <vector>

namespace sealane::simulation {

struct AdminControl {
    bool done = false;
    int performed = 0;
    int refused = 0;
};

// Creates the topics of the plan; done when all of them have leaders.
[[nodiscard]] SimProcess::Factory setup_program(
    const ReplicatedPlan& plan, Recording& recording, AdminControl& control
);
// Elects leaders with loss where topics that may lose records have none.
[[nodiscard]] SimProcess::Factory last_resort_program(
    const ReplicatedPlan& plan, Recording& recording
);
// Performs actions (all but rolling restarts, which are the scenario's) at their times. Each is
// tried for a while; what the cluster refuses or cannot do under faults is only counted.
[[nodiscard]] SimProcess::Factory admin_program(
    const ReplicatedPlan& plan,
    std::vector<ActionPlan> actions,
    Recording& recording,
    AdminControl& control
);

}  // namespace sealane::simulation
