#include "common/kafka/messages/quorum_admin.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<DescribeQuorumRequest>;
template struct MessageCodec<DescribeQuorumResponse>;
template struct MessageCodec<FetchSnapshotRequest>;
template struct MessageCodec<FetchSnapshotResponse>;

}  // namespace sealane::kafka
