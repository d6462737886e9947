#include "common/kafka/messages/metadata.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<MetadataRequest>;
template struct MessageCodec<MetadataResponse>;
template struct MessageCodec<DescribeTopicPartitionsRequest>;
template struct MessageCodec<DescribeTopicPartitionsResponse>;

}  // namespace sealane::kafka
