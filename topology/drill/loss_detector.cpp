#include "topology/drill/loss_detector.hpp"

#include "common/client/admin.hpp"

namespace sealane::topology {

runtime::Task<bool> wait_until_lost(
    client::ClusterClient& cluster, DetectionPlan plan, Instant deadline
) {
    runtime::World& world = cluster.world();
    client::Admin admin(cluster);
    Instant last_answer = world.now();
    while (world.now() < deadline) {
        const Instant asked = world.now();
        const auto answer = co_await admin.describe_cluster(asked + plan.patience);
        if (answer) {
            last_answer = world.now();
        } else if (world.now() - last_answer >= plan.silence) {
            co_return true;
        }
        co_await world.sleep_until(asked + plan.interval);
    }
    co_return false;
}

}  // namespace sealane::topology
