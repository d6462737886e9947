#include "broker/replication/rebuilds.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {
// Metadata that shows another leader wakes us; this is for ports and disks that failed.
constexpr Duration kRetryPause = 2s;
}  // namespace

Rebuilds::Rebuilds(runtime::World& world, PartitionTable& table, const ReplicationPorts& ports)
    : world_(world),
      table_(table),
      ports_(ports),
      log_(world.log("broker.replication")),
      tasks_(world) {}

void Rebuilds::start() {
    tasks_.on_stop([this] { table_.context().damaged.notify_all(); });
    tasks_.spawn([this] { return run(); });
}

Task<void> Rebuilds::stop() {
    co_await tasks_.stop_and_join();
}

Task<void> Rebuilds::run() {
    while (!tasks_.stopping()) {
        const auto all = table_.damaged();
        damaged_ = all.size();
        for (const auto& damaged : all) {
            if (tasks_.stopping()) co_return;
            (void)co_await mend(damaged);
        }
        if (tasks_.stopping()) co_return;
        // Also what was found meanwhile.
        damaged_ = table_.damaged().size();
        const bool left = damaged_ != 0;
        (void)co_await table_.context().damaged.wait_until(
            left ? world_.now() + kRetryPause : Instant::never()
        );
    }
}

Task<bool> Rebuilds::mend(PartitionTable::Damaged damaged) {
    const Status reopened = co_await table_.reopen(damaged.id);
    if (reopened) {
        if (reported_.erase(damaged.id) != 0) co_await found(damaged);
        co_return true;
    }
    // Room may be made; nothing is wrong with the log.
    if (reopened.error().code() == ErrorCode::kNoSpace) co_return false;
    if (!reported_.contains(damaged.id)) {
        log_.error(
            "replica is damaged", {{"partition", damaged.id.to_string()}, {"cause", damaged.cause}}
        );
        const Status reported = co_await ports_.report_lost(damaged.id, damaged.topic_id);
        if (!reported) {
            log_.warning(
                "damage not reported",
                {{"partition", damaged.id.to_string()}, {"error", reported.error()}}
            );
            co_return false;
        }
        reported_.insert(damaged.id);
    }
    const Status rebuilt = co_await table_.rebuild(damaged.id);
    if (!rebuilt) {
        if (rebuilt.error().code() != ErrorCode::kReplicaNotAvailable) {
            log_.warning(
                "replica not rebuilt",
                {{"partition", damaged.id.to_string()}, {"error", rebuilt.error()}}
            );
        }
        co_return false;
    }
    reported_.erase(damaged.id);
    ++rebuilt_;
    co_await found(damaged);
    co_return true;
}

Task<void> Rebuilds::found(PartitionTable::Damaged damaged) {
    const Status told = co_await ports_.report_found(damaged.id, damaged.topic_id);
    if (!told) {
        log_.warning(
            "mended replica not reported",
            {{"partition", damaged.id.to_string()}, {"error", told.error()}}
        );
    }
}

}  // namespace sealane::broker
