#pragma once
// Feeds real log files into the local clusters of a demo: a record a line, keyed by the file it
// came from, so that a file's lines stay in order in one partition.

#include "common/runtime/world.hpp"
#include "topology/cli/log_files.hpp"
#include "topology/cli/output.hpp"
#include "topology/model/topology.hpp"

#include <map>

namespace sealane::topology {

struct FedTopic {
    std::int64_t records = 0;
    std::int64_t bytes = 0;
};

// cluster -> topic -> what was written. Files go to the clusters in turn.
using FeedReport = std::map<std::string, std::map<std::string, FedTopic>>;

[[nodiscard]] runtime::Task<Result<FeedReport>> feed_clusters(
    runtime::World& world,
    const Topology& topology,
    std::vector<LogFile> files,
    Progress& progress,
    Instant deadline
);

// The clusters that only send: sources of links that are nobody's target.
[[nodiscard]] std::vector<std::string> local_clusters(const Topology& topology);

}  // namespace sealane::topology
