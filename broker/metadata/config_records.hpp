#pragma once
// The records of configurations: of topics and of brokers. Wire numbers as in DescribeConfigs.

#include "broker/metadata/metadata_record.hpp"
#include "broker/metadata/topic_config.hpp"

#include <charconv>
#include <map>
#include <optional>

namespace sealane::broker {

inline constexpr std::int8_t kTopicResource = 2;
inline constexpr std::int8_t kBrokerResource = 4;

// The resource name of a broker; of kNoBroker, which stands for all of them, it is empty.
[[nodiscard]] inline std::string config_resource(BrokerId broker) {
    return broker == kNoBroker ? "" : std::to_string(broker.value);
}
// Nothing: no broker's number.
[[nodiscard]] inline std::optional<BrokerId> broker_of_resource(std::string_view name) {
    if (name.empty()) return kNoBroker;
    BrokerId broker{};
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), broker.value);
    const bool whole = error == std::errc{} && end == name.data() + name.size();
    return whole && broker.value >= 0 ? std::optional(broker) : std::nullopt;
}

// Sets (value) or clears (none) keys.
using ConfigChanges = std::map<std::string, std::optional<std::string>, std::less<>>;

[[nodiscard]] inline kafka::ConfigRecord config_record(
    std::int8_t type,
    std::string_view resource,
    std::string_view key,
    std::optional<std::string> value
) {
    kafka::ConfigRecord record;
    record.resource_type = type;
    record.resource_name = resource;
    record.name = key;
    record.value = std::move(value);
    return record;
}

// Only what differs from `now`.
[[nodiscard]] inline Records config_records(
    std::int8_t type,
    std::string_view resource,
    const ConfigOverrides& now,
    const ConfigChanges& changes
) {
    Records records;
    for (const auto& [key, value] : changes) {
        const auto old = now.find(key);
        const bool same = value ? old != now.end() && old->second == *value : old == now.end();
        if (!same) records.emplace_back(config_record(type, resource, key, value));
    }
    return records;
}

}  // namespace sealane::broker
