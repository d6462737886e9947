#pragma once
// Housekeeping: what a broker does on its own from time to time: retention of every partition, and
// forgetting idempotent producers that have gone.

#include "broker/config/broker_config.hpp"
#include "broker/replication/partition_table.hpp"
#include "common/runtime/task_group.hpp"

namespace sealane::broker {

class Housekeeping {
 public:
    Housekeeping(runtime::World& world, const BrokerConfig& config, PartitionTable& partitions);
    void start();
    [[nodiscard]] runtime::Task<void> stop() { return tasks_.stop_and_join(); }
    // One round over all partitions.
    [[nodiscard]] runtime::Task<void> run_once();

 private:
    runtime::World& world_;
    const BrokerConfig& config_;
    PartitionTable& partitions_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
