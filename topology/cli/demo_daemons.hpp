#pragma once
// Starting, watching and stopping the daemons of a demo.

#include "common/runtime/world.hpp"
#include "topology/cli/child_process.hpp"
#include "topology/cli/demo_domains.hpp"
#include "topology/cli/demo_home.hpp"

#include <csignal>

namespace sealane::topology {

// Starts a daemon whose configuration is <directory>/config.yaml; the process id is filled in.
[[nodiscard]] Status start_daemon(DemoProcess& process, DomainUser user);
// Waits for the ready line of a daemon that was started; the admin address is filled in. The error
// has the daemon's last words. Brokers of one cluster wait for each other: start all, then wait.
[[nodiscard]] runtime::Task<Status> await_daemon(
    runtime::World& world, DemoProcess& process, Instant deadline
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
