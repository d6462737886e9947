#include "broker/app/cluster_ports.hpp"

#include "broker/api/cluster_view.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr Duration kAsk = 2s;  // replication asks again by itself
constexpr Duration kSilent = 3s;
}  // namespace

ClusterPorts::ClusterPorts(
    runtime::World& world,
    BrokerId self,
    Peers& peers,
    quorum::Quorum& quorum,
    MetadataStore& metadata
)
    : world_(world),
      self_(self),
      peers_(peers),
      quorum_(quorum),
      metadata_(metadata),
      tasks_(world) {}

Task<void> ClusterPorts::wait_quorum(Instant until) {
    (void)co_await quorum_.changed().wait_until(until);
}

ControllerChannel::Ports ClusterPorts::channel() {
    return {
        .self = self_,
        .active = [this] { return quorum_.leader(); },
        .wait_changed = [this](Instant until) { return wait_quorum(until); },
    };
}

Forwarding::Ports ClusterPorts::forwarding() {
    return {
        .self = self_,
        .active = [this] { return quorum_.leader(); },
        .is_active = [this] { return metadata_.is_active(); },
        .without = [this] { return without_controller(); },
        .wait_changed = [this](Instant until) { return wait_quorum(until); },
    };
}

ReplicationPorts ClusterPorts::replication(ControllerChannel& controller, LogDirectory& directory) {
    return {
        .alter_partition = [this, &controller](kafka::AlterPartitionRequest request
                           ) { return controller.send(std::move(request), world_.now() + kAsk); },
        .report_lost =
            [this, &controller](TopicPartition partition, Uuid topic) {
                return assign(controller, std::move(partition), topic, kLostDirectory);
            },
        .report_found =
            [this, &controller, &directory](TopicPartition partition, Uuid topic) {
                return assign(controller, std::move(partition), topic, directory.directory_id());
            },
        .keep_reserve = [this] { return quorum_.keep_reserve(); },
        .broker_epoch = [this] { return broker_epoch_; },
    };
}

Task<Status> ClusterPorts::assign(
    ControllerChannel& controller, TopicPartition partition, Uuid topic, Uuid directory
) {
    kafka::AssignReplicasToDirsRequest request;
    request.broker_id = self_;
    request.broker_epoch = broker_epoch_;
    auto& where = request.directories.emplace_back();
    where.id = directory;
    auto& which = where.topics.emplace_back();
    which.topic_id = topic;
    which.partitions.push_back({partition.partition});
    SEALANE_CO_TRY(
        const auto answer, co_await controller.send(std::move(request), world_.now() + kAsk)
    );
    ErrorCode code = answer.error_code;
    for (const auto& each : answer.directories) {
        for (const auto& one : each.topics) {
            for (const auto& row : one.partitions) {
                if (code == ErrorCode::kNone) code = row.error_code;
            }
        }
    }
    if (code != ErrorCode::kNone) co_return fail(code, partition.to_string());
    co_return Status{};
}

void ClusterPorts::start() {
    tasks_.on_stop([this] {
        quorum_.changed().notify_all();
        metadata_.changed().notify_all();
    });
    started_ = world_.now();
    tasks_.spawn([this] { return watch_controller(); });
    tasks_.spawn([this] { return watch_addresses(); });
}

Task<void> ClusterPorts::stop() {
    co_await tasks_.stop_and_join();
}

BrokerId ClusterPorts::active_controller() const {
    return without_controller() >= kSilent ? kNoBroker : quorum_.leader();
}

Duration ClusterPorts::without_controller() const {
    // A node that finds no votes goes back to a leader that is no more: only its answers count.
    if (quorum_.is_leader()) return Duration{};
    return world_.now() - std::max(started_, quorum_.figures().last_contact);
}

Task<void> ClusterPorts::watch_controller() {
    BrokerId known = quorum_.leader();
    while (!tasks_.stopping()) {
        (void)co_await quorum_.changed().wait_until(Instant::never());
        const BrokerId now = quorum_.leader();
        if (now == known || now == kNoBroker) continue;
        if (known != kNoBroker) {
            peers_.disconnect(known, PeerLane::kController);
            peers_.disconnect(known, PeerLane::kForward);
        }
        known = now;
        controller_changed_();
    }
}

Task<void> ClusterPorts::watch_addresses() {
    MetadataStore::ImagePtr known;
    while (!tasks_.stopping()) {
        const MetadataStore::ImagePtr image = metadata_.image();
        if (image != known) {
            for (const auto& [id, broker] : image->brokers()) {
                const BrokerState::Listener* at = listener_of(broker, listener_);
                if (broker.fenced) peers_.give_up(id);
                if (at != nullptr && id != self_) {
                    peers_.set_endpoint(id, runtime::Endpoint{at->host, at->port, {}});
                }
            }
            known = image;
            continue;
        }
        (void)co_await metadata_.changed().wait_until(Instant::never());
    }
}

void ClusterPorts::collect(runtime::MetricSink& sink) const {
    const auto image = metadata_.image();
    const auto gauge = [&sink](std::string_view name, std::string_view help, std::int64_t value) {
        sink.gauge(name, help, static_cast<double>(value));
    };
    gauge("sealane_broker_topics", "Topics.", static_cast<std::int64_t>(image->topics().size()));
    gauge(
        "sealane_broker_partitions",
        "Partitions.",
        static_cast<std::int64_t>(image->partition_count())
    );
    std::int64_t fenced = 0;
    for (const auto& [id, broker] : image->brokers()) fenced += broker.fenced ? 1 : 0;
    gauge(
        "sealane_controller_brokers",
        "Registered brokers.",
        static_cast<std::int64_t>(image->brokers().size())
    );
    gauge("sealane_controller_fenced_brokers", "Of them, fenced.", fenced);
    gauge(
        "sealane_controller_active", "1 on the active controller.", metadata_.is_active() ? 1 : 0
    );
    const quorum::QuorumFigures& figures = quorum_.figures();
    gauge("sealane_quorum_epoch", "Epoch of the metadata quorum.", quorum_.epoch().value);
    gauge("sealane_quorum_leader", "Its leader; -1: unknown.", quorum_.leader().value);
    gauge("sealane_quorum_high_watermark", "Committed end.", quorum_.high_watermark().value);
    gauge("sealane_metadata_applied_offset", "Applied here.", metadata_.applied().value);
    sink.counter(
        "sealane_quorum_elections_total",
        "Times this node stood for election.",
        static_cast<double>(figures.elections)
    );
    sink.counter(
        "sealane_quorum_leader_changes_total",
        "Leaders this node learnt of.",
        static_cast<double>(figures.leader_changes)
    );
}

}  // namespace sealane::broker
