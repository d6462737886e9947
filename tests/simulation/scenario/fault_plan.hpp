#pragma once
// Which faults a run has, how often, and how long: all drawn from the seed. Some runs have one
// kind only, some all of them ("swarm").

#include "common/base/rng.hpp"
#include "common/base/time.hpp"

#include <string>
#include <vector>

namespace sealane::simulation {

enum class FaultKind {
    kCrash,
    kCutBoth,
    kCutOneWay,
    kReset,
    kSlowDisk,
    kFullDisk,
    kBadDisk,
    kSlowNetwork
};

struct Fault {
    FaultKind kind = FaultKind::kCrash;
    Instant at;
    Duration lasts{};
    std::string host;
    std::string other;  // of cuts and resets
};

[[nodiscard]] std::string to_string(const Fault& fault);

// Faults between `from` and `until`, in order of time. `servers` may crash and have disks;
// `links`: pairs of hosts that talk to each other.
[[nodiscard]] std::vector<Fault> draw_faults(
    Rng& rng,
    Instant from,
    Instant until,
    const std::vector<std::string>& servers,
    const std::vector<std::pair<std::string, std::string>>& links
);

}  // namespace sealane::simulation
