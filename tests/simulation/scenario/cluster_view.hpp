#pragma once
// A simulated cluster seen through its walls: what each node believes, what lies on its disk, and
// whether all of it has come together. Nothing here changes anything.

#include "broker/metadata/image.hpp"
#include "tests/checker/cluster_facts.hpp"
#include "tests/checker/stored_log.hpp"
#include "tests/simulation/scenario/replicated_plan.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sealane::simulation {

struct ReplicaView {
    TopicPartition partition;
    LeaderEpoch epoch = kNoLeaderEpoch;
    bool leads = false;
    Offset high_watermark = kNoOffset;
    Offset end = kNoOffset;
    Offset start = kNoOffset;
    std::vector<checker::EpochMark> epochs;
};

struct NodeView {
    BrokerId id = kNoBroker;
    bool serves = false;  // listening and ready for clients
    // Its part in the metadata quorum.
    bool controls = false;
    BrokerId controller = kNoBroker;
    LeaderEpoch quorum_epoch = kNoLeaderEpoch;
    Offset quorum_watermark;
    std::shared_ptr<const broker::Image> image;
    std::vector<ReplicaView> replicas;
};

class ClusterView {
 public:
    using Servers = std::vector<SimProcess*>;
    // The plan's nodes and their processes, in the same order.
    ClusterView(const ReplicatedPlan& plan, const Servers& servers)
        : plan_(plan), servers_(servers) {}

    // Tells `facts` what every running node believes now.
    void observe(checker::ClusterFacts& facts);
    // Tells `facts` of every vote that a node writes down, from now on.
    void watch_votes(checker::ClusterFacts& facts);
    // Empty when every partition of every topic (of those on all images) has a leader, all of its
    // replicas are in sync and equally long, and every node agrees; else what is missing.
    [[nodiscard]] std::string unsettled();
    // Whether losing all data of this node would leave healthy copies of everything.
    [[nodiscard]] bool is_dispensable(const std::string& host);
    // Whether every partition has all its replicas in sync, by the metadata that all nodes have:
    // all that was acknowledged is durable on each of them, so that one may lose it.
    [[nodiscard]] bool may_return_empty(const std::string& host);
    // Who leads the metadata quorum, by the newest opinion; empty: nobody does.
    [[nodiscard]] std::string controller();
    // Of all partitions that are led somewhere, who leads the one that `choice` falls on; likewise.
    [[nodiscard]] std::string some_leader(std::uint64_t choice);
    // Where the log of the leader ends, as it sees itself; kNoOffset: there is none.
    [[nodiscard]] Offset leader_end(const TopicPartition& partition);
    // What all nodes hold of a partition.
    [[nodiscard]] std::vector<checker::StoredLog> stored(const TopicPartition& partition);
    // The metadata image of some node that serves; null when none does.
    [[nodiscard]] std::shared_ptr<const broker::Image> image();
    [[nodiscard]] std::vector<TopicPartition> partitions();
    [[nodiscard]] const NodePlan& node(std::size_t i) const { return plan_.nodes[i]; }

 private:
    [[nodiscard]] std::optional<NodeView> look_at(std::size_t i);
    // Enough replicas, and voters, that one of each may be lost.
    [[nodiscard]] bool has_spares(const std::string& host) const;
    // The quorum: one leader that all nodes know, and all have what is committed.
    [[nodiscard]] static std::string unsettled_quorum(const std::vector<NodeView>& views);
    [[nodiscard]] std::string unsettled_partition(
        const TopicPartition& partition,
        const broker::PartitionState& state,
        const std::vector<NodeView>& views
    ) const;

    const ReplicatedPlan& plan_;
    const Servers& servers_;
};

}  // namespace sealane::simulation
