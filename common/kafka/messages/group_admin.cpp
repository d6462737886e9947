#include "common/kafka/messages/group_admin.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<DescribeGroupsRequest>;
template struct MessageCodec<DescribeGroupsResponse>;
template struct MessageCodec<ListGroupsRequest>;
template struct MessageCodec<ListGroupsResponse>;
template struct MessageCodec<DeleteGroupsRequest>;
template struct MessageCodec<DeleteGroupsResponse>;

}  // namespace sealane::kafka
