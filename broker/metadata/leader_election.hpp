#pragma once
// Elections that somebody asks for: ElectLeaders (KIP-460) and the regular return of leadership to
// the preferred replicas. Elections that follow from a broker's coming and going are part of
// broker_decisions. Deciders only.

#include "broker/metadata/partition_change.hpp"
#include "common/kafka/messages/reassignments.hpp"

#include <cstddef>

namespace sealane::broker {

struct ElectionDecision {
    Records records;
    kafka::ElectLeadersResponse response;
};
// Preferred (type 0) or, when a partition has no leader, unclean (type 1). Null partitions: all;
// then partitions that need no election are not in the answer. An unclean election that succeeded
// says in its message which replica leads and what may be lost. Per partition:
// kUnknownTopicOrPartition, kElectionNotNeeded, kPreferredLeaderNotAvailable,
// kEligibleLeadersNotAvailable. Other election types: kInvalidRequest.
[[nodiscard]] ElectionDecision elect_leaders(
    const Image& image, const ClusterPolicy& policy, const kafka::ElectLeadersRequest& request
);

// Leadership of at most `count` partitions back to their preferred replicas, where those are in
// sync and active. Empty: everything is where it should be.
[[nodiscard]] Records prefer_leaders(
    const Image& image, const ClusterPolicy& policy, std::size_t count
);

}  // namespace sealane::broker
