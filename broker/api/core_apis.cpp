#include "broker/api/handlers.hpp"

namespace sealane::broker {

void register_core_apis(ApiRegistry& registry, Services& services) {
    add_api_versions(registry, services);
    add_metadata(registry, services);
    add_create_topics(registry, services);
    add_delete_topics(registry, services);
    add_create_partitions(registry, services);
    add_produce(registry, services);
    add_fetch(registry, services);
    add_list_offsets(registry, services);
    add_offset_for_leader_epoch(registry, services);
    add_delete_records(registry, services);
    add_describe_cluster(registry, services);
    add_describe_log_dirs(registry, services);
}

}  // namespace sealane::broker
