#pragma once
// Scalars of configuration files: how their text is read and written, one pair of functions a
// type. Errors are phrases that say what was expected ("expected bytes such as 10MiB").
//   bytes      1048576, 64KiB, 10MiB, 1GiB, 2TiB (powers of 1024), 10kB, 5MB, 1GB (powers of 1000)
//   durations  250us, 500ms, 30s, 5m, 12h, 7d; 0 needs no unit
//   millis     a number of milliseconds as Kafka writes it, or a duration; -1 where allowed

#include "common/base/result.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::config {

// Host and port as written; port 0: any free one.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
    friend auto operator<=>(const HostPort&, const HostPort&) = default;
    [[nodiscard]] std::string to_string() const;  // "[::1]:9092" for IPv6
};

// What the number behind a key counts; decides which suffixes its value may carry.
enum class Unit : std::uint8_t { kNone, kBytes, kMillis, kSeconds, kMinutes, kHours, kPercent };

[[nodiscard]] Result<bool> parse_bool(std::string_view text);
[[nodiscard]] Result<std::int64_t> parse_int(std::string_view text);
[[nodiscard]] Result<double> parse_double(std::string_view text);
[[nodiscard]] Result<std::int64_t> parse_bytes(std::string_view text);
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);
[[nodiscard]] Result<HostPort> parse_host_port(std::string_view text);
// A number with the suffixes that `unit` allows, in that unit.
[[nodiscard]] Result<std::int64_t> parse_quantity(std::string_view text, Unit unit);

// The shortest text that reads back as the same: "1GiB", "1536", "7d", "1500ms".
[[nodiscard]] std::string format_bytes(std::int64_t bytes);
[[nodiscard]] std::string format_duration(Duration duration);
[[nodiscard]] std::string format_quantity(std::int64_t value, Unit unit);

// True when `text` matches the glob: '*' any run, '?' any one character, all else itself. The one
// matcher for topic and group patterns in files.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view text);
// True when some text matches both globs.
[[nodiscard]] bool globs_overlap(std::string_view a, std::string_view b);
// True when every text that `inner` matches is matched by `outer`. Exact for patterns where '*'
// stands at the ends; may say false where a cleverer proof would say true, never the reverse.
[[nodiscard]] bool glob_covers(std::string_view outer, std::string_view inner);

}  // namespace sealane::config
