#include "common/kafka/messages/quorum_records.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<LeaderChangeMessage>;
template struct MessageCodec<SnapshotHeaderRecord>;
template struct MessageCodec<SnapshotFooterRecord>;
template struct MessageCodec<KRaftVersionRecord>;
template struct MessageCodec<VotersRecord>;
template struct MessageCodec<QuorumStateData>;

}  // namespace sealane::kafka
