#pragma once
// Plans of where replicas go: balance a cluster with few moves, empty a broker, check a plan that
// somebody wrote. Pure and deterministic: the same state gives the same plan.
//
// What a balanced cluster is, in this order: no replica on an excluded broker; each partition
// spread over racks as evenly as the racks allow; replica counts of the brokers within one of each
// other; preferred leaderships within one of each other as far as the replicas allow. Moving a
// leadership only changes the order of a partition's replicas and copies no data.

#include "common/base/result.hpp"
#include "topology/cluster/cluster_state.hpp"

#include <set>

namespace sealane::topology {

struct ReplicaMove {
    TopicPartition partition;
    std::vector<BrokerId> from;  // the replicas it has or is getting
    std::vector<BrokerId> to;    // in order of preference
    // Brokers that have to copy the partition.
    [[nodiscard]] std::vector<BrokerId> added() const;
    [[nodiscard]] std::vector<BrokerId> removed() const;
    friend bool operator==(const ReplicaMove&, const ReplicaMove&) = default;
};
using ReassignmentPlan = std::vector<ReplicaMove>;

struct BalanceOptions {
    std::set<BrokerId> exclude;                // shall hold nothing in the end
    std::set<std::string> topics;              // only these move; empty: all
    std::optional<std::size_t> replication{};  // replicas of each; nothing: as many as it has
};

// Fenced brokers keep what they hold (they may come back) and get nothing. kNotEnoughReplicas: a
// partition needs more brokers than there are; the text names it.
[[nodiscard]] Result<ReassignmentPlan> plan_balance(
    const ClusterState& state, const BalanceOptions& options
);
// Every replica of `broker` goes elsewhere, nothing else moves. Empty when it holds nothing.
// Planned again later, it goes on with what is left.
[[nodiscard]] Result<ReassignmentPlan> plan_drain(const ClusterState& state, BrokerId broker);

// Somebody's own assignment: partition and replicas. Answers the moves that it asks for, without
// those that are so already; kBadConfig lists everything that is wrong with it.
using Assignment = std::vector<std::pair<TopicPartition, std::vector<BrokerId>>>;
[[nodiscard]] Result<ReassignmentPlan> check_assignment(
    const ClusterState& state, const Assignment& assignment
);

// What an unclean election of one partition would do.
struct UncleanElection {
    BrokerId candidate = kNoBroker;       // who would lead; kNoBroker: no replica is alive
    bool safe = false;                    // in sync or eligible: it has all that was acknowledged
    std::vector<BrokerId> may_have_more;  // offline replicas that were in sync or eligible
};
[[nodiscard]] UncleanElection foresee_unclean_election(
    const ClusterState& state, const ClusterPartition& partition
);

}  // namespace sealane::topology
