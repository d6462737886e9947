#pragma once
// Scrub: re-reads the sealed segments of every replica, slowly, so that rot is found while other
// replicas still have what it takes, and compares followers with their leaders. What it finds is
// damage of the partition (Rebuilds mends it).

#include "broker/replication/partition_table.hpp"
#include "broker/replication/replica_comparison.hpp"
#include "broker/replication/replication_config.hpp"
#include "common/runtime/task_group.hpp"

namespace sealane::broker {

class Scrub {
 public:
    Scrub(
        runtime::World& world, PartitionTable& table, Peers& peers, const ReplicationConfig& config
    );
    void start();
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] std::uint64_t passes() const { return passes_; }
    [[nodiscard]] std::uint64_t found() const { return found_; }
    [[nodiscard]] std::uint64_t compared_records() const { return comparison_.compared(); }

 private:
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<void> scrub_all();
    [[nodiscard]] runtime::Task<bool> pace(std::uint64_t bytes);

    runtime::World& world_;
    PartitionTable& table_;
    const ReplicationConfig& config_;
    runtime::Log log_;
    ReplicaComparison comparison_;
    std::uint64_t bytes_ = 0;
    std::uint64_t passes_ = 0;
    std::uint64_t found_ = 0;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
