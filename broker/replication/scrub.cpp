#include "broker/replication/scrub.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {
// A node that has just started has better things to do.
constexpr Duration kFirstPause = std::chrono::minutes(10);
}  // namespace

Scrub::Scrub(
    runtime::World& world, PartitionTable& table, Peers& peers, const ReplicationConfig& config
)
    : world_(world),
      table_(table),
      config_(config),
      log_(world.log("broker.replication.scrub")),
      comparison_(world, peers),
      tasks_(world) {}

void Scrub::start() {
    if (config_.scrub_interval <= Duration::zero() || config_.scrub_bytes <= 0) return;
    tasks_.spawn([this] { return run(); });
}

Task<void> Scrub::stop() {
    co_await tasks_.stop_and_join();
}

Task<void> Scrub::run() {
    Duration pause = std::min(kFirstPause, config_.scrub_interval);
    while (co_await tasks_.sleep(pause)) {
        const Instant began = world_.now();
        co_await scrub_all();
        ++passes_;
        pause = std::max(config_.scrub_interval - (world_.now() - began), Duration(1s));
    }
}

Task<void> Scrub::scrub_all() {
    std::vector<PartitionPtr> all;
    for (const auto& [id, partition] : table_.all()) all.push_back(partition);
    for (const PartitionPtr& partition : all) {
        if (tasks_.stopping()) co_return;
        if (partition->closed() || partition->damage()) continue;
        Status done;
        const auto read =
            co_await partition->log().scrub([this](std::uint64_t bytes) { return pace(bytes); });
        if (read) {
            done = co_await comparison_.compare(partition);
        } else {
            done = fail(read.error());
        }
        if (done || partition->closed() || done.error().is_stopped()) continue;
        ++found_;
        log_.error(
            "stored records are damaged",
            {{"partition", partition->id().to_string()}, {"cause", done.error()}}
        );
        partition->note_damage(done.error());
    }
}

Task<bool> Scrub::pace(std::uint64_t bytes) {
    if (tasks_.stopping()) co_return false;
    if (bytes == 0) co_return true;
    bytes_ += bytes;
    const double seconds = static_cast<double>(bytes) / static_cast<double>(config_.scrub_bytes);
    co_return co_await tasks_.sleep(Duration(static_cast<std::int64_t>(seconds * 1e9)));
}

}  // namespace sealane::broker
