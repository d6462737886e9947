#pragma once
// Which partition of a coordinator's topic a key (group id, transactional id) belongs to; the same
// as in Kafka, so that its tools agree.

#include "common/base/ids.hpp"

#include <string_view>

namespace sealane::broker {

// Java's String.hashCode of the key, without its sign, modulo `partitions` > 0.
[[nodiscard]] PartitionId partition_of_key(std::string_view key, std::int32_t partitions);

}  // namespace sealane::broker
