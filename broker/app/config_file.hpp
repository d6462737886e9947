#pragma once
// The file form of BrokerConfig: strict YAML with Kafka's dotted keys (README.md has an example).

#include "broker/config/broker_config.hpp"

#include <string>
#include <string_view>

namespace sealane::broker {

// kBadConfig lists every problem as "file:line:column: key: what; how to mend it".
[[nodiscard]] Result<BrokerConfig> parse_broker_config(std::string_view text, std::string file);

// Every key with type, default and meaning, as a Markdown table.
[[nodiscard]] std::string broker_config_reference();

}  // namespace sealane::broker
