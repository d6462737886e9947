#include "common/kafka/messages/log_records.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<ProducerSnapshot>;
template struct MessageCodec<EndTxnMarker>;
template struct MessageCodec<AbortedTxn>;
template struct MessageCodec<TransactionLogKey>;
template struct MessageCodec<TransactionLogValue>;

}  // namespace sealane::kafka
