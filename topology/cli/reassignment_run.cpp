#include "topology/cli/reassignment_run.hpp"

#include "common/client/admin_cluster.hpp"

#include <algorithm>

namespace sealane::topology {
namespace {

using runtime::Task;

constexpr std::size_t kBatch = 500;  // partitions of one request
constexpr Duration kLook = std::chrono::milliseconds(500);

std::string outcome_text(const client::PartitionOutcome& outcome) {
    return outcome.partition.to_string() + ": " + Error(outcome.error, outcome.message).to_string();
}

// How many were refused; each is printed.
Task<Result<std::size_t>> hand_over(
    client::ClusterAdmin& admin, const ReassignmentPlan& plan, Instant deadline
) {
    std::size_t refused = 0;
    for (std::size_t at = 0; at < plan.size(); at += kBatch) {
        std::vector<client::PartitionTarget> targets;
        for (std::size_t i = at; i < std::min(plan.size(), at + kBatch); ++i)
            targets.push_back({plan[i].partition, plan[i].to});
        SEALANE_CO_TRY(const auto outcomes, co_await admin.reassign(std::move(targets), deadline));
        for (const client::PartitionOutcome& outcome : outcomes) {
            if (outcome.error == ErrorCode::kNone) continue;
            ++refused;
            note("  refused " + outcome_text(outcome));
        }
    }
    co_return refused;
}

Error still_moving(const ClusterSession& session, ErrorCode code, std::size_t left) {
    return {
        code,
        std::to_string(left) +
            " partition(s) still move, and the cluster goes on by itself; look again: sealane "
            "cluster reassign status " +
            session.access + "; give it up: sealane cluster reassign cancel " + session.access
    };
}

}  // namespace

Instant patient_deadline(const ClusterSession& session) {
    if (session.context.invocation.has("timeout")) return session.deadline;
    return session.context.world.now() + std::chrono::hours(24 * 7);
}

Task<Status> await_moves(
    ClusterSession& session,
    std::set<TopicPartition> partitions,
    Progress& progress,
    Instant deadline
) {
    client::ClusterAdmin admin(session.cluster);
    const std::size_t all = partitions.size();
    while (true) {
        SEALANE_CO_TRY(const auto ongoing, co_await admin.reassignments(deadline));
        std::size_t left = 0;
        std::size_t copies = 0;
        for (const auto& one : ongoing) {
            if (!partitions.contains(one.partition)) continue;
            ++left;
            copies += one.adding.size();
        }
        if (left == 0) co_return Status{};
        progress.update(
            "moving: " + std::to_string(all - left) + " of " + std::to_string(all) +
            " partitions done, " + std::to_string(copies) + " replicas being copied"
        );
        if (session.context.interrupted())
            co_return fail(still_moving(session, ErrorCode::kStopped, left));
        if (session.context.world.now() + kLook >= deadline)
            co_return fail(still_moving(session, ErrorCode::kDeadlineExceeded, left));
        co_await session.context.world.sleep(kLook);
    }
}

Task<Status> carry_out(
    ClusterSession& session, const ReassignmentPlan& plan, Progress& progress, Instant deadline
) {
    client::ClusterAdmin admin(session.cluster);
    SEALANE_CO_TRY(const std::size_t refused, co_await hand_over(admin, plan, deadline));
    std::set<TopicPartition> partitions;
    for (const ReplicaMove& move : plan) partitions.insert(move.partition);
    SEALANE_CO_CHECK(co_await await_moves(session, partitions, progress, deadline));
    if (plan.empty()) co_return Status{};
    progress.update("electing preferred leaders");
    // A preferred replica that cannot lead now will be elected later; the move itself is done.
    const auto elected = co_await admin.elect(
        client::ElectionType::kPreferred,
        std::vector<TopicPartition>(partitions.begin(), partitions.end()),
        std::min(deadline, session.context.world.now() + 30s)
    );
    if (!elected) note("  preferred leaders were not elected: " + elected.error().to_string());
    if (refused > 0) {
        co_return fail(
            ErrorCode::kInvalidRequest,
            std::to_string(refused) + " of " + std::to_string(plan.size()) + " moves were refused"
        );
    }
    co_return Status{};
}

}  // namespace sealane::topology
