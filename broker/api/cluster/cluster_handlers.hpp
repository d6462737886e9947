#pragma once
// What nodes of a cluster say to each other and to the controller, and what operators ask of both.
// One file per concern; cluster_apis.cpp registers them.

#include "broker/api/error_map.hpp"
#include "broker/api/registry.hpp"
#include "broker/api/services.hpp"

namespace sealane::broker {

void add_quorum_apis(
    ApiRegistry& registry, Services& services
);  // votes, epochs, snapshots, voters
void add_broker_apis(ApiRegistry& registry, Services& services);  // register, heartbeat, features
void add_alter_partition(ApiRegistry& registry, Services& services);
void add_reassignment_apis(ApiRegistry& registry, Services& services);
void add_elect_leaders(ApiRegistry& registry, Services& services);
void add_allocate_producer_ids(ApiRegistry& registry, Services& services);
void add_assign_replicas_to_dirs(ApiRegistry& registry, Services& services);
void add_describe_topic_partitions(ApiRegistry& registry, Services& services);

}  // namespace sealane::broker
