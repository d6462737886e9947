#pragma once
// How a member walks from what it has to what the target gives it (KIP-848, "reconciliation"). One
// step a heartbeat:
//
//           has partitions to give up                 gave them up
//   Stable ---------------------------> Unrevoked ------------------> Stable, or Unreleased
//      ^                                                                 |
//      +------------ everything it waits for was released ---------------+
//
// A member reaches the target's epoch only when it has given up what is no longer its; until then
// nobody else gets that.

#include "broker/groups/consumer/consumer_types.hpp"

#include <functional>

namespace sealane::broker::groups {

struct ReconcileStep {
    const PartitionSet& target;
    std::int32_t target_epoch = 0;
    // What the member says that it owns; null: it did not say, so it may own all that it had.
    const PartitionSet* owned = nullptr;
    // Whether nobody but the member itself holds a partition.
    std::function<bool(const TopicIdPartition&)> is_free;
};

// Where the member stands after this step; what it was when there is nothing to do.
[[nodiscard]] CurrentAssignment reconciled(
    const CurrentAssignment& current, const ReconcileStep& step
);

}  // namespace sealane::broker::groups
