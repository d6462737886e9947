#include "common/kafka/messages/cluster.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<DescribeClusterRequest>;
template struct MessageCodec<DescribeClusterResponse>;
template struct MessageCodec<DescribeLogDirsRequest>;
template struct MessageCodec<DescribeLogDirsResponse>;
template struct MessageCodec<UpdateFeaturesRequest>;
template struct MessageCodec<UpdateFeaturesResponse>;
template struct MessageCodec<UnregisterBrokerRequest>;
template struct MessageCodec<UnregisterBrokerResponse>;

}  // namespace sealane::kafka
