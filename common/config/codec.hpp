#pragma once
// Codec<T>: how a C++ type stands in a configuration value. Specialise it for a type of your own;
// enums only need `config_names`:
//   constexpr auto config_names(ClientAuth) {
//       return std::array{EnumName{ClientAuth::kNone, "none"}, ...};
//   }
// found by argument-dependent lookup.

#include "common/config/problems.hpp"
#include "common/config/scalar.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <limits>
#include <optional>

namespace sealane::config {

// What a value must satisfy beyond its type.
struct Limits {
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    Unit unit = Unit::kNone;
    bool not_empty = false;  // strings and lists
};
[[nodiscard]] constexpr Limits range(std::int64_t min, std::int64_t max) {
    return {.min = min, .max = max, .unit = Unit::kNone, .not_empty = false};
}
[[nodiscard]] constexpr Limits at_least(std::int64_t min) {
    return {.min = min, .max = std::nullopt, .unit = Unit::kNone, .not_empty = false};
}
[[nodiscard]] constexpr Limits bytes(
    std::int64_t min = 0, std::int64_t max = std::numeric_limits<std::int64_t>::max()
) {
    return {.min = min, .max = max, .unit = Unit::kBytes, .not_empty = false};
}
[[nodiscard]] constexpr Limits millis(
    std::int64_t min = 0, std::int64_t max = std::numeric_limits<std::int64_t>::max()
) {
    return {.min = min, .max = max, .unit = Unit::kMillis, .not_empty = false};
}
[[nodiscard]] constexpr Limits not_empty() {
    return {.min = std::nullopt, .max = std::nullopt, .unit = Unit::kNone, .not_empty = true};
}

template <class E>
struct EnumName {
    E value;
    std::string_view name;
};

// Where a value is read: the node, its path, and where problems go.
struct ValueSite {
    const Node& node;
    const std::string& path;
    Problems& problems;
    bool wrong(std::string what, std::string mend = {}) const {
        problems.add(node.mark, path, std::move(what), std::move(mend));
        return false;
    }
    // True when the node is a scalar; else says that `wanted` was expected.
    [[nodiscard]] bool is_scalar(std::string_view wanted) const;
};

// read(): true when `out` was set; else a problem was added. text(): as it would stand in a file.
// type_name(): for the reference documentation.
template <class T>
struct Codec;

[[nodiscard]] bool read_integer(const ValueSite& site, const Limits& limits, std::int64_t& out);
[[nodiscard]] bool read_string(const ValueSite& site, const Limits& limits, std::string& out);
[[nodiscard]] bool read_duration(const ValueSite& site, const Limits& limits, Duration& out);
[[nodiscard]] bool read_double(const ValueSite& site, const Limits& limits, double& out);
// One of `names`, its index in `out`.
[[nodiscard]] bool read_choice(
    const ValueSite& site, const std::vector<std::string_view>& names, std::size_t& out
);
[[nodiscard]] std::string integer_type_name(const Limits& limits);

template <std::integral T>
    requires(!std::same_as<T, bool>)
struct Codec<T> {
    static bool read(const ValueSite& site, Limits limits, T& out) {
        using Range = std::numeric_limits<T>;
        if (!limits.min) limits.min = static_cast<std::int64_t>(Range::min());
        if (!limits.max && sizeof(T) < 8) limits.max = static_cast<std::int64_t>(Range::max());
        std::int64_t value = 0;
        if (!read_integer(site, limits, value)) return false;
        out = static_cast<T>(value);
        return true;
    }
    static std::string text(const T& value, const Limits& limits) {
        return format_quantity(static_cast<std::int64_t>(value), limits.unit);
    }
    static std::string type_name(const Limits& limits) { return integer_type_name(limits); }
};

template <>
struct Codec<bool> {
    static bool read(const ValueSite& site, const Limits& limits, bool& out);
    static std::string text(bool value, const Limits&) { return value ? "true" : "false"; }
    static std::string type_name(const Limits&) { return "true or false"; }
};
template <>
struct Codec<double> {
    static bool read(const ValueSite& site, const Limits& limits, double& out) {
        return read_double(site, limits, out);
    }
    static std::string text(double value, const Limits& limits);
    static std::string type_name(const Limits&) { return "number"; }
};
template <>
struct Codec<std::string> {
    static bool read(const ValueSite& site, const Limits& limits, std::string& out) {
        return read_string(site, limits, out);
    }
    static std::string text(const std::string& value, const Limits&) { return value; }
    static std::string type_name(const Limits&) { return "string"; }
};
template <>
struct Codec<Duration> {  // limits are in milliseconds; at least 0 unless they say otherwise
    static bool read(const ValueSite& site, const Limits& limits, Duration& out) {
        return read_duration(site, limits, out);
    }
    static std::string text(Duration value, const Limits&) { return format_duration(value); }
    static std::string type_name(const Limits&) { return "duration"; }
};
template <>
struct Codec<HostPort> {
    static bool read(const ValueSite& site, const Limits& limits, HostPort& out);
    static std::string text(const HostPort& value, const Limits&) { return value.to_string(); }
    static std::string type_name(const Limits&) { return "host:port"; }
};

template <class T>
struct Codec<std::optional<T>> {
    static bool read(const ValueSite& site, const Limits& limits, std::optional<T>& out) {
        T value{};
        if (!Codec<T>::read(site, limits, value)) return false;
        out = std::move(value);
        return true;
    }
    static std::string text(const std::optional<T>& value, const Limits& limits) {
        return value ? Codec<T>::text(*value, limits) : std::string();
    }
    static std::string type_name(const Limits& limits) { return Codec<T>::type_name(limits); }
};

// A sequence, or one scalar for a list of one.
template <class T>
struct Codec<std::vector<T>> {
    static bool read(const ValueSite& site, const Limits& limits, std::vector<T>& out) {
        Limits each = limits;
        each.not_empty = false;
        std::vector<T> values;
        bool good = true;
        const auto add = [&](const Node& node, const std::string& path) {
            T value{};
            if (Codec<T>::read(ValueSite{node, path, site.problems}, each, value)) {
                values.push_back(std::move(value));
            } else {
                good = false;
            }
        };
        if (site.node.kind == Node::Kind::kScalar) {
            add(site.node, site.path);
        } else if (site.node.kind == Node::Kind::kSequence) {
            std::size_t index = 0;
            for (const Node& item : site.node.items) {
                add(item, site.path + "[" + std::to_string(index++) + "]");
            }
        } else {
            return site.wrong(std::string("expected a list, found ") + describe(site.node.kind));
        }
        if (!good) return false;
        if (limits.not_empty && values.empty())
            return site.wrong("the list is empty", "name at least one");
        out = std::move(values);
        return true;
    }
    static std::string text(const std::vector<T>& values, const Limits& limits) {
        std::string joined = "[";
        for (const T& value : values) {
            if (joined.size() > 1) joined += ", ";
            joined += Codec<T>::text(value, limits);
        }
        return joined + "]";
    }
    static std::string type_name(const Limits& limits) {
        return "list of " + Codec<T>::type_name(limits);
    }
};

template <class E>
    requires std::is_enum_v<E>
struct Codec<E> {
    static bool read(const ValueSite& site, const Limits&, E& out) {
        constexpr auto kNames = config_names(E{});
        std::vector<std::string_view> names;
        for (const auto& entry : kNames) names.push_back(entry.name);
        std::size_t index = 0;
        if (!read_choice(site, names, index)) return false;
        out = kNames[index].value;
        return true;
    }
    static std::string text(E value, const Limits&) {
        for (const auto& entry : config_names(E{})) {
            if (entry.value == value) return std::string(entry.name);
        }
        return "?";
    }
    static std::string type_name(const Limits&) {
        std::string joined;
        for (const auto& entry : config_names(E{})) {
            if (!joined.empty()) joined += " | ";
            joined += entry.name;
        }
        return joined;
    }
};

}  // namespace sealane::config
