#pragma once
// Proof that a link's target holds what its source holds, record by record: same key, value,
// headers and timestamp, in the same order, each exactly once. Replica links compare equal offsets;
// aggregate links go through the target's exact offset map. Where a side is compacted, records that
// both have are compared, and of replicas every key's latest value.

#include "common/client/cluster_client.hpp"
#include "topology/model/topology.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sealane::topology {

struct PartitionVerdict {
    TopicPartition source;
    TopicPartition target;
    std::int64_t compared = 0;        // records found equal on both sides
    std::int64_t behind = 0;          // source records that the target does not have yet
    std::int64_t only_at_target = 0;  // the source has expired them: nothing to compare with
    std::int64_t different = 0;
    // Compacted topics: records that one side has and compaction has taken from the other.
    std::int64_t superseded = 0;
    std::vector<std::string> differences;  // the first kDifferencesKept, in words
    static constexpr std::size_t kDifferencesKept = 10;
    void differs(std::string what);
};

struct LinkVerdict {
    std::string link;
    std::vector<PartitionVerdict> partitions;
    [[nodiscard]] std::int64_t compared() const;
    [[nodiscard]] std::int64_t behind() const;
    [[nodiscard]] std::int64_t different() const;
};

// Compares everything that is below both high watermarks when it starts. `progress` is told how
// many records were compared so far.
[[nodiscard]] runtime::Task<Result<LinkVerdict>> verify_link(
    client::ClusterClient& source,
    client::ClusterClient& target,
    const Link& link,
    std::function<void(std::int64_t)> progress,
    Instant deadline
);

// The target's name of a source topic.
[[nodiscard]] std::string target_topic_of(const Link& link, const std::string& source_topic);

}  // namespace sealane::topology
