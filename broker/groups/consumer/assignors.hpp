#pragma once
// Assignors of the server: who shall read which partition. Racks are not looked at.
//
//   uniform  spreads all partitions evenly over those who subscribe to them, and moves as few as
//            it can from where they were
//   range    of every topic each subscriber gets one run of neighbouring partitions; topics with
//            the same subscribers and number of partitions are divided alike, so that they can be
//            joined
//
// The same input gives the same assignment everywhere. Every partition of a topic that somebody
// subscribes to gets one member.

#include "broker/groups/consumer/consumer_types.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::broker::groups {

enum class Assignor { kUniform, kRange };
[[nodiscard]] std::optional<Assignor> assignor_of(std::string_view name);
[[nodiscard]] std::string_view name_of(Assignor assignor);

struct AssignorMember {
    std::string id;
    std::optional<std::string> instance_id;
    std::set<Uuid> topics;  // only ones in AssignorInput::topics
    PartitionSet previous;
};
struct AssignorInput {
    std::vector<AssignorMember> members;  // ascending ids
    std::map<Uuid, std::int32_t> topics;  // with the number of partitions
};
// In the order of the members.
using Targets = std::vector<PartitionSet>;

[[nodiscard]] Targets assign(Assignor assignor, const AssignorInput& input);

}  // namespace sealane::broker::groups
