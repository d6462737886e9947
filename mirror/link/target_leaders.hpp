#pragma once
// Questions about partitions of the target go to the brokers that lead them. A broker that does not
// lead one (any more) is remembered as wrong; the partition is then simply missing in what comes
// back, and whoever wants it asks again.

#include "mirror/link/link_board.hpp"

#include <map>
#include <set>

namespace sealane::mirror {

struct TargetPositions {
    std::string cluster_id;  // of the target; empty when nobody answered
    // By target partition. With kUnknownTopicOrPartition: the target does not have it.
    std::map<TopicPartition, kafka::MirrorPositionsResponse::Partition> partitions;
    // Why some of them are missing, other than by a change of leaders.
    std::optional<Error> trouble;
};
[[nodiscard]] runtime::Task<TargetPositions> ask_target_positions(
    LinkBoard& board, std::set<TopicPartition> asked, Instant deadline
);

// kNotLeaderOrFollower, and what the cluster client answers when nobody leads the partition.
[[nodiscard]] runtime::Task<Result<kafka::MirrorTranslateResponse>> ask_translation(
    LinkBoard& board, kafka::MirrorTranslateRequest request, Instant deadline
);

}  // namespace sealane::mirror
