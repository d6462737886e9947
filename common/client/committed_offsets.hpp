#pragma once
// Reading and writing a group's committed offsets, as a member or from outside (an empty group).

#include "common/client/cluster_client.hpp"
#include "common/client/consumer.hpp"

#include <map>
#include <string>
#include <vector>

namespace sealane::client {

// Who commits; the default commits from outside.
struct CommitIdentity {
    std::string member_id;
    GroupGeneration generation{-1};
    std::optional<std::string> instance_id = std::nullopt;
    Lane lane = Lane::kControl;
};

// Offsets of the given partitions, or of all with a commit when `partitions` is nothing. Partitions
// without a commit are left out.
[[nodiscard]] runtime::Task<Result<std::map<TopicPartition, CommittedOffset>>> fetch_committed(
    ClusterClient& cluster,
    std::string group,
    std::optional<std::vector<TopicPartition>> partitions,
    Instant deadline
);

// The first partition that was refused decides the error; others may have been written.
[[nodiscard]] runtime::Task<Status> commit_offsets(
    ClusterClient& cluster,
    std::string group,
    std::map<TopicPartition, CommittedOffset> offsets,
    CommitIdentity identity,
    Instant deadline
);

}  // namespace sealane::client
