#include "topology/cluster/reassignment.hpp"

#include <algorithm>

namespace sealane::topology {

namespace {

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
    return std::ranges::find(ids, id) != ids.end();
}

std::vector<BrokerId> difference(
    const std::vector<BrokerId>& all, const std::vector<BrokerId>& without
) {
    std::vector<BrokerId> rest;
    for (const BrokerId id : all) {
        if (!contains(without, id)) rest.push_back(id);
    }
    return rest;
}

// What is wrong with the replicas that one partition shall have; empty: nothing.
std::string fault_of(
    const ClusterState& state,
    const ClusterPartition* partition,
    const std::vector<BrokerId>& replicas
) {
    if (partition == nullptr) return "does not exist";
    if (replicas.empty()) return "has no replicas";
    std::set<BrokerId> seen;
    for (const BrokerId id : replicas) {
        const std::string broker = "broker " + std::to_string(id.value);
        if (!seen.insert(id).second) return "names " + broker + " twice";
        const ClusterBroker* known = state.broker(id);
        if (known == nullptr) return "names " + broker + ", which is not in the cluster";
        if (known->fenced && !partition->has_replica(id))
            return "names " + broker + ", which is fenced and could not copy it";
    }
    return {};
}

}  // namespace

std::vector<BrokerId> ReplicaMove::added() const {
    return difference(to, from);
}
std::vector<BrokerId> ReplicaMove::removed() const {
    return difference(from, to);
}

Result<ReassignmentPlan> check_assignment(const ClusterState& state, const Assignment& assignment) {
    ReassignmentPlan plan;
    std::string wrong;
    std::set<TopicPartition> seen;
    for (const auto& [id, replicas] : assignment) {
        const ClusterPartition* partition = state.partition(id);
        std::string fault = fault_of(state, partition, replicas);
        if (!seen.insert(id).second) fault = "is named twice";
        if (!fault.empty()) {
            wrong += "\n  " + id.to_string() + " " + fault;
            continue;
        }
        const auto target = partition->target();
        if (target != replicas) plan.push_back({id, target, replicas});
    }
    if (!wrong.empty())
        return fail(ErrorCode::kBadConfig, "the assignment does not fit the cluster:" + wrong);
    std::ranges::sort(plan, {}, &ReplicaMove::partition);
    return plan;
}

UncleanElection foresee_unclean_election(
    const ClusterState& state, const ClusterPartition& partition
) {
    UncleanElection election;
    const auto complete = [&](BrokerId id) {
        return contains(partition.in_sync, id) || contains(partition.eligible, id);
    };
    for (const BrokerId id : partition.replicas) {
        const ClusterBroker* broker = state.broker(id);
        const bool alive = broker != nullptr && !broker->fenced;
        if (!alive && complete(id)) election.may_have_more.push_back(id);
        if (!alive) continue;
        // A complete one is preferred to an earlier one that is not, as the controller does.
        if (election.candidate == kNoBroker || (!election.safe && complete(id))) {
            election.candidate = id;
            election.safe = complete(id);
        }
    }
    return election;
}

}  // namespace sealane::topology
