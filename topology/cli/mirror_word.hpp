#pragma once
// What the mirror processes themselves say of their links, beside what the clusters say: a mirror
// that is down or stuck is named even while nothing lags yet.

#include "topology/cli/link_status.hpp"

#include <map>
#include <string>

namespace sealane::topology {

// Admin address (host:port) of each domain's mirror process, as far as known.
using MirrorAddresses = std::map<std::string, std::string>;

// From the topology file, completed by the running demo's state where this is its topology.
[[nodiscard]] MirrorAddresses mirror_addresses(
    const Topology& topology, const Invocation& invocation
);

// Asks the mirror processes of both ends of the link; a worse verdict than the one found so far
// replaces it, with its cause.
[[nodiscard]] runtime::Task<void> add_mirror_word(
    runtime::World& world,
    const Topology& topology,
    const MirrorAddresses& addresses,
    LinkStatus& status,
    Instant deadline
);

}  // namespace sealane::topology
