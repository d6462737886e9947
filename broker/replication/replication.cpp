#include "broker/replication/replication.hpp"

#include "broker/replication/full_disk.hpp"
#include "broker/replication/isr_proposals.hpp"
#include "broker/replication/rebuilds.hpp"
#include "broker/replication/replica_fetcher.hpp"
#include "broker/replication/scrub.hpp"

#include <algorithm>
#include <map>

namespace sealane::broker {

using runtime::Task;

struct Replication::Parts {
    Parts(
        runtime::World& with,
        PartitionTable& partitions,
        Peers& peers,
        ReplicationConfig how,
        ReplicationPorts to
    )
        : table(partitions),
          config(how),
          ports(std::move(to)),
          fetching{
              with, peers, partitions.context().self, config, ports.broker_epoch, throttle, figures
          },
          proposals(with, partitions, config, ports),
          rebuilds(with, partitions, ports),
          full_disk(with, partitions, config, ports),
          scrub(with, partitions, peers, config),
          tasks(with) {}

    [[nodiscard]] Task<void> follow_table();
    void assign();

    PartitionTable& table;
    ReplicationConfig config;
    ReplicationPorts ports;
    CatchUpThrottle throttle;
    FetcherFigures figures;
    FetcherContext fetching;
    std::map<BrokerId, std::unique_ptr<ReplicaFetcher>> fetchers;
    IsrProposals proposals;
    Rebuilds rebuilds;
    FullDisk full_disk;
    Scrub scrub;
    runtime::TaskGroup tasks;
};

Replication::Replication(
    runtime::World& world,
    PartitionTable& table,
    Peers& peers,
    ReplicationConfig config,
    ReplicationPorts ports
)
    : parts_(std::make_unique<Parts>(world, table, peers, config, std::move(ports))) {}
Replication::~Replication() = default;

void Replication::start() {
    Parts& parts = *parts_;
    parts.proposals.start();
    parts.rebuilds.start();
    parts.full_disk.start();
    parts.scrub.start();
    parts.tasks.on_stop([&parts] { parts.table.changed().notify_all(); });
    parts.tasks.spawn([&parts] { return parts.follow_table(); });
}

Task<void> Replication::stop() {
    Parts& parts = *parts_;
    co_await parts.tasks.stop_and_join();
    // All are told before the first is waited for.
    runtime::TaskGroup stopping(parts.fetching.world);
    for (auto& [leader, fetcher] : parts.fetchers) {
        ReplicaFetcher* one = fetcher.get();
        stopping.spawn([one] { return one->stop(); });
    }
    co_await stopping.join();
    co_await parts.proposals.stop();
    co_await parts.rebuilds.stop();
    co_await parts.full_disk.stop();
    co_await parts.scrub.stop();
}

Task<void> Replication::Parts::follow_table() {
    while (!tasks.stopping()) {
        assign();
        (void)co_await table.changed().wait_until(Instant::never());
    }
}

// Who is fetched from where, as the table has it now.
void Replication::Parts::assign() {
    std::map<BrokerId, std::vector<ReplicaFetcher::Assigned>> by_leader;
    for (const auto& [leader, fetcher] : fetchers) by_leader[leader];
    const auto& image = table.image();
    for (const auto& [id, partition] : table.all()) {
        if (partition->role() != ReplicaRole::kFollower) continue;
        if (partition->leader() == kNoBroker) continue;
        const auto topic = image->topic(partition->topic_id());
        const auto index = static_cast<std::size_t>(id.partition.value);
        bool insync = false;
        if (topic != nullptr && index < topic->partitions.size()) {
            const auto& isr = topic->partitions[index].isr;
            insync = std::ranges::find(isr, fetching.self) != isr.end();
        }
        by_leader[partition->leader()].push_back({partition, insync});
    }
    for (auto& [leader, partitions] : by_leader) {
        auto& fetcher = fetchers[leader];
        if (!fetcher) {
            fetcher = std::make_unique<ReplicaFetcher>(fetching, leader);
            fetcher->start();
        }
        fetcher->assign(std::move(partitions));
    }
}

void Replication::set_rates(std::int64_t throttle_bytes, std::int64_t scrub_bytes) {
    parts_->config.throttle_bytes = throttle_bytes;
    parts_->config.scrub_bytes = scrub_bytes;
}

void Replication::collect(runtime::MetricSink& sink) const {
    const Parts& parts = *parts_;
    std::size_t led = 0;
    std::size_t followed = 0;
    std::size_t under_replicated = 0;
    std::size_t under_min_isr = 0;
    std::int64_t largest_lag = 0;
    for (const auto& [id, partition] : parts.table.all()) {
        if (partition->role() == ReplicaRole::kFollower) ++followed;
        if (!partition->leads()) continue;
        ++led;
        const PartitionLeader& leadership = partition->leadership();
        if (leadership.isr().size() < partition->replica_count()) ++under_replicated;
        if (leadership.under_min_isr(partition->config().min_insync_replicas)) ++under_min_isr;
        for (const auto& follower : leadership.followers()) {
            const std::int64_t lag = partition->log_end() - std::max(follower.log_end, Offset(0));
            largest_lag = std::max(largest_lag, lag);
        }
    }
    const auto gauge = [&sink](std::string_view name, std::string_view help, auto value) {
        sink.gauge(name, help, static_cast<double>(value));
    };
    const auto counter = [&sink](std::string_view name, std::string_view help, auto value) {
        sink.counter(name, help, static_cast<double>(value));
    };
    const FetcherFigures& figures = parts.figures;
    gauge("sealane_replication_led_partitions", "Partitions led here.", led);
    gauge("sealane_replication_followed_partitions", "Partitions followed here.", followed);
    gauge(
        "sealane_replication_under_replicated_partitions",
        "Led partitions with a replica out of sync.",
        under_replicated
    );
    gauge(
        "sealane_replication_under_min_isr_partitions",
        "Led partitions that refuse acks=all.",
        under_min_isr
    );
    gauge(
        "sealane_replication_max_lag_records",
        "Records that the furthest follower of a led partition lacks.",
        largest_lag
    );
    gauge("sealane_replication_damaged_replicas", "Not rebuilt yet.", parts.rebuilds.damaged());
    gauge("sealane_replication_lack_room", "Replicas whose disk is full.", parts.full_disk.size());
    counter("sealane_replication_rebuilt_total", "Damaged replicas.", parts.rebuilds.rebuilt());
    counter("sealane_replication_isr_shrinks_total", "Of led ones.", parts.proposals.shrinks());
    counter("sealane_replication_isr_expands_total", "Of led ones.", parts.proposals.expands());
    counter("sealane_replication_fetches_total", "Sent to leaders.", figures.fetches);
    counter("sealane_replication_failed_fetches_total", "Of them.", figures.failed_fetches);
    counter("sealane_replication_fetched_bytes_total", "From leaders.", figures.bytes);
    counter("sealane_replication_truncations_total", "Of followers.", figures.truncations);
    counter("sealane_replication_scrubbed_bytes_total", "Re-read.", parts.scrub.bytes());
    counter(
        "sealane_replication_compared_records_total",
        "With their leaders.",
        parts.scrub.compared_records()
    );
    counter("sealane_replication_scrub_finds_total", "Damaged logs found.", parts.scrub.found());
    counter("sealane_replication_restarts_total", "Of followers, from empty.", figures.restarts);
}

}  // namespace sealane::broker
