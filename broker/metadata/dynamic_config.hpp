#pragma once
// Broker settings that change while brokers run (KIP-226). They are kept in the metadata: some for
// all brokers at once, some also for one. What a broker's file says holds where nothing else is
// set. The defaults of topics can only be set for all, because brokers have to judge replicas
// alike. Deciders only.

#include "broker/metadata/cluster_policy.hpp"
#include "broker/metadata/topic_decisions.hpp"

#include <cstdint>
#include <string_view>

namespace sealane::broker {

// Whether the broker key may be set at run time, as a default of topics too.
[[nodiscard]] bool is_dynamic(std::string_view key);

// Sets (value) or clears (none) keys of one broker or, for kNoBroker, of all of them. With a
// changed default of topics their replicas are settled in the same batch. kInvalidConfig: no such
// key, one that needs a restart or is of all brokers, a value out of range. kBrokerIdNotRegistered.
[[nodiscard]] Result<Records> configure_broker(
    const Image& image, const ClusterPolicy& policy, BrokerId broker, const ConfigChanges& changes
);

// The defaults of topics: those of the files with what is set for all brokers.
[[nodiscard]] TopicConfig topic_defaults(const TopicConfig& from_file, const Image& image);
// The policy with these defaults.
[[nodiscard]] ClusterPolicy current_policy(const ClusterPolicy& from_file, const Image& image);

// What is set at run time for a key of this broker: its own value, else that for all brokers.
[[nodiscard]] std::optional<std::int64_t> dynamic_value(
    const Image& image, BrokerId broker, std::string_view key
);

}  // namespace sealane::broker
