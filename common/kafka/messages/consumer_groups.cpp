#include "common/kafka/messages/consumer_groups.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<ConsumerGroupHeartbeatRequest>;
template struct MessageCodec<ConsumerGroupHeartbeatResponse>;
template struct MessageCodec<ConsumerGroupDescribeRequest>;
template struct MessageCodec<ConsumerGroupDescribeResponse>;

}  // namespace sealane::kafka
