#include "broker/api/cluster/cluster_handlers.hpp"

namespace sealane::broker {

void register_cluster_apis(ApiRegistry& registry, Services& services) {
    add_quorum_apis(registry, services);
    add_broker_apis(registry, services);
    add_alter_partition(registry, services);
    add_reassignment_apis(registry, services);
    add_elect_leaders(registry, services);
    add_allocate_producer_ids(registry, services);
    add_assign_replicas_to_dirs(registry, services);
    add_describe_topic_partitions(registry, services);
}

}  // namespace sealane::broker
