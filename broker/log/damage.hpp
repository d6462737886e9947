#pragma once
// What recovery does about a place where the stored bytes stop being valid batches. A core.
//
// The end of a log may be torn: a crash leaves part of what was never synced, in any order. That is
// cut. Damage to what was once durable is no torn end, and cutting there would drop records that
// somebody was told are safe: such a log stays as it is, readable up to the damage.

#include "common/base/ids.hpp"

namespace sealane::broker {

struct DamageFacts {
    Offset expected;           // the next offset when the bytes stop being valid
    Offset recovery_point;     // everything below was durable
    bool valid_after = false;  // valid batches with higher offsets follow the damage
    bool later_segments = false;
};

enum class DamageVerdict : std::uint8_t {
    kCut,         // torn end: truncate here, delete later segments
    kSetAside,    // the same, but keep a copy of the cut bytes: valid batches are among them
    kStayOffline  // durable records are damaged or gone: change nothing
};

[[nodiscard]] constexpr DamageVerdict judge_damage(const DamageFacts& facts) {
    if (facts.expected < facts.recovery_point) return DamageVerdict::kStayOffline;
    return facts.valid_after || facts.later_segments ? DamageVerdict::kSetAside
                                                     : DamageVerdict::kCut;
}

}  // namespace sealane::broker
