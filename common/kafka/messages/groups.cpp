#include "common/kafka/messages/groups.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<FindCoordinatorRequest>;
template struct MessageCodec<FindCoordinatorResponse>;
template struct MessageCodec<JoinGroupRequest>;
template struct MessageCodec<JoinGroupResponse>;
template struct MessageCodec<SyncGroupRequest>;
template struct MessageCodec<SyncGroupResponse>;
template struct MessageCodec<HeartbeatRequest>;
template struct MessageCodec<HeartbeatResponse>;
template struct MessageCodec<LeaveGroupRequest>;
template struct MessageCodec<LeaveGroupResponse>;

}  // namespace sealane::kafka
