#include "broker/app/housekeeping.hpp"

namespace sealane::broker {

using runtime::Task;

Housekeeping::Housekeeping(
    runtime::World& world, const BrokerConfig& config, PartitionTable& partitions
)
    : world_(world),
      config_(config),
      partitions_(partitions),
      log_(world.log("broker.housekeeping")),
      tasks_(world) {}

void Housekeeping::start() {
    tasks_.spawn([this]() -> Task<void> {
        while (co_await tasks_.sleep(config_.retention_check_interval)) co_await run_once();
    });
}

Task<void> Housekeeping::run_once() {
    std::vector<PartitionPtr> all;
    for (const auto& [id, partition] : partitions_.all()) all.push_back(partition);
    const WallTime now = world_.wall();
    for (const PartitionPtr& partition : all) {
        if (tasks_.stopping()) co_return;
        if (partition->closed()) continue;
        partition->producers().expire(WallTime{now.ms - to_ms(config_.producer_id_expiration)});
        auto done = co_await partition->apply_retention(now);
        if (!done) {
            if (done.error().is_stopped() || partition->closed()) continue;
            log_.error(
                "retention failed",
                {{"partition", partition->id().to_string()}, {"error", done.error()}}
            );
        } else if (*done != 0) {
            log_.info(
                "segments expired",
                {{"partition", partition->id().to_string()},
                 {"segments", *done},
                 {"log_start", partition->log_start()}}
            );
        }
    }
}

}  // namespace sealane::broker
