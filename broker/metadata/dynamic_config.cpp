#include "broker/metadata/dynamic_config.hpp"

#include "broker/metadata/partition_change.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sealane::broker {

namespace {

constexpr std::int64_t kKiB = 1024;

// A setting of the process, a whole number. Its unit is in its name.
struct ProcessKey {
    std::string_view name;
    std::int64_t min = 0;
    std::int64_t max = INT64_MAX;
};

// All that may be set at run time but the defaults of topics.
constexpr std::array kProcessKeys{
    ProcessKey{"follower.replication.throttled.rate", 0},
    ProcessKey{"leader.replication.throttled.rate", 0},
    ProcessKey{"log.cleaner.backoff.ms", 1},
    ProcessKey{"log.cleaner.dedupe.buffer.size", kKiB* kKiB},
    ProcessKey{"log.cleaner.io.max.bytes.per.second", kKiB},
    ProcessKey{"max.connections", 1, INT32_MAX},
    ProcessKey{"max.connections.per.ip", 1, INT32_MAX},
    ProcessKey{"sealane.scrub.bytes.per.second", kKiB},
};

const ProcessKey* find_process_key(std::string_view key) {
    const auto* found = std::ranges::find(kProcessKeys, key, &ProcessKey::name);
    return found == kProcessKeys.end() ? nullptr : found;
}

// The topic key whose default the broker key is.
const TopicConfigKey* topic_key_of(std::string_view broker_key) {
    if (broker_key.empty()) return nullptr;
    const auto keys = topic_config_keys();
    const auto found = std::ranges::find(keys, broker_key, &TopicConfigKey::broker_synonym);
    return found == keys.end() ? nullptr : &*found;
}

// Kafka's tools write rates with a fraction.
std::optional<std::int64_t> whole(std::string_view text) {
    if (text.ends_with(".0")) text.remove_suffix(2);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Status check(BrokerId broker, std::string_view key, std::string_view value) {
    const std::string name(key);
    if (const ProcessKey* known = find_process_key(key)) {
        const auto number = whole(value);
        if (number && *number >= known->min && *number <= known->max) return {};
        return fail(
            ErrorCode::kInvalidConfig,
            name + "=" + std::string(value) + ": a whole number from " +
                std::to_string(known->min) + " to " + std::to_string(known->max)
        );
    }
    const TopicConfigKey* topic_key = topic_key_of(key);
    if (topic_key == nullptr) {
        return fail(
            ErrorCode::kInvalidConfig,
            name + " cannot be set while brokers run: change their files and restart them"
        );
    }
    if (broker != kNoBroker) {
        return fail(
            ErrorCode::kInvalidConfig,
            name +
                " is the same for all brokers: set it for all (kafka-configs --entity-type "
                "brokers --entity-default)"
        );
    }
    return check_topic_config(topic_key->name, value);
}

ConfigOverrides topic_overrides(const ConfigOverrides& of_brokers) {
    ConfigOverrides overrides;
    for (const auto& [key, value] : of_brokers) {
        if (const auto* topic_key = topic_key_of(key)) overrides.emplace(topic_key->name, value);
    }
    return overrides;
}

void settle_topics(
    Records& records, const Image& image, const ClusterPolicy& before, const ClusterPolicy& after
) {
    for (const auto& [name, topic] : image.topics()) {
        const TopicRules rules = rules_of(after, *topic);
        if (rules_of(before, *topic) != rules) settle_topic(records, image, *topic, rules);
    }
}

}  // namespace

bool is_dynamic(std::string_view key) {
    return find_process_key(key) != nullptr || topic_key_of(key) != nullptr;
}

Result<Records> configure_broker(
    const Image& image, const ClusterPolicy& policy, BrokerId broker, const ConfigChanges& changes
) {
    const bool everywhere = broker == kNoBroker;
    if (!everywhere && image.broker(broker) == nullptr) {
        return fail(
            ErrorCode::kBrokerIdNotRegistered,
            "broker " + std::to_string(broker.value) + " is not registered"
        );
    }
    ConfigOverrides after = image.broker_configs(broker);
    for (const auto& [key, value] : changes) {
        if (value) {
            SEALANE_CHECK(check(broker, key, *value));
            after.insert_or_assign(key, *value);
        } else {
            after.erase(key);
        }
    }
    Records records = config_records(
        kBrokerResource, config_resource(broker), image.broker_configs(broker), changes
    );
    if (!everywhere) return records;
    ClusterPolicy next = policy;
    next.topic_defaults = effective_config(policy.topic_defaults, topic_overrides(after));
    settle_topics(records, image, current_policy(policy, image), next);
    return records;
}

TopicConfig topic_defaults(const TopicConfig& from_file, const Image& image) {
    const ConfigOverrides& everywhere = image.broker_configs(kNoBroker);
    if (everywhere.empty()) return from_file;
    return effective_config(from_file, topic_overrides(everywhere));
}

ClusterPolicy current_policy(const ClusterPolicy& from_file, const Image& image) {
    ClusterPolicy policy = from_file;
    policy.topic_defaults = topic_defaults(from_file.topic_defaults, image);
    return policy;
}

std::optional<std::int64_t> dynamic_value(
    const Image& image, BrokerId broker, std::string_view key
) {
    for (const BrokerId scope : {broker, kNoBroker}) {
        const ConfigOverrides& configs = image.broker_configs(scope);
        const auto found = configs.find(key);
        if (found != configs.end()) return whole(found->second);
    }
    return std::nullopt;
}

}  // namespace sealane::broker
