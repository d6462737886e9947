#include "common/kafka/messages/configs.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<DescribeConfigsRequest>;
template struct MessageCodec<DescribeConfigsResponse>;
template struct MessageCodec<AlterConfigsRequest>;
template struct MessageCodec<AlterConfigsResponse>;
template struct MessageCodec<IncrementalAlterConfigsRequest>;
template struct MessageCodec<IncrementalAlterConfigsResponse>;
template struct MessageCodec<ListConfigResourcesRequest>;
template struct MessageCodec<ListConfigResourcesResponse>;

}  // namespace sealane::kafka
