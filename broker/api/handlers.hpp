#pragma once
// The handlers of this folder, one file per API; core_apis.cpp registers them.

#include "broker/api/registry.hpp"

namespace sealane::broker {

class FetchSessions;

void add_api_versions(ApiRegistry& registry, Services& services);
void add_metadata(ApiRegistry& registry, Services& services);
void add_create_topics(ApiRegistry& registry, Services& services);
void add_delete_topics(ApiRegistry& registry, Services& services);
void add_create_partitions(ApiRegistry& registry, Services& services);
void add_produce(ApiRegistry& registry, Services& services);
void add_fetch(ApiRegistry& registry, Services& services);
void add_list_offsets(ApiRegistry& registry, Services& services);
void add_offset_for_leader_epoch(ApiRegistry& registry, Services& services);
void add_delete_records(ApiRegistry& registry, Services& services);
void add_describe_cluster(ApiRegistry& registry, Services& services);
void add_describe_log_dirs(ApiRegistry& registry, Services& services);

}  // namespace sealane::broker
