#pragma once
// Small clusters for tests: brokers by number and rack, partitions by their replicas.

#include "topology/cluster/cluster_state.hpp"

#include <algorithm>

namespace sealane::topology {

inline std::vector<BrokerId> ids(std::initializer_list<int> numbers) {
    std::vector<BrokerId> list;
    for (const int number : numbers) list.emplace_back(number);
    return list;
}

inline TopicPartition named(const std::string& topic, int partition) {
    return {topic, PartitionId(partition)};
}

class StateBuilder {
 public:
    StateBuilder& broker(int id, std::string rack = {}, bool fenced = false) {
        state_.brokers.push_back(
            {BrokerId(id), "host:" + std::to_string(9000 + id), std::move(rack), fenced}
        );
        return *this;
    }
    StateBuilder& brokers(int count) {
        for (int id = 1; id <= count; ++id) broker(id);
        return *this;
    }
    // All replicas in sync, led by the first.
    StateBuilder& partition(const std::string& topic, int number, std::vector<BrokerId> replicas) {
        ClusterPartition partition;
        partition.id = named(topic, number);
        partition.leader = replicas.front();
        partition.in_sync = replicas;
        partition.replicas = std::move(replicas);
        partition.min_in_sync = 2;
        state_.partitions.push_back(std::move(partition));
        std::ranges::sort(state_.partitions, {}, &ClusterPartition::id);
        return *this;
    }
    ClusterPartition& at(const std::string& topic, int number) {
        return *std::ranges::find(state_.partitions, named(topic, number), &ClusterPartition::id);
    }
    ClusterState& state() { return state_; }

 private:
    ClusterState state_;
};

}  // namespace sealane::topology
