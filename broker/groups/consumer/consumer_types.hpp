#pragma once
// What groups of the protocol of KIP-848 are asked and answer, and what they are made of. Free of
// wire versions, as group_types.hpp.

#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::broker::groups {

struct TopicIdPartition {
    Uuid topic;
    PartitionId partition{};
    friend auto operator<=>(const TopicIdPartition&, const TopicIdPartition&) = default;
};
using PartitionSet = std::set<TopicIdPartition>;
// Partitions with the member epoch in which their holder got them.
using HeldPartitions = std::map<TopicIdPartition, std::int32_t>;

// Member epochs with a meaning of their own.
inline constexpr std::int32_t kJoiningEpoch = 0;
inline constexpr std::int32_t kLeavingEpoch = -1;
inline constexpr std::int32_t kStaticLeavingEpoch = -2;  // the instance comes back

// The topics at one moment, as the principal that asks sees them. Immutable.
class TopicCatalog {
 public:
    struct Topic {
        Uuid id;
        std::int32_t partitions = 0;
    };
    virtual ~TopicCatalog() = default;
    // Whoever may see it. Nothing: there is no such topic.
    [[nodiscard]] virtual std::optional<Topic> find(std::string_view name) const = 0;
    // Of those that the principal may describe, the names that `matches` accepts; ascending.
    [[nodiscard]] virtual std::set<std::string> visible(
        const std::function<bool(const std::string&)>& matches
    ) const = 0;
    // Another number after any change of topics or their partitions; never 0.
    [[nodiscard]] virtual std::uint64_t stamp() const = 0;
};

struct ConsumerHeartbeatRequest {
    std::string group_id;
    std::string member_id;
    std::int32_t member_epoch = 0;
    // Nothing, or -1: as it was.
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    std::int32_t rebalance_timeout_ms = -1;
    std::optional<std::vector<std::string>> topics;
    std::optional<std::string> pattern;  // RE2 syntax, for whole names; empty: none
    std::optional<std::string> assignor;
    std::optional<PartitionSet> owned;

    std::string client_id;
    std::string client_host;
    std::string fresh_member_id;       // unguessable; taken when the member has no id yet
    bool makes_own_member_id = false;  // version 1 and later: an empty id is an error
    std::shared_ptr<const TopicCatalog> catalog;
};

struct ConsumerHeartbeatReply {
    ErrorCode error = ErrorCode::kNone;
    std::string message;  // of the error
    std::string member_id;
    std::int32_t member_epoch = 0;
    std::int32_t heartbeat_interval_ms = 0;
    std::optional<PartitionSet> assignment;  // nothing: as it was
};

// What a member has said of itself.
struct MemberMetadata {
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    std::string client_id;
    std::string client_host;
    std::vector<std::string> topics;  // ascending, each once
    std::string pattern;              // empty: none
    std::int32_t rebalance_timeout_ms = -1;
    std::optional<std::string> assignor;
    friend bool operator==(const MemberMetadata&, const MemberMetadata&) = default;
};

// The numbers are those of the records.
enum class MemberState : std::int8_t {
    kStable = 0,      // has what the target gives it
    kUnrevoked = 1,   // has yet to give up partitions
    kUnreleased = 2,  // waits for partitions that others have yet to give up
    kUnknown = 127,   // of a later version
};

// Where a member stands. It holds what is assigned and what it has yet to give up.
struct CurrentAssignment {
    std::int32_t epoch = 0;
    std::int32_t previous_epoch = 0;
    MemberState state = MemberState::kStable;
    HeldPartitions assigned;
    HeldPartitions pending_revocation;
    friend bool operator==(const CurrentAssignment&, const CurrentAssignment&) = default;
};

struct ConsumerMember {
    std::string id;
    MemberMetadata metadata;
    CurrentAssignment current;
    // A static member that said that it comes back.
    [[nodiscard]] bool is_away() const { return current.epoch == kStaticLeavingEpoch; }
};

// Topics that a pattern stands for.
struct ResolvedPattern {
    std::set<std::string> topics;
    WallTime resolved;
    friend bool operator==(const ResolvedPattern&, const ResolvedPattern&) = default;
};

enum class ConsumerGroupState { kEmpty, kAssigning, kReconciling, kStable, kDead };
// Kafka's exact names ("Reconciling"), which tools parse.
[[nodiscard]] std::string_view name_of(ConsumerGroupState state);

struct DescribedConsumerMember {
    ConsumerMember member;
    PartitionSet target;
};
struct DescribedConsumerGroup {
    ConsumerGroupState state = ConsumerGroupState::kDead;
    std::int32_t epoch = 0;
    std::int32_t target_epoch = 0;
    std::string assignor;
    std::vector<DescribedConsumerMember> members;
};

[[nodiscard]] inline PartitionSet keys_of(const HeldPartitions& held) {
    PartitionSet keys;
    for (const auto& [partition, epoch] : held) keys.insert(keys.end(), partition);
    return keys;
}

}  // namespace sealane::broker::groups
