#pragma once
// The broker's settings as DescribeConfigs shows them: Kafka's names, types and defaults, and what
// this broker's file says. What may change at run time: broker/metadata/dynamic_config.hpp.

#include "broker/config/broker_config.hpp"

#include <string>
#include <vector>

namespace sealane::broker {

struct BrokerSetting {
    std::string name;
    ConfigType type = ConfigType::kString;
    std::string value;
    std::string default_text;  // Kafka's name for "nothing" here is an empty text
    std::string documentation;
};

// Sorted by name.
[[nodiscard]] std::vector<BrokerSetting> broker_settings(const BrokerConfig& config);

}  // namespace sealane::broker
