#pragma once
// IsrProposals: asks the controller for the in-sync sets that the leaders on this node want, all of
// them in one AlterPartition at a time (KIP-497). Looks when a follower may join, and every half of
// replica.lag.time.max.ms for those that fell behind.

#include "broker/replication/partition_table.hpp"
#include "broker/replication/replication_config.hpp"
#include "common/runtime/task_group.hpp"

#include <vector>

namespace sealane::broker {

class IsrProposals {
 public:
    IsrProposals(
        runtime::World& world,
        PartitionTable& table,
        const ReplicationConfig& config,
        const ReplicationPorts& ports
    );
    void start();
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] std::uint64_t shrinks() const { return shrinks_; }
    [[nodiscard]] std::uint64_t expands() const { return expands_; }

 private:
    struct Proposed {
        PartitionPtr partition;
        IsrProposal proposal;
    };
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] std::vector<Proposed> collect() const;
    [[nodiscard]] kafka::AlterPartitionRequest request_of(const std::vector<Proposed>& all) const;
    // False: it has to go out again.
    [[nodiscard]] bool take(
        const std::vector<Proposed>& all, const kafka::AlterPartitionResponse& answer
    );
    void take_one(
        const Proposed& proposed, const kafka::AlterPartitionResponse::PartitionData& data
    );
    [[nodiscard]] std::optional<std::int64_t> epoch_of(BrokerId broker) const;

    runtime::World& world_;
    PartitionTable& table_;
    const ReplicationConfig& config_;
    const ReplicationPorts& ports_;
    runtime::Log log_;
    std::uint64_t shrinks_ = 0;
    std::uint64_t expands_ = 0;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
