#pragma once
// Starting, watching and stopping the daemons of a demo.

#include "common/runtime/world.hpp"
#include "topology/cli/child_process.hpp"
#include "topology/cli/demo_domains.hpp"
#include "topology/cli/demo_home.hpp"

#include <csignal>

namespace sealane::topology {

// Starts a daemon whose configuration is <directory>/config.yaml and waits for its ready line. The
// process id and admin address are filled in. The error has the daemon's last words.
[[nodiscard]] runtime::Task<Status> start_daemon(
    runtime::World& world, DemoProcess& process, DomainUser user, Instant deadline
);

// SIGTERM, then SIGKILL for what is left at the deadline; returns when none runs.
[[nodiscard]] runtime::Task<void> stop_daemons(
    runtime::World& world, const DemoState& state, Instant deadline
);

// A program that the domain's user can reach and run: the one built beside this one, or a copy of
// it below the demo's directory when its folder is closed to others.
[[nodiscard]] Result<std::string> runnable_program(
    const DemoHome& home, const std::string& name, bool separate_users
);
// Every folder above `path` lets others pass.
[[nodiscard]] bool reachable_by_others(const std::string& path);

}  // namespace sealane::topology
