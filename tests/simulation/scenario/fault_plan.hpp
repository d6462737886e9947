#pragma once
// Which faults a run has, how often, and how long: all drawn from the seed. Some runs have one
// kind only, some all of them ("swarm").

#include "common/base/rng.hpp"
#include "common/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
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
    kSlowNetwork,
    kPause,       // SIGSTOP
    kIsolate,     // from every other host
    kIsolateOut,  // it hears, nobody hears it
    kIsolateIn,
    kBlackout,   // all servers lose power at once
    kClockJump,  // wall clocks only
    kClockDrift,
    kBitRot,  // one bit of durable data; only where healthy copies are left
    kWipe,    // an empty disk under the same name; likewise
    // Sequences, of the outages scenario.
    kBrownout,       // every disk gets slow, then all servers lose power at once
    kSurge,          // all lose power, and one comes back with an empty disk; likewise
    kStopPowerLoss,  // stopped politely, then the power goes; dies again soon after its start
    kWornDisk,       // syncs of topics' files fail, until the server was stopped politely
    kAssassin,       // whoever gets an office is silenced at once, again and again
};

// Whom a fault strikes. Those with an office are looked for when it strikes.
enum class Victim {
    kHost,
    kController,  // the active controller, as far as there is one
    kLeader,      // of some partition
};

struct Fault {
    FaultKind kind = FaultKind::kCrash;
    Instant at;
    Duration lasts{};
    std::string host;  // also where nobody holds the office
    Victim victim = Victim::kHost;
    std::uint64_t choice = 0;  // of the partition whose leader it is
    std::string other;         // of cuts and resets
    std::int64_t amount = 0;   // of clocks: ms, or parts per million
};

[[nodiscard]] std::string_view name_of(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> fault_kind(std::string_view name);
[[nodiscard]] std::string to_string(const Fault& fault);

// What faults may hit.
struct FaultTargets {
    std::vector<std::string> servers;                        // may crash and have disks
    std::vector<std::pair<std::string, std::string>> links;  // hosts that talk to each other
};

// Faults of these kinds between `from` and `until`, in order of time, `mean_gap_ms` apart.
[[nodiscard]] std::vector<Fault> draw_faults(
    Rng& rng,
    Instant from,
    Instant until,
    const FaultTargets& targets,
    const std::vector<FaultKind>& kinds,
    std::int64_t mean_gap_ms
);
// A third of the faults that silence one server are for whoever holds an office then.
void aim_faults(Rng& rng, std::vector<Fault>& faults);
// Half of `all` on average, at least one.
[[nodiscard]] std::vector<FaultKind> draw_kinds(Rng& rng, const std::vector<FaultKind>& all);
// The kinds of the outages scenario.
[[nodiscard]] const std::vector<FaultKind>& outage_kinds();
// The kinds of the mirrored scenario.
[[nodiscard]] const std::vector<FaultKind>& mirrored_kinds();

}  // namespace sealane::simulation
