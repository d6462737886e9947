#include "common/kafka/messages/sasl.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<SaslHandshakeRequest>;
template struct MessageCodec<SaslHandshakeResponse>;
template struct MessageCodec<SaslAuthenticateRequest>;
template struct MessageCodec<SaslAuthenticateResponse>;
template struct MessageCodec<DescribeUserScramCredentialsRequest>;
template struct MessageCodec<DescribeUserScramCredentialsResponse>;
template struct MessageCodec<AlterUserScramCredentialsRequest>;
template struct MessageCodec<AlterUserScramCredentialsResponse>;

}  // namespace sealane::kafka
