#pragma once
// What one Fetch reads: the partitions in order, from the request or from its session.

#include "broker/api/partition_lookup.hpp"

#include <cstdint>
#include <vector>

namespace sealane::broker {

struct FetchTarget {
    TopicName topic;  // as the request named it: by id from version 13 on
    PartitionId partition{};
    LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
    LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
    Offset offset;
    std::int32_t max_bytes = 0;
};

}  // namespace sealane::broker
