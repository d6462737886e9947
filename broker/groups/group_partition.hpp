#pragma once
// Which partition of __consumer_offsets holds a group: the absolute value of the group id's Java
// hash code modulo the number of partitions (0 for the one value that has no positive).

#include "common/base/ids.hpp"

#include <string_view>

namespace sealane::broker::groups {

// `partitions` > 0.
[[nodiscard]] PartitionId partition_of_group(std::string_view group_id, std::int32_t partitions);

}  // namespace sealane::broker::groups
