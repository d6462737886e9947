#pragma once
// Time as data. Clocks live behind the World seam (common/runtime); everything else is handed
// instants. Durations are std::chrono durations.

#include <chrono>
#include <compare>
#include <cstdint>

namespace sealane {

using Duration = std::chrono::nanoseconds;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""us;

// A point on the monotonic clock of one World.
struct Instant {
    std::int64_t ns = 0;
    friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
    friend constexpr Instant operator+(Instant at, Duration d) {
        // Saturates: "never" plus anything is never.
        return d.count() > 0 && at.ns > INT64_MAX - d.count() ? Instant{INT64_MAX}
                                                              : Instant{at.ns + d.count()};
    }
    friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.ns - b.ns); }
    [[nodiscard]] static constexpr Instant never() { return Instant{INT64_MAX}; }
};

// Wall-clock time in milliseconds since the Unix epoch, as Kafka timestamps are. -1: none.
struct WallTime {
    std::int64_t ms = -1;
    friend constexpr auto operator<=>(const WallTime&, const WallTime&) = default;
};

[[nodiscard]] constexpr std::int64_t to_ms(Duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

}  // namespace sealane
