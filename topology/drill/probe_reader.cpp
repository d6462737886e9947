#include "topology/drill/probe_reader.hpp"

namespace sealane::topology {
namespace {

using runtime::Task;

constexpr Duration kCommitInterval = 200ms;

client::ConsumerOptions consumer_options() {
    client::ConsumerOptions options;
    options.max_wait = 100ms;
    // The application would rather re-read than skip.
    options.out_of_range = client::OutOfRange::kEarliest;
    return options;
}

}  // namespace

ProbeReader::Stay::Stay(client::ClusterClient& from, runtime::World& world)
    : cluster(from), consumer(from, consumer_options()), tasks(world) {}

ProbeReader::ProbeReader(
    runtime::World& world, ProbePlan plan, DrillLog& log, Duty duty, std::string group
)
    : world_(world), plan_(std::move(plan)), log_(log), duty_(duty), group_(std::move(group)) {}

Task<Status> ProbeReader::read_from(client::ClusterClient& cluster, Instant deadline) {
    co_await leave();
    std::map<TopicPartition, client::CommittedOffset> committed;
    if (duty_ == Duty::kApplication) {
        SEALANE_CO_TRY(
            committed, co_await client::fetch_committed(cluster, group_, std::nullopt, deadline)
        );
    }
    first_new_.reset();
    resumed_at_.clear();
    stay_ = std::make_unique<Stay>(cluster, world_);
    for (std::int32_t p = 0; p < plan_.partitions; ++p) {
        const TopicPartition partition{plan_.topic, PartitionId(p)};
        const auto at = committed.find(partition);
        const Offset start = at == committed.end() ? Offset(0) : at->second.offset;
        resumed_at_[partition] = start;
        stay_->consumer.assign(partition, client::StartAt::at(start));
    }
    Stay* const stay = stay_.get();
    stay->tasks.spawn([this, stay] { return receive(stay); });
    if (duty_ == Duty::kApplication) stay->tasks.spawn([this, stay] { return commit(stay); });
    co_return Status{};
}

void ProbeReader::take(const client::ConsumerRecord& record) {
    const std::int64_t number =
        record.record.value ? probe_number(record.record.value->text()) : -1;
    if (number < 0 || static_cast<std::size_t>(number) >= log_.probes.size()) return;
    Probe& probe = log_.probes[static_cast<std::size_t>(number)];
    if (duty_ == Duty::kWatchStandby) {
        if (!probe.seen_at_standby) probe.seen_at_standby = world_.now();
        return;
    }
    if (probe.delivered == 0 && !first_new_) first_new_ = world_.now();
    ++probe.delivered;
    ++delivered_;
}

Task<void> ProbeReader::receive(Stay* stay) {
    while (!stay->tasks.stopping()) {
        const auto records = co_await stay->consumer.poll(world_.now() + 200ms);
        if (!records) {
            // The cluster is gone or not ready: the drill's other parts notice; try again.
            if (records.error().is_stopped() || !co_await stay->tasks.sleep(50ms)) co_return;
            continue;
        }
        for (const auto& record : *records) take(record);
    }
}

Task<void> ProbeReader::commit(Stay* stay) {
    while (co_await stay->tasks.sleep(kCommitInterval)) {
        std::map<TopicPartition, client::CommittedOffset> offsets;
        for (const TopicPartition& partition : stay->consumer.assigned()) {
            const auto position = stay->consumer.position(partition);
            if (position) offsets[partition].offset = *position;
        }
        if (offsets.empty()) continue;
        // A commit that fails (the primary was killed) is what a drill is about: later ones carry
        // on.
        (void
        )co_await client::commit_offsets(stay->cluster, group_, offsets, {}, world_.now() + 1s);
    }
}

Task<void> ProbeReader::leave() {
    if (!stay_) co_return;
    stay_->tasks.stop();
    co_await stay_->consumer.stop();
    co_await stay_->tasks.join();
    stay_.reset();
}

Task<void> ProbeReader::stop() {
    co_await leave();
}

}  // namespace sealane::topology
