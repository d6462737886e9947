#include "common/kafka/messages/topics.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<CreateTopicsRequest>;
template struct MessageCodec<CreateTopicsResponse>;
template struct MessageCodec<DeleteTopicsRequest>;
template struct MessageCodec<DeleteTopicsResponse>;
template struct MessageCodec<CreatePartitionsRequest>;
template struct MessageCodec<CreatePartitionsResponse>;
template struct MessageCodec<DeleteRecordsRequest>;
template struct MessageCodec<DeleteRecordsResponse>;

}  // namespace sealane::kafka
