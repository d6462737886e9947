#pragma once
// Creating topics on demand: Metadata's auto-creation and internal topics.

#include "broker/api/services.hpp"

namespace sealane::broker {

// Makes `topic` unless it exists; success in both cases. Defaults: counts and ids may be left out
// (partitions -1, id zero). Idempotent under a stampede.
[[nodiscard]] runtime::Task<Status> ensure_topic(Services& services, NewTopic topic);

// A topic id that is not reserved and does not begin with '-' in text form.
[[nodiscard]] Uuid new_topic_id(runtime::World& world);

// What topics are decided by, as this node is configured.
[[nodiscard]] ClusterPolicy policy_of(const Services& services);
// As long as nodes do not register, this one is the only broker.
[[nodiscard]] Image with_this_broker(const Image& image, BrokerId node);

}  // namespace sealane::broker
