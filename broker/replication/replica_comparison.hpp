#pragma once
// ReplicaComparison: a follower's committed records against its leader's, by their digests, one
// segment of the follower after the other, above what compaction has rewritten on either side. Each
// side has checked its own bytes (Scrub): what this finds is records that are sound and not the
// same.

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
    struct Look {
        std::optional<bool> equal;  // nothing: cannot be told
        Offset rewritten_to{0};     // on either side: below, equality says nothing
    };
    [[nodiscard]] runtime::Task<Look> same(PartitionPtr partition, Range range);

    runtime::World& world_;
    Peers& peers_;
    std::uint64_t compared_ = 0;
};

}  // namespace sealane::broker
