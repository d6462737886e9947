#include "common/kafka/messages/headers.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<RequestHeader>;
template struct MessageCodec<ResponseHeader>;
template struct MessageCodec<DefaultPrincipalData>;

}  // namespace sealane::kafka
