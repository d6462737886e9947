#pragma once
// What a ConsumerGroupHeartbeat may look like (KIP-848), whatever the group.

#include "broker/groups/group_config.hpp"
#include "common/base/result.hpp"

namespace sealane::broker::groups {

// kInvalidRequest, kUnsupportedAssignor or kInvalidRegularExpression, with a text for the client.
[[nodiscard]] Status check_heartbeat(
    const ConsumerGroupConfig& config, const ConsumerHeartbeatRequest& request
);
// A first request, or one after an error: it says everything, so it is told everything.
[[nodiscard]] bool says_everything(const ConsumerHeartbeatRequest& request);

}  // namespace sealane::broker::groups
