#pragma once
// What the group coordinator is asked and what it answers, free of wire versions: the API handlers
// translate (Kafka's classic group protocol, KIP-62, 345, 394, 814; that of KIP-848 is in
// consumer/consumer_types.hpp).
// Where a version changes the meaning, the request carries a named flag instead of a number.

#include "broker/coordinator/shard_types.hpp"
#include "broker/groups/consumer/consumer_types.hpp"
#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sealane::broker::groups {

inline constexpr GroupGeneration kNoGeneration{-1};

enum class GroupState { kEmpty, kPreparingRebalance, kCompletingRebalance, kStable, kDead };
// Kafka's exact names ("PreparingRebalance"), which tools parse.
[[nodiscard]] std::string_view name_of(GroupState state);

// One assignment strategy a member offers, with the member's opaque subscription for it.
struct GroupProtocol {
    std::string name;
    BufferSlice metadata;
    friend bool operator==(const GroupProtocol&, const GroupProtocol&) = default;
};

struct JoinRequest {
    std::string group_id;
    std::string member_id;
    std::optional<std::string> instance_id;
    std::string protocol_type;
    std::vector<GroupProtocol> protocols;  // in the member's order of preference
    std::int32_t session_timeout_ms = 0;
    std::int32_t rebalance_timeout_ms = 0;
    std::string client_id;
    std::string client_host;
    std::string fresh_suffix;         // unguessable; becomes part of a new member id
    bool requires_member_id = false;  // two-step join (KIP-394): JoinGroup v4 and later
    bool skips_assignment = false;    // understands SkipAssignment (KIP-814): v9 and later
};

struct JoinedMember {
    std::string member_id;
    std::optional<std::string> instance_id;
    BufferSlice metadata;
};

struct JoinReply {
    ErrorCode error = ErrorCode::kNone;
    GroupGeneration generation = kNoGeneration;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    std::string leader;
    std::string member_id;
    bool skip_assignment = false;
    std::vector<JoinedMember> members;  // only for the leader
};

struct SyncRequest {
    std::string group_id;
    GroupGeneration generation = kNoGeneration;
    std::string member_id;
    std::optional<std::string> instance_id;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    struct Assignment {
        std::string member_id;
        BufferSlice assignment;
    };
    std::vector<Assignment> assignments;  // from the leader only
};

struct SyncReply {
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    BufferSlice assignment;
};

struct HeartbeatRequest {
    std::string group_id;
    GroupGeneration generation = kNoGeneration;
    std::string member_id;
    std::optional<std::string> instance_id;
};
struct HeartbeatReply {
    ErrorCode error = ErrorCode::kNone;
};

struct LeaveRequest {
    std::string group_id;
    struct Leaving {
        std::string member_id;  // empty with an instance id: an administrator removes the instance
        std::optional<std::string> instance_id;
    };
    std::vector<Leaving> members;
};
struct LeaveReply {
    ErrorCode error = ErrorCode::kNone;
    std::vector<ErrorCode> member_errors;  // in the order of the request
};

struct CommitRequest {
    std::string group_id;
    GroupGeneration generation = kNoGeneration;  // below 0: outside of any group generation
    std::string member_id;
    std::optional<std::string> instance_id;
    std::int64_t retention_ms = -1;      // OffsetCommit v2 to v4
    bool reports_unknown_group = false;  // knows GROUP_ID_NOT_FOUND: v9 and later
    bool knows_member_epochs = false;    // STALE_MEMBER_EPOCH (KIP-848): v9 and later
    // TxnOffsetCommit: the offsets count when the transaction is committed.
    std::optional<TransactionalProducer> producer;
    struct Entry {
        TopicPartition partition;
        Uuid topic_id;
        Offset offset = kNoOffset;
        LeaderEpoch leader_epoch = kNoLeaderEpoch;
        std::string metadata;
        WallTime timestamp;                  // v1 only; none: now
        ErrorCode error = ErrorCode::kNone;  // set by the caller: already refused, and why
    };
    std::vector<Entry> entries;
};
struct CommitReply {
    std::vector<ErrorCode> errors;  // in the order of the request's entries
};

struct DeleteGroupRequest {
    std::string group_id;
};
struct DeleteGroupReply {
    ErrorCode error = ErrorCode::kNone;
};

struct DeleteOffsetsRequest {
    std::string group_id;
    std::vector<TopicPartition> partitions;
};
struct DeleteOffsetsReply {
    ErrorCode error = ErrorCode::kNone;
    std::vector<ErrorCode> errors;  // in the order of the request
};

// A marker for this partition of __consumer_offsets.
struct EndTransactionRequest {
    TransactionEnd end;
};
struct EndTransactionReply {
    ErrorCode error = ErrorCode::kNone;
};

using Request = std::variant<
    JoinRequest,
    SyncRequest,
    HeartbeatRequest,
    LeaveRequest,
    CommitRequest,
    DeleteGroupRequest,
    DeleteOffsetsRequest,
    EndTransactionRequest,
    ConsumerHeartbeatRequest>;
using Reply = std::variant<
    JoinReply,
    SyncReply,
    HeartbeatReply,
    LeaveReply,
    CommitReply,
    DeleteGroupReply,
    DeleteOffsetsReply,
    EndTransactionReply,
    ConsumerHeartbeatReply>;

// Read-only answers.
struct DescribedMember {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    BufferSlice metadata;    // empty unless the group is stable
    BufferSlice assignment;  // empty unless the group is stable
};
struct DescribedGroup {
    GroupState state = GroupState::kDead;
    std::string protocol_type;
    std::string protocol;  // empty unless the group is stable
    std::vector<DescribedMember> members;
};
struct ListedGroup {
    std::string group_id;
    std::string protocol_type;
    std::string_view state;  // Kafka's name
    std::string_view type;   // "classic" or "consumer"
};
// Who asks for committed offsets: a member of a group of KIP-848 says so.
struct OffsetReader {
    std::string member_id;
    std::int32_t member_epoch = -1;
};

}  // namespace sealane::broker::groups
