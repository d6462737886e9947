#include "topology/cluster/cluster_state.hpp"

#include <algorithm>

namespace sealane::topology {

namespace {

// A follower asks again at least every half second; after ten times that it is not there.
constexpr std::int64_t kSilentMs = 5'000;

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
    return std::ranges::find(ids, id) != ids.end();
}

}  // namespace

std::vector<BrokerId> ClusterPartition::target() const {
    std::vector<BrokerId> kept;
    for (const BrokerId broker : replicas) {
        if (!contains(removing, broker)) kept.push_back(broker);
    }
    return kept;
}

std::size_t ClusterPartition::effective_min_in_sync() const {
    const auto wanted = static_cast<std::size_t>(std::max(1, min_in_sync));
    return std::min(wanted, target().size());
}

bool ClusterPartition::has_replica(BrokerId broker) const {
    return contains(replicas, broker);
}

const QuorumNode* QuorumState::voter(BrokerId id) const {
    const auto found = std::ranges::find(voters, id, &QuorumNode::id);
    return found == voters.end() ? nullptr : &*found;
}

std::optional<std::int64_t> QuorumState::lag(const QuorumNode& node) const {
    const QuorumNode* first = voter(leader);
    if (first == nullptr || first->log_end < Offset(0) || node.log_end < Offset(0))
        return std::nullopt;
    return std::max<std::int64_t>(0, first->log_end - node.log_end);
}

bool QuorumState::is_silent(const QuorumNode& node) const {
    if (node.id == leader) return false;
    // The leader's clock, as far as anybody has shown it.
    std::int64_t now = -1;
    for (const auto* nodes : {&voters, &observers}) {
        for (const QuorumNode& one : *nodes)
            now = std::max({now, one.last_fetch_ms, one.last_caught_up_ms});
    }
    return now >= 0 && now - node.last_fetch_ms > kSilentMs;
}

const ClusterBroker* ClusterState::broker(BrokerId id) const {
    const auto found = std::ranges::find(brokers, id, &ClusterBroker::id);
    return found == brokers.end() ? nullptr : &*found;
}

const ClusterPartition* ClusterState::partition(const TopicPartition& id) const {
    const auto found = std::ranges::lower_bound(partitions, id, {}, &ClusterPartition::id);
    return found == partitions.end() || found->id != id ? nullptr : &*found;
}

std::map<BrokerId, BrokerLoad> broker_loads(const ClusterState& state) {
    std::map<BrokerId, BrokerLoad> loads;
    for (const ClusterBroker& broker : state.brokers) loads[broker.id];
    for (const ClusterPartition& partition : state.partitions) {
        if (partition.leader != kNoBroker) ++loads[partition.leader].leads;
        if (!partition.replicas.empty()) ++loads[partition.replicas.front()].preferred;
        for (const BrokerId id : partition.replicas) {
            ++loads[id].holds;
            if (!contains(partition.in_sync, id)) ++loads[id].out_of_sync;
        }
    }
    return loads;
}

std::string id_list(const std::vector<BrokerId>& ids) {
    std::string text;
    for (const BrokerId id : ids) text += (text.empty() ? "" : ",") + std::to_string(id.value);
    return text;
}

}  // namespace sealane::topology
