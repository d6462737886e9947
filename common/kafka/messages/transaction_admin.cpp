#include "common/kafka/messages/transaction_admin.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<WriteTxnMarkersRequest>;
template struct MessageCodec<WriteTxnMarkersResponse>;
template struct MessageCodec<DescribeTransactionsRequest>;
template struct MessageCodec<DescribeTransactionsResponse>;
template struct MessageCodec<ListTransactionsRequest>;
template struct MessageCodec<ListTransactionsResponse>;

}  // namespace sealane::kafka
