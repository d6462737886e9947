#pragma once
// Which servers a run has and how they are set up: three brokers and a mirror process per domain,
// with settings that the seed draws.

#include "common/base/rng.hpp"
#include "mirror/config/mirror_config.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sealane::simulation {

inline constexpr const char* kTopic = "logs.app";
inline constexpr std::int32_t kPartitions = 2;
inline constexpr const char* kGroup = "readers";
inline constexpr const char* kReplicaLinkName = "k-t";

[[nodiscard]] runtime::Endpoint broker_at(const std::string& host);
// One half of a link whose processes meet in a socket of that name.
[[nodiscard]] mirror::HalfConfig link_half(
    std::string link, mirror::HalfRole role, std::string cluster, mirror::LinkKind kind
);
// The mirror process of one domain.
[[nodiscard]] mirror::MirrorConfig domain_mirror(
    const std::string& domain,
    std::vector<runtime::Endpoint> bootstrap,
    std::vector<mirror::HalfConfig> halves
);

struct ServerPlan {
    std::string host;
    SimProcess::Factory program;
};
[[nodiscard]] std::vector<ServerPlan> plan_servers(Rng& rng);
// Pairs of hosts that talk to each other.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> talking_pairs();

}  // namespace sealane::simulation
