#pragma once
// What the configuration APIs answer and change, without I/O (KIP-133, 226, 339, 569).

#include "broker/api/configs/broker_keys.hpp"
#include "broker/metadata/image.hpp"
#include "broker/metadata/topic_decisions.hpp"
#include "common/kafka/messages/configs.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sealane::broker {

enum class ConfigSource : std::int8_t {
    kTopic = 1,
    kBroker = 2,      // set at run time for one broker
    kAllBrokers = 3,  // set at run time for all
    kStaticBroker = 4,
    kDefault = 5,
};

using DescribedConfig = kafka::DescribeConfigsResponse::DescribeConfigsResourceResult;

struct DescribeOptions {
    std::vector<std::string> keys;  // empty: all
    bool synonyms = false;
    bool documentation = false;
};

// What a broker runs with, from the file and at run time.
struct ConfigLayers {
    const BrokerConfig& file;
    const ConfigOverrides& everywhere;  // of all brokers
    const ConfigOverrides& own;         // of this broker
};
[[nodiscard]] std::vector<DescribedConfig> describe_topic_configs(
    const ConfigLayers& layers, const ConfigOverrides& overrides, const DescribeOptions& options
);
[[nodiscard]] std::vector<DescribedConfig> describe_broker_configs(
    const ConfigLayers& layers, const DescribeOptions& options
);
// Only what is set at run time for all brokers.
[[nodiscard]] std::vector<DescribedConfig> describe_all_brokers(
    const ConfigLayers& layers, const DescribeOptions& options
);

// One change of IncrementalAlterConfigs.
struct ConfigEdit {
    std::string key;
    enum class Kind : std::int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };
    std::int8_t kind = 0;
    std::optional<std::string> value;
};
// The values after the edits. kInvalidRequest: a key twice, a missing value, an unknown kind;
// kInvalidConfig: append or subtract on something that is not a list.
[[nodiscard]] Result<ConfigChanges> edited(
    const ConfigOverrides& before, const std::vector<ConfigEdit>& edits
);
// AlterConfigs: exactly these values, everything else back to its default.
[[nodiscard]] Result<ConfigChanges> replaced(
    const ConfigOverrides& before, const std::vector<ConfigEdit>& values
);

}  // namespace sealane::broker
