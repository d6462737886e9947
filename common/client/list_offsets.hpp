#pragma once
// Asking leaders which offset a partition has at a place or a time.

#include "common/client/cluster_client.hpp"
#include "common/client/fetch_positions.hpp"

#include <map>
#include <vector>

namespace sealane::client {

struct ListedOffset {
    Offset offset = kNoOffset;  // kNoOffset: no record at or after the time asked for
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    WallTime timestamp;
};

// For every partition asked, its offset or its error; leaders are looked up and retried until the
// deadline. Kind kOffset must not be asked. `committed_only`: latest means last stable offset.
[[nodiscard]] runtime::Task<std::map<TopicPartition, Result<ListedOffset>>> list_offsets(
    ClusterClient& cluster,
    std::map<TopicPartition, StartAt> places,
    bool committed_only,
    Instant deadline
);

// One partition.
[[nodiscard]] runtime::Task<Result<ListedOffset>> list_offset(
    ClusterClient& cluster, TopicPartition partition, StartAt place, Instant deadline
);

// Where `epoch` ends in the leader's log (KIP-320): the largest epoch not above it and its end.
struct EpochEnd {
    LeaderEpoch epoch = kNoLeaderEpoch;
    Offset end = kNoOffset;
};
[[nodiscard]] runtime::Task<Result<EpochEnd>> epoch_end(
    ClusterClient& cluster, TopicPartition partition, LeaderEpoch epoch, Instant deadline
);

}  // namespace sealane::client
