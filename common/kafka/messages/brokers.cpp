#include "common/kafka/messages/brokers.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<AlterPartitionRequest>;
template struct MessageCodec<AlterPartitionResponse>;
template struct MessageCodec<BrokerRegistrationRequest>;
template struct MessageCodec<BrokerRegistrationResponse>;
template struct MessageCodec<BrokerHeartbeatRequest>;
template struct MessageCodec<BrokerHeartbeatResponse>;
template struct MessageCodec<ControllerRegistrationRequest>;
template struct MessageCodec<ControllerRegistrationResponse>;
template struct MessageCodec<EnvelopeRequest>;
template struct MessageCodec<EnvelopeResponse>;
template struct MessageCodec<AssignReplicasToDirsRequest>;
template struct MessageCodec<AssignReplicasToDirsResponse>;

}  // namespace sealane::kafka
