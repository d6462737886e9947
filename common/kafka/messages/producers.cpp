#include "common/kafka/messages/producers.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<InitProducerIdRequest>;
template struct MessageCodec<InitProducerIdResponse>;
template struct MessageCodec<AllocateProducerIdsRequest>;
template struct MessageCodec<AllocateProducerIdsResponse>;
template struct MessageCodec<DescribeProducersRequest>;
template struct MessageCodec<DescribeProducersResponse>;

}  // namespace sealane::kafka
