#pragma once
// Reassignments of replicas (KIP-455). While one runs a partition's replicas are the targets
// followed by the replicas that will go; `adding` and `removing` name the difference. It is over
// when every target is in sync (PartitionChange::build ends it). Deciders only.

#include "broker/metadata/partition_change.hpp"
#include "common/kafka/messages/reassignments.hpp"

namespace sealane::broker {

struct ReassignmentDecision {
    Records records;
    kafka::AlterPartitionReassignmentsResponse response;
};
// Starts, replaces (targets) or cancels (null) reassignments. Per partition:
// kUnknownTopicOrPartition, kInvalidReplicaAssignment, kNoReassignmentInProgress,
// kInvalidReplicationFactor (the number of replicas changes and may not).
[[nodiscard]] ReassignmentDecision alter_reassignments(
    const Image& image,
    const ClusterPolicy& policy,
    const kafka::AlterPartitionReassignmentsRequest& request
);

// Null topics: everything under way.
[[nodiscard]] kafka::ListPartitionReassignmentsResponse list_reassignments(
    const Image& image, const kafka::ListPartitionReassignmentsRequest& request
);

}  // namespace sealane::broker
