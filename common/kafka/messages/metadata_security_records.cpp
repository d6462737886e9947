#include "common/kafka/messages/metadata_security_records.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<UserScramCredentialRecord>;
template struct MessageCodec<RemoveUserScramCredentialRecord>;
template struct MessageCodec<AccessControlEntryRecord>;
template struct MessageCodec<RemoveAccessControlEntryRecord>;
template struct MessageCodec<ClientQuotaRecord>;

}  // namespace sealane::kafka
