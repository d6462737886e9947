#pragma once
// ClusterState: one running cluster as its metadata describes it at a moment, as plain data. Read
// by the command line through common/client; judged by cluster_health, changed by reassignment
// plans.

#include "common/base/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sealane::topology {

struct ClusterBroker {
    BrokerId id = kNoBroker;
    std::string address;
    std::string rack;     // empty: none
    bool fenced = false;  // registered, but its session has ended
};

struct ClusterPartition {
    TopicPartition id;
    bool internal = false;
    BrokerId leader = kNoBroker;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::vector<BrokerId> replicas;  // the first is the preferred leader
    std::vector<BrokerId> in_sync;
    std::vector<BrokerId> eligible;  // may lead without loss though not in sync
    // A reassignment under way: these come, those go; `replicas` has both.
    std::vector<BrokerId> adding;
    std::vector<BrokerId> removing;
    std::int32_t min_in_sync = 1;  // min.insync.replicas of the topic

    // The replicas it has when nothing is under way, and will have otherwise.
    [[nodiscard]] std::vector<BrokerId> target() const;
    // The in-sync replicas that acks=all needs.
    [[nodiscard]] std::size_t effective_min_in_sync() const;
    [[nodiscard]] bool has_replica(BrokerId broker) const;
};

struct QuorumNode {
    BrokerId id = kNoBroker;
    Uuid directory;
    Offset log_end = kNoOffset;
    std::int64_t last_fetch_ms = -1;  // wall clock of the leader; -1: unknown
    std::int64_t last_caught_up_ms = -1;
};

struct QuorumState {
    BrokerId leader = kNoBroker;
    LeaderEpoch epoch = kNoLeaderEpoch;
    Offset high_watermark = kNoOffset;
    std::vector<QuorumNode> voters;
    std::vector<QuorumNode> observers;
    std::string listener;  // that its nodes use among themselves; empty: not told

    [[nodiscard]] const QuorumNode* voter(BrokerId id) const;
    // Records that the node has still to fetch from the leader; nothing when it is not known.
    [[nodiscard]] std::optional<std::int64_t> lag(const QuorumNode& node) const;
    // Whether the node has asked the leader within the last seconds, as far as is known.
    [[nodiscard]] bool is_silent(const QuorumNode& node) const;
};

struct ClusterState {
    std::string access;  // how a command line names it: "--cluster=korea"
    std::string cluster_id;
    BrokerId controller = kNoBroker;
    std::vector<ClusterBroker> brokers;        // ascending
    std::vector<ClusterPartition> partitions;  // ascending
    std::optional<QuorumState> quorum;         // nothing: not served, or no answer
    std::string quorum_error;                  // why there was no answer; empty: not served

    [[nodiscard]] const ClusterBroker* broker(BrokerId id) const;
    [[nodiscard]] const ClusterPartition* partition(const TopicPartition& id) const;
};

struct BrokerLoad {
    std::int64_t leads = 0;
    std::int64_t preferred = 0;  // partitions that it leads when all is well
    std::int64_t holds = 0;
    std::int64_t out_of_sync = 0;
};
// Of every broker that is registered or holds a replica.
[[nodiscard]] std::map<BrokerId, BrokerLoad> broker_loads(const ClusterState& state);

// "1,2,3"
[[nodiscard]] std::string id_list(const std::vector<BrokerId>& ids);

}  // namespace sealane::topology
