#pragma once
// Rows of the noun "cluster": a body that works on one cluster, and the flags that choose it.

#include "topology/cli/cluster_session.hpp"

namespace sealane::topology {

struct ClusterCommand {
    std::string words;  // behind "cluster"
    std::string arguments{};
    std::string summary{};
    std::string details{};
    std::vector<std::string> flags{};
    std::size_t arguments_min = 0;
    std::size_t arguments_max = 0;
    ClusterBody body;
};
[[nodiscard]] CommandSpec cluster_command(ClusterCommand command);
// A broker's number as people type it; kBadConfig otherwise.
[[nodiscard]] Result<BrokerId> parse_broker(const std::string& text);

[[nodiscard]] std::vector<CommandSpec> reassign_commands();    // reassign ..., drain
[[nodiscard]] std::vector<CommandSpec> membership_commands();  // remove, voter ..., elect

}  // namespace sealane::topology
