#pragma once
// The rows of the command table by noun; one file each (demo_commands.cpp, ...).

#include "topology/cli/command.hpp"

namespace sealane::topology {

[[nodiscard]] std::vector<CommandSpec> demo_commands();  // up, status, env, down
[[nodiscard]] std::vector<CommandSpec> topic_commands(
);  // create, list, describe, produce, consume, delete
[[nodiscard]] std::vector<CommandSpec> group_commands();  // list, describe
[[nodiscard]] std::vector<CommandSpec> cluster_commands(
);  // info, brokers, health, reassign ..., drain, remove, voter ..., elect
[[nodiscard]] std::vector<CommandSpec> link_commands(
);  // list, status, verify, pause, resume, promote
[[nodiscard]] std::vector<CommandSpec> topology_commands();  // validate, graph, status
[[nodiscard]] std::vector<CommandSpec> drill_commands();     // run
[[nodiscard]] std::vector<CommandSpec> shell_commands();     // completion, reference, version

}  // namespace sealane::topology
