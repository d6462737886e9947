#include "tests/simulation/scenario/fault_plan.hpp"

#include <algorithm>
#include <iterator>

namespace sealane::simulation {
namespace {

struct Named {
    FaultKind kind;
    std::string_view name;
};
constexpr Named kNames[] = {
    {FaultKind::kCrash, "crash"},
    {FaultKind::kCutBoth, "cut"},
    {FaultKind::kCutOneWay, "cut-one-way"},
    {FaultKind::kReset, "reset"},
    {FaultKind::kSlowDisk, "slow-disk"},
    {FaultKind::kFullDisk, "full-disk"},
    {FaultKind::kBadDisk, "bad-disk"},
    {FaultKind::kSlowNetwork, "slow-network"},
    {FaultKind::kPause, "pause"},
    {FaultKind::kIsolate, "isolate"},
    {FaultKind::kIsolateOut, "isolate-out"},
    {FaultKind::kIsolateIn, "isolate-in"},
    {FaultKind::kBlackout, "blackout"},
    {FaultKind::kClockJump, "clock-jump"},
    {FaultKind::kClockDrift, "clock-drift"},
    {FaultKind::kBitRot, "bit-rot"},
    {FaultKind::kWipe, "wipe"},
    {FaultKind::kBrownout, "brownout"},
    {FaultKind::kSurge, "surge"},
    {FaultKind::kStopPowerLoss, "stop-power-loss"},
    {FaultKind::kWornDisk, "worn-disk"},
    {FaultKind::kAssassin, "assassin"},
};

bool is_between_two(FaultKind kind) {
    return kind == FaultKind::kCutBoth || kind == FaultKind::kCutOneWay ||
           kind == FaultKind::kReset;
}

bool may_be_aimed(FaultKind kind) {
    return kind == FaultKind::kCrash || kind == FaultKind::kPause || kind == FaultKind::kIsolate ||
           kind == FaultKind::kIsolateOut || kind == FaultKind::kIsolateIn;
}

// Jepsen's range: half the seconds, the other half up to 288 s or an hour, back or forth.
std::int64_t draw_jump(Rng& rng) {
    const std::int64_t most = rng.chance(1, 2) ? 2'000 : rng.chance(2, 3) ? 288'000 : 3'600'000;
    return rng.between(-most, most);
}

}  // namespace

std::string_view name_of(FaultKind kind) {
    return std::ranges::find(kNames, kind, &Named::kind)->name;
}

std::optional<FaultKind> fault_kind(std::string_view name) {
    const auto* const found = std::ranges::find(kNames, name, &Named::name);
    if (found == std::end(kNames)) return std::nullopt;
    return found->kind;
}

std::string to_string(const Fault& fault) {
    std::string text = "FAULT " + std::string(name_of(fault.kind)) + " ";
    if (fault.victim == Victim::kController) text += "the controller, else ";
    if (fault.victim == Victim::kLeader) text += "a leader, else ";
    text += fault.host;
    if (!fault.other.empty()) text += " " + fault.other;
    if (fault.amount != 0) text += " by " + std::to_string(fault.amount);
    return text + " for " + std::to_string(to_ms(fault.lasts)) + " ms";
}

const std::vector<FaultKind>& mirrored_kinds() {
    static const std::vector<FaultKind> kinds{
        FaultKind::kCrash,
        FaultKind::kCutBoth,
        FaultKind::kCutOneWay,
        FaultKind::kReset,
        FaultKind::kSlowDisk,
        FaultKind::kFullDisk,
        FaultKind::kBadDisk,
        FaultKind::kSlowNetwork,
    };
    return kinds;
}

const std::vector<FaultKind>& outage_kinds() {
    static const std::vector<FaultKind> kinds{
        FaultKind::kCrash,
        FaultKind::kCutBoth,
        FaultKind::kSlowDisk,
        FaultKind::kSlowNetwork,
        FaultKind::kPause,
        // Twice: half of them mostly, each mostly.
        FaultKind::kBrownout,
        FaultKind::kSurge,
        FaultKind::kStopPowerLoss,
        FaultKind::kWornDisk,
        FaultKind::kAssassin,
        FaultKind::kBrownout,
        FaultKind::kSurge,
        FaultKind::kStopPowerLoss,
        FaultKind::kWornDisk,
        FaultKind::kAssassin,
    };
    return kinds;
}

std::vector<FaultKind> draw_kinds(Rng& rng, const std::vector<FaultKind>& all) {
    std::vector<FaultKind> kinds;
    for (const FaultKind kind : all) {
        if (rng.chance(1, 2)) kinds.push_back(kind);
    }
    if (kinds.empty()) kinds.push_back(FaultKind::kCrash);
    return kinds;
}

std::vector<Fault> draw_faults(
    Rng& rng,
    Instant from,
    Instant until,
    const FaultTargets& targets,
    const std::vector<FaultKind>& kinds,
    std::int64_t mean_gap_ms
) {
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
        fault.host = targets.servers[rng.below(targets.servers.size())];
        if (is_between_two(fault.kind)) {
            const auto& [a, b] = targets.links[rng.below(targets.links.size())];
            const bool swapped = rng.chance(1, 2);
            fault.host = swapped ? b : a;
            fault.other = swapped ? a : b;
        }
        if (fault.kind == FaultKind::kBrownout)
            fault.lasts = std::chrono::milliseconds(rng.between(100, 3'000));
        if (fault.kind == FaultKind::kAssassin) {
            fault.lasts = std::chrono::milliseconds(rng.between(3'000, 15'000));
            fault.victim = rng.chance(1, 2) ? Victim::kController : Victim::kLeader;
            fault.choice = rng.next();
        }
        if (fault.kind == FaultKind::kClockJump) fault.amount = draw_jump(rng);
        if (fault.kind == FaultKind::kClockDrift) fault.amount = rng.between(-50'000, 50'000);
        faults.push_back(std::move(fault));
    }
}

void aim_faults(Rng& rng, std::vector<Fault>& faults) {
    for (Fault& fault : faults) {
        if (!may_be_aimed(fault.kind) || !rng.chance(1, 3)) continue;
        fault.victim = rng.chance(1, 2) ? Victim::kController : Victim::kLeader;
        fault.choice = rng.next();
    }
}

}  // namespace sealane::simulation
