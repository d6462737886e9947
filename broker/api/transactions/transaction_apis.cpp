// Registers the transaction APIs and runs the coordinator with the broker.

#include "broker/api/controller_channel.hpp"
#include "broker/api/coordinator_topic.hpp"
#include "broker/api/transactions/transaction_handlers.hpp"
#include "common/kafka/messages/producers.hpp"

namespace sealane::broker {
namespace {

using kafka::AllocateProducerIdsRequest;
using kafka::AllocateProducerIdsResponse;
using runtime::Task;

constexpr Duration kPatience = 5s;

// As the broker that is registered now; it may be another registration at the next try.
Task<Result<AllocateProducerIdsResponse>> allocate(Services& services) {
    AllocateProducerIdsRequest request;
    request.broker_id = services.config.node_id;
    const BrokerState* self = services.metadata.image()->broker(services.config.node_id);
    if (self != nullptr) request.broker_epoch = self->epoch;
    co_return co_await services.controller.send(request, services.world.now() + kPatience);
}

// Holds the coordinator until the broker stops its tasks, then ends what it has parked.
Task<void> run_coordinator(TransactionServicesPtr services) {
    runtime::TaskGroup& tasks = services->broker.tasks;
    runtime::Event stopping(services->broker.world.waits());
    tasks.on_stop([&stopping] { stopping.notify_all(); });
    services->coordinator.start();
    while (!tasks.stopping()) (void)co_await stopping.wait_until(Instant::never());
    co_await services->coordinator.stop();
}

NewTopic transactions_topic(const BrokerConfig& config) {
    NewTopic topic;
    topic.name = transactions::kTransactionsTopic;
    topic.replication_factor = config.transactions_topic_replication_factor;
    // Compacted by the coordinator, which rewrites it; retention must never take anything.
    topic.configs = {
        {"cleanup.policy", "compact"},
        {"segment.bytes", "104857600"},
        {"min.insync.replicas", std::to_string(config.transactions_topic_min_isr)},
        {"unclean.leader.election.enable", "false"},
    };
    return topic;
}

transactions::TransactionConfig transaction_config(const BrokerConfig& config) {
    transactions::TransactionConfig made;
    made.max_timeout_ms = config.transaction_max_timeout_ms;
    made.id_expiration_ms = config.transactional_id_expiration_ms;
    made.topic_partitions = config.transactions_topic_partitions;
    made.rewrite_min_bytes = config.coordinator_rewrite_min_bytes;
    return made;
}

std::optional<BrokerId> leader_of(const Services& services, const TopicPartition& partition) {
    const auto topic = services.metadata.image()->topic(partition.topic);
    const auto index = static_cast<std::size_t>(partition.partition.value);
    if (topic == nullptr || index >= topic->partitions.size()) return std::nullopt;
    return topic->partitions[index].leader;
}

Task<Result<kafka::WriteTxnMarkersResponse>> send_markers(
    Services& services, BrokerId node, kafka::WriteTxnMarkersRequest request, Instant deadline
) {
    const BrokerId self = services.config.node_id;
    if (node == self) {
        const LocalCaller caller{services.registry, self, services.world.now()};
        co_return co_await local_call(caller, std::move(request));
    }
    co_return co_await services.peers.send(node, PeerLane::kMarkers, std::move(request), deadline);
}

transactions::CoordinatorPorts ports_of(Services& services, ProducerIds& ids) {
    transactions::CoordinatorPorts ports;
    ports.fresh_id = [&ids] { return ids.next(); };
    ports.markers.changed = &services.metadata.changed();
    ports.markers.leader_of = [&services](const TopicPartition& partition) {
        return leader_of(services, partition);
    };
    ports.markers.send = [&services](
                             BrokerId node, kafka::WriteTxnMarkersRequest request, Instant deadline
                         ) { return send_markers(services, node, std::move(request), deadline); };
    ports.markers.interrupt = [&services] {
        for (const auto& [id, broker] : services.metadata.image()->brokers())
            services.peers.disconnect(id, PeerLane::kMarkers);
    };
    return ports;
}

}  // namespace

TransactionServices::TransactionServices(
    Services& all, std::unique_ptr<CoordinatorTopic> state_topic, ProducerIds::Allocate allocate_ids
)
    : broker(all),
      log(all.world.log("broker.transactions")),
      ids(all.world, all.tasks, std::move(allocate_ids)),
      topic(std::move(state_topic)),
      coordinator(all.world, transaction_config(all.config), *topic, ports_of(all, ids)) {}

void register_transaction_apis(ApiRegistry& registry, Services& services) {
    const auto shared = std::make_shared<TransactionServices>(
        services,
        std::make_unique<InternalTopic>(services, transactions_topic(services.config)),
        [&services] { return allocate(services); }
    );
    add_init_producer_id(registry, shared);
    add_partitions_to_txn(registry, shared);
    add_offsets_to_txn(registry, shared);
    add_end_txn(registry, shared);
    add_write_txn_markers(registry, shared);
    add_describe_transactions(registry, shared);
    add_list_transactions(registry, shared);
    add_describe_producers(registry, shared);
    services.transactions = {
        .ensure_ready = [shared] { return shared->coordinator.ensure_ready(); },
        .partition_of = [shared](std::string_view id
                        ) { return shared->coordinator.partition_of(id); },
        .ask = [shared](TransactionQuestion question
               ) { return ask_coordinator(shared, std::move(question)); },
    };
    services.metric_sources.push_back(&shared->coordinator);
    services.on_ready.push_back([shared] {
        shared->broker.tasks.spawn([shared] { return run_coordinator(shared); });
    });
}

}  // namespace sealane::broker
