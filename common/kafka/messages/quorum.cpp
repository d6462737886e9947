#include "common/kafka/messages/quorum.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<VoteRequest>;
template struct MessageCodec<VoteResponse>;
template struct MessageCodec<BeginQuorumEpochRequest>;
template struct MessageCodec<BeginQuorumEpochResponse>;
template struct MessageCodec<EndQuorumEpochRequest>;
template struct MessageCodec<EndQuorumEpochResponse>;

}  // namespace sealane::kafka
