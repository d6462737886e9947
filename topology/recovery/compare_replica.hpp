#pragma once
// One partition of a replica link: equal records at equal offsets. Of a compacted topic: records
// that both sides have are equal, and every key ends with the same value.

#include "common/kafka/records/record.hpp"
#include "topology/recovery/link_verifier.hpp"

namespace sealane::topology {

struct LogExtent {
    Offset start = kNoOffset;
    Offset end = kNoOffset;  // high watermark
};

struct ComparedSides {
    client::ClusterClient& source;
    client::ClusterClient& target;
    LogExtent source_extent;
    LogExtent target_extent;
    Instant deadline;
    bool compacted = false;  // the topic, on either side
};

[[nodiscard]] runtime::Task<Status> compare_replica(
    ComparedSides sides, PartitionVerdict& verdict, std::function<void(std::int64_t)> progress
);

// What differs between two records besides their offsets ("value", "timestamp"); empty: nothing.
[[nodiscard]] std::string difference_of(const kafka::Record& a, const kafka::Record& b);

}  // namespace sealane::topology
