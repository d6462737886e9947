#include "common/config/codec.hpp"

#include "common/config/option_table.hpp"

#include <cmath>

namespace sealane::config {

namespace {

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

bool within(const ValueSite& site, const Limits& limits, std::int64_t value) {
    if (limits.min && value < *limits.min) {
        return site.wrong(
            quoted(site.node.scalar) + " is too small", "allowed: " + describe_limits(limits)
        );
    }
    if (limits.max && value > *limits.max) {
        return site.wrong(
            quoted(site.node.scalar) + " is too large", "allowed: " + describe_limits(limits)
        );
    }
    return true;
}

}  // namespace

bool ValueSite::is_scalar(std::string_view wanted) const {
    if (node.kind == Node::Kind::kScalar) return true;
    return wrong("expected " + std::string(wanted) + ", found " + describe(node.kind));
}

bool read_integer(const ValueSite& site, const Limits& limits, std::int64_t& out) {
    if (!site.is_scalar(integer_type_name(limits))) return false;
    const auto value = parse_quantity(site.node.scalar, limits.unit);
    if (!value) {
        return site.wrong(
            quoted(site.node.scalar) + " is not " + integer_type_name(limits),
            value.error().detail()
        );
    }
    if (!within(site, limits, *value)) return false;
    out = *value;
    return true;
}

bool read_string(const ValueSite& site, const Limits& limits, std::string& out) {
    if (!site.is_scalar("text")) return false;
    if (limits.not_empty && site.node.scalar.empty()) return site.wrong("must not be empty");
    out = site.node.scalar;
    return true;
}

bool read_duration(const ValueSite& site, const Limits& limits, Duration& out) {
    if (!site.is_scalar("a duration")) return false;
    // A key that ends in ".ms" says its unit itself, as Kafka's do.
    const auto number = parse_int(site.node.scalar);
    const bool millis = number && site.path.ends_with(".ms");
    constexpr std::int64_t kMillisMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;
    const auto value =
        millis ? Result<Duration>(
                     std::chrono::milliseconds(std::clamp(*number, -kMillisMax, kMillisMax))
                 )
               : parse_duration(site.node.scalar);
    if (!value) {
        return site.wrong(quoted(site.node.scalar) + " is not a duration", value.error().detail());
    }
    Limits in_millis = limits;
    in_millis.unit = Unit::kMillis;
    if (!in_millis.min) in_millis.min = 0;
    if (!within(site, in_millis, to_ms(*value))) return false;
    out = *value;
    return true;
}

bool read_double(const ValueSite& site, const Limits& limits, double& out) {
    if (!site.is_scalar("a number")) return false;
    const auto value = parse_double(site.node.scalar);
    if (!value) return site.wrong(quoted(site.node.scalar) + " is not a number");
    if (!within(
            site, limits, static_cast<std::int64_t>(std::floor(std::clamp(*value, -9e18, 9e18)))
        ))
        return false;
    out = *value;
    return true;
}

bool read_choice(
    const ValueSite& site, const std::vector<std::string_view>& names, std::size_t& out
) {
    if (!site.is_scalar("one word")) return false;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] != site.node.scalar) continue;
        out = i;
        return true;
    }
    return site.wrong(
        "unknown value " + quoted(site.node.scalar), suggest(site.node.scalar, names)
    );
}

std::string integer_type_name(const Limits& limits) {
    switch (limits.unit) {
        case Unit::kBytes:
            return "bytes";
        case Unit::kMillis:
            return "milliseconds";
        case Unit::kSeconds:
            return "seconds";
        case Unit::kMinutes:
            return "minutes";
        case Unit::kHours:
            return "hours";
        case Unit::kPercent:
            return "percent";
        case Unit::kNone:
            return "whole number";
    }
    return "whole number";
}

bool Codec<bool>::read(const ValueSite& site, const Limits&, bool& out) {
    if (!site.is_scalar("true or false")) return false;
    const auto value = parse_bool(site.node.scalar);
    if (!value) {
        return site.wrong(quoted(site.node.scalar) + " is not a boolean", "write true or false");
    }
    out = *value;
    return true;
}

std::string Codec<double>::text(double value, const Limits&) {
    std::string text = std::to_string(value);
    while (text.ends_with('0')) text.pop_back();
    if (text.ends_with('.')) text.pop_back();
    return text;
}

bool Codec<HostPort>::read(const ValueSite& site, const Limits&, HostPort& out) {
    if (!site.is_scalar("host:port")) return false;
    auto value = parse_host_port(site.node.scalar);
    if (!value) {
        return site.wrong(quoted(site.node.scalar) + " is not an address", value.error().detail());
    }
    out = *std::move(value);
    return true;
}

std::string describe_limits(const Limits& limits) {
    if (limits.not_empty) return "not empty";
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    const bool upper = limits.max && *limits.max != kMost;
    const auto show = [&](std::int64_t value) {
        return limits.unit == Unit::kBytes    ? format_bytes(value)
               : limits.unit == Unit::kMillis ? format_quantity(value, limits.unit) + " ms"
                                              : format_quantity(value, limits.unit);
    };
    if (limits.min && upper) return show(*limits.min) + " to " + show(*limits.max);
    if (limits.min) return "at least " + show(*limits.min);
    if (upper) return "at most " + show(*limits.max);
    return {};
}

std::string markdown_table(const std::vector<OptionDoc>& rows) {
    const auto cell = [](std::string text) {
        for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) {
            text.insert(at, "\\");
        }
        return text;
    };
    std::string out = "| key | type | default | allowed | meaning |\n|---|---|---|---|---|\n";
    for (const OptionDoc& row : rows) {
        const std::string fallback = row.required           ? "required"
                                     : row.fallback.empty() ? ""
                                                            : "`" + row.fallback + "`";
        out += "| `" + row.key + "` | " + cell(row.type) + " | " + cell(fallback) + " | " +
               cell(row.allowed) + " | " + cell(row.doc) +
               (row.dynamic ? " May be changed while it runs." : "") + " |\n";
    }
    return out;
}

}  // namespace sealane::config
