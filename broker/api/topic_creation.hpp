#pragma once
// Creating topics on demand: Metadata's auto-creation and internal topics.

#include "broker/api/services.hpp"

namespace sealane::broker {

// Has the controller make `topic` unless it exists, and waits until this node knows of it; success
// in both cases. Of `topic` its name, partitions and replicas (-1: the cluster's defaults) and
// configs count; the controller gives the id.
// kDeadlineExceeded, kRequestTimedOut: no controller, or this node hears of nothing.
[[nodiscard]] runtime::Task<Status> ensure_topic(Services& services, NewTopic topic);

// A topic id that is not reserved and does not begin with '-' in text form.
[[nodiscard]] Uuid new_topic_id(runtime::World& world);

}  // namespace sealane::broker
