#pragma once
// Plans for moving replicas: which partitions get which replicas so that a broker is empty
// (drain), or so that all brokers carry alike (balance). As few replicas move as possible; racks
// stay as well spread as they were, or better. Deciders only; a plan is carried out with
// AlterPartitionReassignments.

#include "common/placement/placement.hpp"

#include <set>
#include <string>
#include <vector>

namespace sealane::placement {

struct Partition {
    std::string topic;
    PartitionId partition{};
    Replicas replicas;  // without those that a running reassignment adds
    friend bool operator==(const Partition&, const Partition&) = default;
};

struct Plan {
    std::vector<Partition> moves;  // with their new replicas, in the order of the input
    std::size_t replicas_moved = 0;
};

// Every replica of `leaving` goes to another usable broker. kInvalidReplicationFactor: for some
// partition there is none left.
[[nodiscard]] Result<Plan> plan_drain(
    const std::vector<Broker>& brokers,
    const std::vector<Partition>& partitions,
    const std::set<BrokerId>& leaving
);

// Replicas and preferred leaders are spread evenly over the usable brokers (counts differ by one at
// most, where racks and factors permit), and replicas of one partition over racks. Brokers that
// are not usable keep what they have.
[[nodiscard]] Plan plan_balance(
    const std::vector<Broker>& brokers, const std::vector<Partition>& partitions
);

}  // namespace sealane::placement
