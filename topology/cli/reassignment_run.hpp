#pragma once
// Carrying out a plan of moves: hand it to the controller, watch it until it is done, then let the
// preferred replicas lead. The cluster goes on by itself when the watcher leaves.

#include "topology/cli/cluster_session.hpp"
#include "topology/cli/output.hpp"
#include "topology/cluster/reassignment.hpp"

namespace sealane::topology {

// The deadline of work that takes as long as the data: --timeout when given, else a week.
[[nodiscard]] Instant patient_deadline(const ClusterSession& session);

// Every move is asked for; those that were refused are printed and make the result kFailed.
// kDeadlineExceeded or kStopped: still moving, and the text says how to look again.
[[nodiscard]] runtime::Task<Status> carry_out(
    ClusterSession& session, const ReassignmentPlan& plan, Progress& progress, Instant deadline
);
// Waits until none of the partitions has a reassignment under way.
[[nodiscard]] runtime::Task<Status> await_moves(
    ClusterSession& session,
    std::set<TopicPartition> partitions,
    Progress& progress,
    Instant deadline
);

}  // namespace sealane::topology
