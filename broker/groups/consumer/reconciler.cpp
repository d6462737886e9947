#include "broker/groups/consumer/reconciler.hpp"

#include <algorithm>

namespace sealane::broker::groups {
namespace {

bool may_own(const PartitionSet* owned, const HeldPartitions& any_of) {
    if (owned == nullptr) return !any_of.empty();
    return std::ranges::any_of(any_of, [owned](const auto& each) {
        return owned->contains(each.first);
    });
}

void enter(CurrentAssignment& next, std::int32_t epoch) {
    if (next.epoch == epoch) return;
    // So that a member that did not get the answer can go on from where it was.
    next.previous_epoch = next.epoch;
    next.epoch = epoch;
}

// `epoch`: of the member while it still has something to give up.
CurrentAssignment towards(
    const CurrentAssignment& current, const ReconcileStep& step, std::int32_t epoch
) {
    CurrentAssignment next = current;
    next.assigned.clear();
    next.pending_revocation.clear();
    for (const auto& [partition, since] : current.assigned)
        (step.target.contains(partition) ? next.assigned : next.pending_revocation)
            .emplace(partition, since);
    if (may_own(step.owned, next.pending_revocation)) {
        enter(next, epoch);
        next.state = MemberState::kUnrevoked;
        return next;
    }
    next.pending_revocation.clear();
    enter(next, step.target_epoch);
    next.state = MemberState::kStable;
    for (const TopicIdPartition& partition : step.target) {
        if (next.assigned.contains(partition)) continue;
        if (step.is_free(partition)) {
            next.assigned.emplace(partition, step.target_epoch);
        } else {
            next.state = MemberState::kUnreleased;
        }
    }
    return next;
}

}  // namespace

CurrentAssignment reconciled(const CurrentAssignment& current, const ReconcileStep& step) {
    switch (current.state) {
        case MemberState::kStable:
            if (current.epoch == step.target_epoch) return current;
            return towards(current, step, current.epoch);
        case MemberState::kUnrevoked:
            if (may_own(step.owned, current.pending_revocation)) return current;
            // It has done what its epoch asked of it.
            return towards(current, step, current.epoch + 1);
        case MemberState::kUnreleased:
        case MemberState::kUnknown:
            return towards(current, step, current.epoch);
    }
    return current;
}

}  // namespace sealane::broker::groups
