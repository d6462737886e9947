#pragma once
// How the links of a topology stand, asked from the target clusters (link state, positions) and
// the source clusters (log ends): the truth without the mirror's word, so that a dead mirror shows.

#include "common/client/cluster_client.hpp"
#include "common/kafka/messages/mirror.hpp"
#include "topology/cli/command.hpp"
#include "topology/model/topology.hpp"

#include <map>
#include <memory>

namespace sealane::topology {

struct LinkPartitionStatus {
    TopicPartition source;
    Offset source_end = kNoOffset;
    Offset next = kNoOffset;  // source offset that the target continues from
    Offset source_start = kNoOffset;
    [[nodiscard]] std::int64_t lag() const { return source_end - next; }
};

struct LinkStatus {
    std::string link;
    LinkKind kind = LinkKind::kReplica;
    std::string
        state;  // running, paused, promoting, promoted, broken, absent; unknown when unreachable
    std::int32_t epoch = -1;
    std::string verdict;  // OK, LAGGING, STALLED, PAUSED, PROMOTED, BROKEN, UNREACHABLE
    std::string cause;
    std::vector<LinkPartitionStatus> partitions;
    std::vector<kafka::MirrorLinkTopic> bound;  // source topics and the ids the link holds on to
    [[nodiscard]] std::int64_t lag() const;
};

// Clients of all clusters of a topology, opened when first needed.
class ClusterPool {
 public:
    ClusterPool(runtime::World& world, const Topology& topology)
        : world_(world), topology_(topology) {}
    [[nodiscard]] Result<client::ClusterClient*> get(const std::string& cluster);
    [[nodiscard]] runtime::Task<void> stop();

 private:
    runtime::World& world_;
    const Topology& topology_;
    std::map<std::string, std::unique_ptr<client::ClusterClient>> clients_;
};

// Never fails: what cannot be reached is UNREACHABLE with the reason as its cause.
[[nodiscard]] runtime::Task<LinkStatus> link_status(
    ClusterPool& pool, const Link& link, Instant deadline
);

[[nodiscard]] std::string link_state_text(std::int8_t state);

}  // namespace sealane::topology
