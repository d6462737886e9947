#pragma once
// The words of a link that cores and shells share.

#include "mirror/config/link_kind.hpp"
#include "mirror/link/frames.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace sealane::mirror {

// What a person sees first, of a partition and of a link (the worst of its partitions).
enum class Verdict { kStarting, kOk, kLagging, kStalled, kPaused, kBroken, kPromoted };
[[nodiscard]] std::string_view name_of(Verdict verdict);

// Why something is not copied: a cause, words for people, and which source offsets are concerned.
struct StopCause {
    Cause cause = Cause::kNone;
    std::string detail;
    Offset from = kNoOffset;    // first source offset that could not be copied
    Offset resume = kNoOffset;  // where copying could go on behind the gap; -1: unknown
    friend bool operator==(const StopCause&, const StopCause&) = default;
};

}  // namespace sealane::mirror
