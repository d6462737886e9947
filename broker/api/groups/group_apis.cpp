// Registers the group APIs and runs the coordinator with the broker.

#include "broker/api/groups/group_handlers.hpp"
#include "broker/api/groups/group_topic.hpp"

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

}  // namespace

GroupServices::GroupServices(Services& all, std::unique_ptr<groups::GroupTopic> offsets_topic)
    : broker(all),
      topic(std::move(offsets_topic)),
      coordinator(all.world, group_config(all.config), *topic) {}

std::string client_host(const RequestContext& context) {
    const std::string& address = context.client_address;
    return "/" + address.substr(0, address.rfind(':'));
}

void register_group_apis(ApiRegistry& registry, Services& services) {
    const auto shared =
        std::make_shared<GroupServices>(services, std::make_unique<OffsetsTopic>(services));
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
    services.metric_sources.push_back(&shared->coordinator);
    services.on_ready.push_back([shared] {
        shared->broker.tasks.spawn([shared] { return run_coordinator(shared); });
    });
}

}  // namespace sealane::broker
