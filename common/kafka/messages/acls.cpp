#include "common/kafka/messages/acls.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<DescribeAclsRequest>;
template struct MessageCodec<DescribeAclsResponse>;
template struct MessageCodec<CreateAclsRequest>;
template struct MessageCodec<CreateAclsResponse>;
template struct MessageCodec<DeleteAclsRequest>;
template struct MessageCodec<DeleteAclsResponse>;

}  // namespace sealane::kafka
