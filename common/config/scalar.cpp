#include "common/config/scalar.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace sealane::config {

namespace {

struct Suffix {
    std::string_view text;
    std::int64_t factor;
};

constexpr std::int64_t kKi = 1024;
constexpr std::array kByteSuffixes{
    Suffix{"TiB", kKi* kKi* kKi* kKi},
    Suffix{"GiB", kKi* kKi* kKi},
    Suffix{"MiB", kKi* kKi},
    Suffix{"KiB", kKi},
    Suffix{"TB", 1'000'000'000'000},
    Suffix{"GB", 1'000'000'000},
    Suffix{"MB", 1'000'000},
    Suffix{"kB", 1'000},
    Suffix{"KB", 1'000},
    Suffix{"B", 1},
    Suffix{"", 1},
};
constexpr std::int64_t kNsPerS = 1'000'000'000;
constexpr std::array kDurationSuffixes{
    Suffix{"d", 86'400 * kNsPerS},
    Suffix{"h", 3'600 * kNsPerS},
    Suffix{"m", 60 * kNsPerS},
    Suffix{"s", kNsPerS},
    Suffix{"ms", 1'000'000},
    Suffix{"us", 1'000},
    Suffix{"ns", 1},
};

// "12.5" and its suffix. Digits, optionally '.' and digits; a sign only when whole numbers.
struct Quantity {
    std::string_view number;
    std::string_view suffix;
};

Quantity split(std::string_view text) {
    const auto end = text.find_first_not_of("0123456789.-+");
    if (end == std::string_view::npos) return {text, {}};
    std::string_view suffix = text.substr(end);
    while (suffix.starts_with(' ')) suffix.remove_prefix(1);
    return {text.substr(0, end), suffix};
}

// number * factor when exact enough: whole numbers exactly, fractions rounded down.
Result<std::int64_t> scaled(std::string_view number, std::int64_t factor) {
    if (const auto whole = parse_int(number)) {
        std::int64_t product = 0;
        if (__builtin_mul_overflow(*whole, factor, &product))
            return fail(ErrorCode::kBadConfig, "the number is too large");
        return product;
    }
    const auto real = parse_double(number);
    if (!real || factor == 1) return fail(ErrorCode::kBadConfig, "not a number");
    const double product = *real * static_cast<double>(factor);
    if (product < -9e18 || product > 9e18)
        return fail(ErrorCode::kBadConfig, "the number is too large");
    return static_cast<std::int64_t>(product);
}

std::int64_t ns_per(Unit unit) {
    switch (unit) {
        case Unit::kMillis:
            return 1'000'000;
        case Unit::kSeconds:
            return kNsPerS;
        case Unit::kMinutes:
            return 60 * kNsPerS;
        case Unit::kHours:
            return 3'600 * kNsPerS;
        case Unit::kNone:
        case Unit::kBytes:
        case Unit::kPercent:
            return 0;
    }
    return 0;
}

template <std::size_t N>
std::string format_with(std::int64_t value, const std::array<Suffix, N>& suffixes) {
    for (const Suffix& suffix : suffixes) {
        // Of the byte suffixes only the powers of 1024 are written.
        const bool binary = !suffix.text.ends_with('B') || suffix.text.size() == 3;
        if (binary && value != 0 && value % suffix.factor == 0) {
            return std::to_string(value / suffix.factor) + std::string(suffix.text);
        }
    }
    return std::to_string(value);
}

}  // namespace

std::string HostPort::to_string() const {
    const bool v6 = host.find(':') != std::string::npos;
    return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<bool> parse_bool(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return fail(ErrorCode::kBadConfig, "expected true or false");
}

Result<std::int64_t> parse_int(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    // A leading zero is refused: other readers take 010 for eight.
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.size() > 1 && digits.starts_with('0'))
        return fail(ErrorCode::kBadConfig, "a number does not begin with 0");
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc::result_out_of_range)
        return fail(ErrorCode::kBadConfig, "the number is too large");
    if (text.empty() || error != std::errc{} || stop != end)
        return fail(ErrorCode::kBadConfig, "expected a whole number");
    return value;
}

Result<double> parse_double(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (text.empty() || error != std::errc{} || stop != end || value != value)
        return fail(ErrorCode::kBadConfig, "expected a number");
    if (value > std::numeric_limits<double>::max() || value < std::numeric_limits<double>::lowest())
        return fail(ErrorCode::kBadConfig, "expected a finite number");
    return value;
}

Result<std::int64_t> parse_bytes(std::string_view text) {
    const Quantity parts = split(text);
    for (const Suffix& suffix : kByteSuffixes) {
        if (suffix.text == parts.suffix && !parts.number.empty())
            return scaled(parts.number, suffix.factor);
    }
    return fail(ErrorCode::kBadConfig, "expected bytes such as 4096, 64KiB or 10MiB");
}

Result<Duration> parse_duration(std::string_view text) {
    const Quantity parts = split(text);
    if (text == "0") return Duration(0);
    for (const Suffix& suffix : kDurationSuffixes) {
        if (suffix.text != parts.suffix || parts.number.empty()) continue;
        SEALANE_TRY(const std::int64_t ns, scaled(parts.number, suffix.factor));
        return Duration(ns);
    }
    return fail(ErrorCode::kBadConfig, "expected a duration such as 500ms, 30s, 12h or 7d");
}

Result<HostPort> parse_host_port(std::string_view text) {
    const auto bad = [&] {
        return fail(ErrorCode::kBadConfig, "expected host:port such as 127.0.0.1:9092");
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return bad();
    const auto port = parse_int(text.substr(colon + 1));
    if (!port || *port < 0 || *port > 65'535) return bad();
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return bad();  // a v6 address without brackets
    }
    if (host.empty() || host.find_first_of(" \t/[]") != std::string_view::npos) return bad();
    return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

Result<std::int64_t> parse_quantity(std::string_view text, Unit unit) {
    if (unit == Unit::kBytes) return parse_bytes(text);
    if (unit == Unit::kPercent && text.ends_with('%')) text.remove_suffix(1);
    const std::int64_t per = ns_per(unit);
    if (per == 0) return parse_int(text);
    if (auto number = parse_int(text)) return number;
    const auto duration = parse_duration(text);
    if (!duration) {
        return fail(
            ErrorCode::kBadConfig, "expected a whole number or a duration such as 500ms or 7d"
        );
    }
    if (duration->count() % per != 0)
        return fail(ErrorCode::kBadConfig, "the duration is not a whole number of this unit");
    return duration->count() / per;
}

std::string format_bytes(std::int64_t bytes) {
    return format_with(bytes, kByteSuffixes);
}

std::string format_duration(Duration duration) {
    return format_with(duration.count(), kDurationSuffixes);
}

std::string format_quantity(std::int64_t value, Unit unit) {
    // Kafka's own tools write plain numbers; so does everything that prints options.
    return unit == Unit::kPercent ? std::to_string(value) + "%" : std::to_string(value);
}

}  // namespace sealane::config
