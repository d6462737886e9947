#include "tests/simulation/scenario/fault_plan.hpp"

namespace sealane::simulation {
namespace {

constexpr FaultKind kAll[] = {
    FaultKind::kCrash,
    FaultKind::kCutBoth,
    FaultKind::kCutOneWay,
    FaultKind::kReset,
    FaultKind::kSlowDisk,
    FaultKind::kFullDisk,
    FaultKind::kBadDisk,
    FaultKind::kSlowNetwork
};

const char* name_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::kCrash:
            return "crash";
        case FaultKind::kCutBoth:
            return "cut";
        case FaultKind::kCutOneWay:
            return "cut-one-way";
        case FaultKind::kReset:
            return "reset";
        case FaultKind::kSlowDisk:
            return "slow-disk";
        case FaultKind::kFullDisk:
            return "full-disk";
        case FaultKind::kBadDisk:
            return "bad-disk";
        case FaultKind::kSlowNetwork:
            return "slow-network";
    }
    return "";
}

}  // namespace

std::string to_string(const Fault& fault) {
    std::string text = std::string("FAULT ") + name_of(fault.kind) + " " + fault.host;
    if (!fault.other.empty()) text += " " + fault.other;
    return text + " for " + std::to_string(to_ms(fault.lasts)) + " ms";
}

std::vector<Fault> draw_faults(
    Rng& rng,
    Instant from,
    Instant until,
    const std::vector<std::string>& servers,
    const std::vector<std::pair<std::string, std::string>>& links
) {
    std::vector<FaultKind> kinds;
    for (const FaultKind kind : kAll) {
        if (rng.chance(1, 2)) kinds.push_back(kind);
    }
    if (kinds.empty()) kinds.push_back(FaultKind::kCrash);
    const std::int64_t mean_gap_ms = rng.between(100, 3'000);
    std::vector<Fault> faults;
    Instant at = from;
    while (true) {
        at = at + std::chrono::milliseconds(rng.between(1, 2 * mean_gap_ms));
        if (at >= until) return faults;
        Fault fault;
        fault.kind = kinds[rng.below(kinds.size())];
        fault.at = at;
        fault.lasts = std::chrono::milliseconds(
            rng.chance(1, 6) ? rng.between(2'000, 15'000) : rng.between(1, 2'000)
        );
        fault.host = servers[rng.below(servers.size())];
        if (fault.kind == FaultKind::kCutBoth || fault.kind == FaultKind::kCutOneWay ||
            fault.kind == FaultKind::kReset) {
            const auto& [a, b] = links[rng.below(links.size())];
            const bool swapped = rng.chance(1, 2);
            fault.host = swapped ? b : a;
            fault.other = swapped ? a : b;
        }
        faults.push_back(std::move(fault));
    }
}

}  // namespace sealane::simulation
