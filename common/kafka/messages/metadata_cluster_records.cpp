#include "common/kafka/messages/metadata_cluster_records.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<RegisterBrokerRecord>;
template struct MessageCodec<UnregisterBrokerRecord>;
template struct MessageCodec<FenceBrokerRecord>;
template struct MessageCodec<UnfenceBrokerRecord>;
template struct MessageCodec<BrokerRegistrationChangeRecord>;
template struct MessageCodec<RegisterControllerRecord>;
template struct MessageCodec<UnregisterControllerRecord>;

}  // namespace sealane::kafka
