#include "common/kafka/messages/consumer_protocol.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<ConsumerProtocolSubscription>;
template struct MessageCodec<ConsumerProtocolAssignment>;

}  // namespace sealane::kafka
