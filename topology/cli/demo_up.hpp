#pragma once
// What `sealane demo up` does, step by step; each step can be repeated, so that a second run only
// starts what does not run.

#include "topology/cli/command.hpp"
#include "topology/cli/demo_home.hpp"
#include "topology/cli/output.hpp"
#include "topology/model/topology.hpp"

namespace sealane::topology {

struct DemoRun {
    CommandContext context;
    DemoHome home;
    Progress progress;
    Topology topology;
    DemoState state;
};

// Topology file, keys, configurations and folders of `run.home`, made where missing.
[[nodiscard]] Status prepare_demo(DemoRun& run);
// Starts every daemon that does not run, brokers first.
[[nodiscard]] runtime::Task<Status> start_demo(DemoRun& run, Instant deadline);

}  // namespace sealane::topology
