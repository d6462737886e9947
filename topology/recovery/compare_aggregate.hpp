#pragma once
// One source partition of an aggregate link against the target partition that it was merged into:
// every target record of this origin must be the source record that the map names, in order.

#include "topology/recovery/compare_replica.hpp"

namespace sealane::topology {

[[nodiscard]] runtime::Task<Status> compare_aggregate(
    ComparedSides sides, PartitionVerdict& verdict, std::function<void(std::int64_t)> progress
);

}  // namespace sealane::topology
