#include "common/kafka/messages/quotas.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<DescribeClientQuotasRequest>;
template struct MessageCodec<DescribeClientQuotasResponse>;
template struct MessageCodec<AlterClientQuotasRequest>;
template struct MessageCodec<AlterClientQuotasResponse>;

}  // namespace sealane::kafka
