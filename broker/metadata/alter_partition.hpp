#pragma once
// AlterPartition (KIP-497, KIP-903): the leader of a partition proposes its in-sync set; the
// controller checks it against what it knows of the brokers, and ends a reassignment whose targets
// are all in sync. Deciders only.
//
// Beyond Kafka's rules any member may take itself, and nobody else, out of the set; a leader that
// does so hands over to another member. That is how a replica leaves whose disk is full.

#include "broker/metadata/partition_change.hpp"
#include "common/kafka/messages/brokers.hpp"

namespace sealane::broker {

struct AlterPartitionDecision {
    Records records;
    // To be sent when the records are committed.
    kafka::AlterPartitionResponse response;
};
// Checks in the order of formats 15 ("AlterPartition"). Versions 2 and up (topic ids).
[[nodiscard]] AlterPartitionDecision alter_partition(
    const Image& image, const ClusterPolicy& policy, const kafka::AlterPartitionRequest& request
);

// What `replica` asks for to leave the in-sync set. Nothing when it is not in it, or has nobody to
// leave the partition to.
[[nodiscard]] std::optional<kafka::AlterPartitionRequest::PartitionData> withdrawal(
    const PartitionState& now, PartitionId partition, BrokerId replica
);

}  // namespace sealane::broker
