#include "topology/cli/cluster_reader.hpp"

#include "common/client/admin_cluster.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace sealane::topology {
namespace {

using runtime::Task;

// Elections take less.
constexpr Duration kQuorumPatience = std::chrono::seconds(6);

QuorumNode quorum_node(const kafka::DescribeQuorumResponse::ReplicaState& replica) {
    return {
        replica.replica_id,
        replica.replica_directory_id,
        replica.log_end_offset,
        replica.last_fetch_timestamp,
        replica.last_caught_up_timestamp
    };
}

QuorumState quorum_state(const client::QuorumDescription& from) {
    QuorumState quorum;
    quorum.leader = from.leader_id;
    quorum.epoch = from.leader_epoch;
    quorum.high_watermark = from.high_watermark;
    for (const auto& node : from.nodes) {
        if (!node.listeners.empty()) quorum.listener = node.listeners.front().name;
    }
    for (const auto& voter : from.current_voters) quorum.voters.push_back(quorum_node(voter));
    for (const auto& observer : from.observers) quorum.observers.push_back(quorum_node(observer));
    std::ranges::sort(quorum.voters, {}, &QuorumNode::id);
    std::ranges::sort(quorum.observers, {}, &QuorumNode::id);
    return quorum;
}

Task<Status> read_brokers(client::ClusterAdmin& admin, ClusterState& state, Instant deadline) {
    SEALANE_CO_TRY(const auto described, co_await admin.describe(deadline));
    state.cluster_id = described.cluster_id;
    state.controller = described.controller_id;
    for (const auto& broker : described.brokers) {
        state.brokers.push_back(
            {broker.broker_id,
             broker.host + ":" + std::to_string(broker.port),
             broker.rack.value_or(""),
             broker.is_fenced}
        );
    }
    std::ranges::sort(state.brokers, {}, &ClusterBroker::id);
    co_return Status{};
}

Task<Status> read_partitions(client::ClusterAdmin& admin, ClusterState& state, Instant deadline) {
    SEALANE_CO_TRY(auto partitions, co_await admin.partitions(deadline));
    std::set<std::string> topics;
    for (auto& from : partitions) {
        topics.insert(from.partition.topic);
        ClusterPartition& to = state.partitions.emplace_back();
        to.id = std::move(from.partition);
        to.internal = from.internal;
        to.leader = from.leader;
        to.leader_epoch = from.leader_epoch;
        to.replicas = std::move(from.replicas);
        to.in_sync = std::move(from.in_sync);
        to.eligible = std::move(from.eligible);
    }
    SEALANE_CO_TRY(
        const auto minima,
        co_await admin.topic_config({topics.begin(), topics.end()}, "min.insync.replicas", deadline)
    );
    for (ClusterPartition& partition : state.partitions) {
        const auto found = minima.find(partition.id.topic);
        if (found != minima.end()) partition.min_in_sync = std::atoi(found->second.c_str());
    }
    co_return Status{};
}

// What is under way is known to the controller alone, so without it nobody says.
Task<void> read_reassignments(client::ClusterAdmin& admin, ClusterState& state, Instant deadline) {
    const auto ongoing = co_await admin.reassignments(deadline);
    if (!ongoing) co_return;
    for (const auto& from : *ongoing) {
        const auto to =
            std::ranges::lower_bound(state.partitions, from.partition, {}, &ClusterPartition::id);
        if (to == state.partitions.end() || to->id != from.partition) continue;
        to->replicas = from.replicas;
        to->adding = from.adding;
        to->removing = from.removing;
    }
}

Task<void> read_quorum(client::ClusterAdmin& admin, ClusterState& state, Instant deadline) {
    const auto quorum = co_await admin.describe_quorum(deadline);
    if (quorum) {
        state.quorum = quorum_state(*quorum);
        // Brokers of Apache Kafka answer with any broker; the quorum's leader is the controller.
        if (quorum->leader_id != kNoBroker) state.controller = quorum->leader_id;
    } else if (quorum.error().code() != ErrorCode::kUnsupportedVersion) {
        state.quorum_error = quorum.error().to_string();
    }
}

}  // namespace

Task<Result<ClusterState>> read_cluster_state(ClusterSession& session, Instant deadline) {
    client::ClusterAdmin admin(session.cluster);
    ClusterState state;
    state.access = session.access;
    SEALANE_CO_CHECK(co_await read_brokers(admin, state, deadline));
    SEALANE_CO_CHECK(co_await read_partitions(admin, state, deadline));
    // A lost quorum must not take the time that the rest of the answer needs.
    const Duration left = deadline - session.context.world.now();
    const Duration patience = std::min<Duration>(left / 2, kQuorumPatience);
    co_await read_quorum(admin, state, session.context.world.now() + patience);
    if (state.quorum_error.empty()) co_await read_reassignments(admin, state, deadline);
    co_return state;
}

Task<std::map<BrokerId, BrokerDisk>> read_disks(
    ClusterSession& session, const ClusterState& state, Instant deadline
) {
    client::ClusterAdmin admin(session.cluster);
    std::map<BrokerId, BrokerDisk> disks;
    for (const ClusterBroker& broker : state.brokers) {
        if (broker.fenced) continue;
        const Instant limit = std::min(deadline, session.context.world.now() + 3s);
        const auto directories = co_await admin.log_dirs(broker.id, limit);
        if (!directories) continue;
        BrokerDisk& disk = disks[broker.id];
        for (const auto& directory : *directories) {
            if (directory.usable_bytes >= 0)
                disk.free_bytes =
                    std::max<std::int64_t>(0, disk.free_bytes) + directory.usable_bytes;
            for (const auto& topic : directory.topics) {
                for (const auto& partition : topic.partitions) {
                    disk.used_bytes += partition.partition_size;
                    disk.sizes[{topic.name, partition.partition_index}] += partition.partition_size;
                }
            }
        }
    }
    co_return disks;
}

}  // namespace sealane::topology
