#pragma once
// Decides that a cluster is lost: asked again and again, it gave no answer for a whole detection
// time. One answer starts the time anew.

#include "common/client/cluster_client.hpp"

namespace sealane::topology {

struct DetectionPlan {
    Duration silence = 3s;      // without an answer: lost
    Duration interval = 200ms;  // between questions
    Duration patience = 500ms;  // for one answer
};

// Returns when the cluster is lost (true) or the deadline passed (false).
[[nodiscard]] runtime::Task<bool> wait_until_lost(
    client::ClusterClient& cluster, DetectionPlan plan, Instant deadline
);

}  // namespace sealane::topology
