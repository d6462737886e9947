#pragma once
// A drill of losing the primary of a replica link: probes run, the primary is killed, its loss is
// detected, the standby promoted, writers and readers moved, and everything is counted.

#include "topology/drill/loss_detector.hpp"
#include "topology/drill/probe_reader.hpp"
#include "topology/model/topology.hpp"

#include <functional>

namespace sealane::topology {

struct DrillPlan {
    std::string link;
    std::string primary;
    std::string standby;
    ProbePlan probes;
    DetectionPlan detection;
    Duration baseline = 5s;
    Duration after = 5s;
    Objectives objectives;
};

// What the drill does to the outside; the caller knows how.
struct DrillHooks {
    std::function<Status()> kill_primary;
    std::function<void(std::string)> tell;  // progress in words
    std::function<bool()> interrupted;
};

struct DrillEvent {
    Instant at;
    std::string what;
};

struct DrillResult {
    DrillPlan plan;
    DrillLog log;
    DrillFindings findings;
    std::vector<DrillEvent> events;
    std::int64_t started_at_ms = 0;     // wall clock
    std::vector<std::string> promoted;  // "topic-0 from offset 12, leader epoch 3"
};

[[nodiscard]] runtime::Task<Result<DrillResult>> run_drill(
    client::ClusterClient& primary, client::ClusterClient& standby, DrillPlan plan, DrillHooks hooks
);

// Objectives that the findings missed, in words; empty: all met, nothing lost or out of order.
[[nodiscard]] std::vector<std::string> missed_objectives(const DrillResult& result);

}  // namespace sealane::topology
