#include "common/kafka/messages/offsets.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<OffsetCommitRequest>;
template struct MessageCodec<OffsetCommitResponse>;
template struct MessageCodec<OffsetFetchRequest>;
template struct MessageCodec<OffsetFetchResponse>;
template struct MessageCodec<OffsetDeleteRequest>;
template struct MessageCodec<OffsetDeleteResponse>;

}  // namespace sealane::kafka
