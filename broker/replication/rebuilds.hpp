#pragma once
// Rebuilds: what becomes of replicas whose logs are damaged when other nodes have them too. First
// the controller is told, so that nobody counts on what may be gone; when another replica leads and
// this one is in no in-sync set, the log is moved aside and the replica copied anew.

#include "broker/replication/partition_table.hpp"
#include "broker/replication/replication_config.hpp"
#include "common/runtime/task_group.hpp"

#include <set>

namespace sealane::broker {

class Rebuilds {
 public:
    Rebuilds(runtime::World& world, PartitionTable& table, const ReplicationPorts& ports);
    void start();
    [[nodiscard]] runtime::Task<void> stop();
    [[nodiscard]] std::uint64_t rebuilt() const { return rebuilt_; }
    [[nodiscard]] std::size_t damaged() const { return damaged_; }

 private:
    [[nodiscard]] runtime::Task<void> run();
    // True: nothing is left to do for it.
    [[nodiscard]] runtime::Task<bool> mend(PartitionTable::Damaged damaged);
    [[nodiscard]] runtime::Task<void> found(PartitionTable::Damaged damaged);

    runtime::World& world_;
    PartitionTable& table_;
    const ReplicationPorts& ports_;
    runtime::Log log_;
    std::set<TopicPartition> reported_;
    std::uint64_t rebuilt_ = 0;
    std::size_t damaged_ = 0;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
