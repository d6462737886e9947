// Registers the group APIs and runs the coordinator with the broker.

#include "broker/api/coordinator_topic.hpp"
#include "broker/api/groups/group_handlers.hpp"
#include "common/base/assert.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

// Holds the coordinator until the broker stops its tasks, then ends what it has parked.
Task<void> run_coordinator(GroupServicesPtr services) {
    runtime::TaskGroup& tasks = services->broker.tasks;
    runtime::Event stopping(services->broker.world.waits());
    tasks.on_stop([&stopping] { stopping.notify_all(); });
    services->coordinator.start();
    while (!tasks.stopping()) (void)co_await stopping.wait_until(Instant::never());
    co_await services->coordinator.stop();
}

NewTopic offsets_topic() {
    NewTopic topic;
    topic.name = groups::kOffsetsTopic;
    // Compacted by the coordinator, which rewrites it; retention must never take anything.
    topic.configs = {{"cleanup.policy", "compact"}, {"segment.bytes", "104857600"}};
    return topic;
}

groups::GroupConfig group_config(const BrokerConfig& config) {
    groups::GroupConfig made;
    made.min_session_timeout_ms = config.group_min_session_timeout_ms;
    made.max_session_timeout_ms = config.group_max_session_timeout_ms;
    made.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
    made.max_size = config.group_max_size;
    made.offset_metadata_max_bytes = config.offset_metadata_max_bytes;
    made.offsets_retention_ms = config.offsets_retention_ms;
    made.offsets_topic_partitions = config.offsets_topic_partitions;
    made.rewrite_min_bytes = config.coordinator_rewrite_min_bytes;
    const ConsumerGroupOptions& consumer = config.group_consumer;
    made.consumer.session_timeout_ms = consumer.session_timeout_ms;
    made.consumer.heartbeat_interval_ms = consumer.heartbeat_interval_ms;
    made.consumer.max_size = consumer.max_size;
    made.consumer.pattern_refresh_ms = consumer.regex_refresh_interval_ms;
    made.consumer.assignors.clear();
    for (const std::string& name : consumer.assignors) {
        const auto assignor = groups::assignor_of(name);
        SEALANE_ASSERT(assignor.has_value());  // validate() saw to it
        made.consumer.assignors.push_back(*assignor);
    }
    return made;
}

}  // namespace

GroupServices::GroupServices(Services& all, std::unique_ptr<CoordinatorTopic> offsets_topic)
    : broker(all),
      topic(std::move(offsets_topic)),
      coordinator(all.world, group_config(all.config), *topic) {}

std::string client_host(const RequestContext& context) {
    const std::string& address = context.client_address;
    return "/" + address.substr(0, address.rfind(':'));
}

void register_group_apis(ApiRegistry& registry, Services& services) {
    const auto shared = std::make_shared<GroupServices>(
        services, std::make_unique<InternalTopic>(services, offsets_topic())
    );
    add_consumer_group_heartbeat(registry, shared);
    add_consumer_group_describe(registry, shared);
    add_find_coordinator(registry, shared);
    add_join_group(registry, shared);
    add_sync_group(registry, shared);
    add_heartbeat(registry, shared);
    add_leave_group(registry, shared);
    add_offset_commit(registry, shared);
    add_offset_fetch(registry, shared);
    add_offset_delete(registry, shared);
    add_describe_groups(registry, shared);
    add_list_groups(registry, shared);
    add_delete_groups(registry, shared);
    add_txn_offset_commit(registry, shared);
    services.groups = {
        .ensure_ready = [shared] { return shared->coordinator.ensure_ready(); },
        .partition_of = [shared](std::string_view group
                        ) { return shared->coordinator.partition_of(group); },
        .end_transaction = [shared](
                               PartitionId partition, TransactionEnd end
                           ) { return shared->coordinator.end_transaction(partition, end); },
    };
    services.metric_sources.push_back(&shared->coordinator);
    services.on_ready.push_back([shared] {
        shared->broker.tasks.spawn([shared] { return run_coordinator(shared); });
    });
}

}  // namespace sealane::broker
