#pragma once
// What a promotion has to do, decided from the image: whom to ask, and which records end it. A link
// in state promoting is all that is remembered of a promotion, so it may be begun again by any
// controller at any point.
//
//   promoting --(every leader has cut its log, end_promotion)--> promoted, in one batch
//
// A  The records that end it are one batch: epochs above every mirrored one, producer ids beyond
//    every mirrored one, and the state that lets clients write.
// B  They are decided only while every partition has the leadership and the in-sync set that
//    answered: whoever may lead next has the log that was cut.

#include "broker/mirrored/link_state.hpp"

#include <map>
#include <string_view>
#include <vector>

namespace sealane::broker {

// By leader. kResourceNotFound: no such link; kLeaderNotAvailable names a partition without a
// leader. Topics that are bound but were never made, or are deleted, are left out.
[[nodiscard]] Result<std::map<BrokerId, std::vector<TopicPartition>>> partitions_to_open(
    const Image& image, std::string_view link
);

// What the leader of one partition answered.
struct OpenedPartition {
    TopicPartition id;
    Offset end = kNoOffset;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::int32_t partition_epoch = -1;
    LeaderEpoch last_record_epoch = kNoLeaderEpoch;
    std::int64_t next_producer_id = 0;
};
// Everything that ends the promotion, for one batch; no records when it has ended already.
// kFencedLeaderEpoch: a partition is not as it was when it answered (or there is a new one), all
// must be asked again. kInvalidRequest: the link is not being promoted.
[[nodiscard]] Result<Records> end_promotion(
    const Image& image, std::string_view link, const std::vector<OpenedPartition>& opened
);

}  // namespace sealane::broker
