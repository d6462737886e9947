#pragma once
// Replication: the background work of a node with replicas. Fetches from the leaders of followed
// partitions (one task for each leader), proposes in-sync sets of led ones, rebuilds replicas whose
// logs are damaged from their leaders, and re-reads sealed segments (scrub).
//
// Owned by broker/app: made after the table, start() when the metadata is followed and peers know
// addresses, stop() before the table closes.

#include "broker/peers/peers.hpp"
#include "broker/replication/partition_table.hpp"
#include "broker/replication/replication_config.hpp"
#include "common/runtime/metrics.hpp"

#include <memory>

namespace sealane::broker {

class Replication final : public runtime::MetricSource {
 public:
    Replication(
        runtime::World& world,
        PartitionTable& table,
        Peers& peers,
        ReplicationConfig config,
        ReplicationPorts ports
    );
    ~Replication() override;

    void start();
    [[nodiscard]] runtime::Task<void> stop();
    void collect(runtime::MetricSink& sink) const override;
    // Bytes a second of replicas that catch up (0: no limit) and of re-reading, from now on.
    void set_rates(std::int64_t throttle_bytes, std::int64_t scrub_bytes);

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace sealane::broker
