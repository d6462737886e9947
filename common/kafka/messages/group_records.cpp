#include "common/kafka/messages/group_records.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<OffsetCommitKey>;
template struct MessageCodec<OffsetCommitValue>;
template struct MessageCodec<GroupMetadataKey>;
template struct MessageCodec<GroupMetadataValue>;

}  // namespace sealane::kafka
