#include "common/kafka/messages/reassignments.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<ElectLeadersRequest>;
template struct MessageCodec<ElectLeadersResponse>;
template struct MessageCodec<AlterPartitionReassignmentsRequest>;
template struct MessageCodec<AlterPartitionReassignmentsResponse>;
template struct MessageCodec<ListPartitionReassignmentsRequest>;
template struct MessageCodec<ListPartitionReassignmentsResponse>;

}  // namespace sealane::kafka
