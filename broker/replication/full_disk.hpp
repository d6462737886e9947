#pragma once
// FullDisk: what becomes of replicas for which this node's disk has no room, when other nodes have
// them too. They leave their in-sync sets at once (metadata's withdrawal()): a leader hands over,
// and nobody waits for a follower that cannot write. From time to time the disk is tried; when
// there is room, the replicas fetch again, and their leaders let them in when they have caught up.
// A replica that is the last in its set stays, and tries with every append.

#include "broker/replication/full_disk_pace.hpp"
#include "broker/replication/partition_table.hpp"
#include "broker/replication/replication_config.hpp"
#include "common/runtime/task_group.hpp"

#include <vector>

namespace sealane::broker {

class FullDisk {
 public:
    FullDisk(
        runtime::World& world,
        PartitionTable& table,
        const ReplicationConfig& config,
        const ReplicationPorts& ports
    );
    void start();
    [[nodiscard]] runtime::Task<void> stop();
    // Replicas that wait for room.
    [[nodiscard]] std::size_t size() const { return waiting().size(); }

 private:
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] std::vector<PartitionPtr> waiting() const;
    // For all that wait and are still in an in-sync set with others; no topics: none is.
    [[nodiscard]] kafka::AlterPartitionRequest withdrawals() const;
    [[nodiscard]] runtime::Task<void> leave(kafka::AlterPartitionRequest request);
    [[nodiscard]] runtime::Task<void> try_disk();
    [[nodiscard]] runtime::Task<Status> write_something();

    runtime::World& world_;
    PartitionTable& table_;
    const ReplicationConfig& config_;
    const ReplicationPorts& ports_;
    runtime::Log log_;
    FullDiskPace pace_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
