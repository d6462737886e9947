#pragma once
// The handlers of the group APIs, one file per API; group_apis.cpp registers them. Each turns the
// wire's structs into the coordinator's and back; all decisions are in broker/groups.

#include "broker/api/error_map.hpp"
#include "broker/api/groups/image_catalog.hpp"
#include "broker/api/partition_lookup.hpp"
#include "broker/api/registry.hpp"
#include "broker/api/services.hpp"
#include "broker/groups/group_coordinator.hpp"

#include <memory>

namespace sealane::broker {

// What group handlers work with; lives as long as the registry.
struct GroupServices {
    GroupServices(Services& all, std::unique_ptr<CoordinatorTopic> offsets_topic);
    Services& broker;
    std::unique_ptr<CoordinatorTopic> topic;
    groups::GroupCoordinator coordinator;
    CatalogStamp stamp;
};
using GroupServicesPtr = std::shared_ptr<GroupServices>;

// Without an authorizer everybody may do everything with a group: read, delete, describe.
inline constexpr std::int32_t kAllGroupOperations = (1 << 3) | (1 << 6) | (1 << 8);

void add_consumer_group_heartbeat(ApiRegistry& registry, GroupServicesPtr services);
void add_consumer_group_describe(ApiRegistry& registry, GroupServicesPtr services);
void add_find_coordinator(ApiRegistry& registry, GroupServicesPtr services);
void add_join_group(ApiRegistry& registry, GroupServicesPtr services);
void add_sync_group(ApiRegistry& registry, GroupServicesPtr services);
void add_heartbeat(ApiRegistry& registry, GroupServicesPtr services);
void add_leave_group(ApiRegistry& registry, GroupServicesPtr services);
void add_offset_commit(ApiRegistry& registry, GroupServicesPtr services);
void add_txn_offset_commit(ApiRegistry& registry, GroupServicesPtr services);
void add_offset_fetch(ApiRegistry& registry, GroupServicesPtr services);
void add_offset_delete(ApiRegistry& registry, GroupServicesPtr services);
void add_describe_groups(ApiRegistry& registry, GroupServicesPtr services);
void add_list_groups(ApiRegistry& registry, GroupServicesPtr services);
void add_delete_groups(ApiRegistry& registry, GroupServicesPtr services);

// "/127.0.0.1" for "127.0.0.1:51234": how Kafka shows a client's host.
[[nodiscard]] std::string client_host(const RequestContext& context);

}  // namespace sealane::broker
