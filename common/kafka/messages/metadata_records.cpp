#include "common/kafka/messages/metadata_records.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<TopicRecord>;
template struct MessageCodec<RemoveTopicRecord>;
template struct MessageCodec<PartitionRecord>;
template struct MessageCodec<PartitionChangeRecord>;
template struct MessageCodec<ConfigRecord>;
template struct MessageCodec<FeatureLevelRecord>;
template struct MessageCodec<ProducerIdsRecord>;
template struct MessageCodec<NoOpRecord>;
template struct MessageCodec<BeginTransactionRecord>;
template struct MessageCodec<EndTransactionRecord>;
template struct MessageCodec<AbortTransactionRecord>;
template struct MessageCodec<ClearElrRecord>;

}  // namespace sealane::kafka
