#include "common/kafka/messages/transactions.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<AddPartitionsToTxnRequest>;
template struct MessageCodec<AddPartitionsToTxnResponse>;
template struct MessageCodec<AddOffsetsToTxnRequest>;
template struct MessageCodec<AddOffsetsToTxnResponse>;
template struct MessageCodec<TxnOffsetCommitRequest>;
template struct MessageCodec<TxnOffsetCommitResponse>;
template struct MessageCodec<EndTxnRequest>;
template struct MessageCodec<EndTxnResponse>;

}  // namespace sealane::kafka
