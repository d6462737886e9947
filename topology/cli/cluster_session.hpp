#pragma once
// One command's access to one cluster: chosen by --cluster from the topology, or by --bootstrap.

#include "common/client/cluster_client.hpp"
#include "topology/cli/command.hpp"
#include "topology/model/topology.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sealane::topology {

struct ClusterSession {
    const CommandContext& context;
    std::string name;    // of the topology, or the bootstrap list
    std::string access;  // the flag that names it: "--cluster=korea"
    client::ClusterClient& cluster;
    Instant deadline;  // of the whole command, from --timeout
};

// The flags that choose a cluster and say how it is reached, behind a command's own.
[[nodiscard]] std::vector<std::string> with_access(std::vector<std::string> own = {});

using ClusterBody = std::function<runtime::Task<Result<ExitCode>>(ClusterSession&)>;

// Opens the chosen cluster, runs the body, closes it; errors are printed and become exit codes.
// With little patience a broker that is dead or paused is left for another one within seconds,
// which is right for questions that any broker can answer.
enum class Patience : std::uint8_t { kUsual, kLittle };
[[nodiscard]] runtime::Task<ExitCode> with_cluster(
    CommandContext context, ClusterBody body, Patience patience = Patience::kUsual
);

// Client options for the chosen cluster and its name; kBadConfig says what to type.
struct ChosenCluster {
    std::string name;
    client::ClientOptions options;
};
[[nodiscard]] Result<ChosenCluster> choose_cluster(const Invocation& invocation);
// Client options for a cluster of a topology as its domain's operator.
[[nodiscard]] Result<client::ClientOptions> client_options(
    const Topology& topology, const Cluster& cluster, ListenerSecurity security
);
// now + --timeout.
[[nodiscard]] Result<Instant> command_deadline(const CommandContext& context);

}  // namespace sealane::topology
