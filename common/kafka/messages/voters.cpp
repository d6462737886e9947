#include "common/kafka/messages/voters.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<AddRaftVoterRequest>;
template struct MessageCodec<AddRaftVoterResponse>;
template struct MessageCodec<RemoveRaftVoterRequest>;
template struct MessageCodec<RemoveRaftVoterResponse>;
template struct MessageCodec<UpdateRaftVoterRequest>;
template struct MessageCodec<UpdateRaftVoterResponse>;

}  // namespace sealane::kafka
