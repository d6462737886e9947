#pragma once
// ReplicaComparison: a follower's committed records against its leader's, by their digests, one
// segment of the follower after the other. Each side has checked its own bytes (Scrub): what this
// finds is records that are sound and not the same.

#include "broker/peers/peers.hpp"
#include "broker/replication/partition_table.hpp"

namespace sealane::broker {

class ReplicaComparison {
 public:
    ReplicaComparison(runtime::World& world, Peers& peers) : world_(world), peers_(peers) {}

    // Success also when there is nothing to compare, or the leader does not answer or changes.
    // kCorrupt: names the offsets and the leader.
    [[nodiscard]] runtime::Task<Status> compare(PartitionPtr partition);

    [[nodiscard]] std::uint64_t compared() const { return compared_; }  // records

 private:
    struct Range {
        Offset from;
        Offset to;
    };
    // Nothing: cannot be told.
    [[nodiscard]] runtime::Task<std::optional<bool>> same(PartitionPtr partition, Range range);

    runtime::World& world_;
    Peers& peers_;
    std::uint64_t compared_ = 0;
};

}  // namespace sealane::broker
