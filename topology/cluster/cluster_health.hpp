#pragma once
// Whether a cluster does its work: the verdict that an operator sees first, and what stands behind
// it. UNAVAILABLE: something is refused now (reads, acks=all writes, or changes of the metadata).
// DEGRADED: everything works, and one loss more may change that.

#include "topology/cluster/cluster_state.hpp"

#include <cstdint>
#include <string_view>

namespace sealane::topology {

enum class ClusterVerdict : std::uint8_t { kHealthy, kDegraded, kUnavailable };
[[nodiscard]] std::string_view name_of(ClusterVerdict verdict);

struct HealthFinding {
    ClusterVerdict severity = ClusterVerdict::kDegraded;
    std::string kind;  // "leaderless", "under-min-isr", "under-replicated", "broker", "quorum"
    std::string what;
    std::string next;  // the command that helps; empty: none does by itself
    friend bool operator==(const HealthFinding&, const HealthFinding&) = default;
};

struct ClusterHealth {
    ClusterVerdict verdict = ClusterVerdict::kHealthy;
    std::vector<HealthFinding> findings;  // the worst first
    // All of them; findings name the first few of each.
    std::vector<TopicPartition> leaderless;
    std::vector<TopicPartition> under_min_in_sync;
    std::vector<TopicPartition> under_replicated;  // without those of the two lists above
    std::vector<BrokerId> fenced;
    std::int64_t moving = 0;  // partitions with a reassignment under way: no fault
    [[nodiscard]] bool healthy() const { return verdict == ClusterVerdict::kHealthy; }
};

[[nodiscard]] ClusterHealth judge_health(const ClusterState& state);

}  // namespace sealane::topology
