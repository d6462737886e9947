#pragma once
// The classic consumer-group protocol: FindCoordinator (KIP-699), JoinGroup, SyncGroup, Heartbeat,
// LeaveGroup (static members KIP-345, required member id KIP-394).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct FindCoordinatorResponse;
struct JoinGroupResponse;
struct SyncGroupResponse;
struct HeartbeatResponse;
struct LeaveGroupResponse;

struct FindCoordinatorRequest {
    static constexpr MessageSchema kSchema =
        request_schema("FindCoordinatorRequest", ApiKey::kFindCoordinator);
    using Response = FindCoordinatorResponse;

    std::string key;
    std::int8_t key_type = 0;
    std::vector<std::string> coordinator_keys;

    static void fields(auto& io, auto& m) {
        io.field("Key", m.key, Between{0, 3});
        io.field("KeyType", m.key_type, Since{1});
        io.field("CoordinatorKeys", m.coordinator_keys, Since{4});
    }
    friend bool operator==(const FindCoordinatorRequest&, const FindCoordinatorRequest&) = default;
};

struct FindCoordinatorResponse {
    static constexpr MessageSchema kSchema =
        response_schema("FindCoordinatorResponse", ApiKey::kFindCoordinator);

    struct Coordinator {
        std::string key;
        BrokerId node_id{};
        std::string host;
        std::int32_t port = 0;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Key", m.key, Since{4});
            io.field("NodeId", m.node_id, Since{4});
            io.field("Host", m.host, Since{4});
            io.field("Port", m.port, Since{4});
            io.field("ErrorCode", m.error_code, Since{4});
            io.field("ErrorMessage", m.error_message, Since{4}, NullableSince{4});
        }
        friend bool operator==(const Coordinator&, const Coordinator&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    BrokerId node_id{};
    std::string host;
    std::int32_t port = 0;
    std::vector<Coordinator> coordinators;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("ErrorCode", m.error_code, Between{0, 3});
        io.field("ErrorMessage", m.error_message, Between{1, 3}, NullableBetween{1, 3});
        io.field("NodeId", m.node_id, Between{0, 3});
        io.field("Host", m.host, Between{0, 3});
        io.field("Port", m.port, Between{0, 3});
        io.field("Coordinators", m.coordinators, Since{4});
    }
    friend bool operator==(const FindCoordinatorResponse&, const FindCoordinatorResponse&) =
        default;
};

struct JoinGroupRequest {
    static constexpr MessageSchema kSchema = request_schema("JoinGroupRequest", ApiKey::kJoinGroup);
    using Response = JoinGroupResponse;

    struct JoinGroupRequestProtocol {
        std::string name;
        BufferSlice metadata;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Metadata", m.metadata, Since{0});
        }
        friend bool operator==(const JoinGroupRequestProtocol&, const JoinGroupRequestProtocol&) =
            default;
    };

    std::string group_id;
    std::int32_t session_timeout_ms = 0;
    std::int32_t rebalance_timeout_ms = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string protocol_type;
    std::vector<JoinGroupRequestProtocol> protocols;
    std::optional<std::string> reason;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Since{0});
        io.field("SessionTimeoutMs", m.session_timeout_ms, Since{0});
        io.field("RebalanceTimeoutMs", m.rebalance_timeout_ms, Since{1}, kIgnorable);
        io.field("MemberId", m.member_id, Since{0});
        io.field("GroupInstanceId", m.group_instance_id, Since{5}, NullableSince{5});
        io.field("ProtocolType", m.protocol_type, Since{0});
        io.field("Protocols", m.protocols, Since{0});
        io.field("Reason", m.reason, Since{8}, NullableSince{8}, kIgnorable);
    }
    friend bool operator==(const JoinGroupRequest&, const JoinGroupRequest&) = default;
};

struct JoinGroupResponse {
    static constexpr MessageSchema kSchema =
        response_schema("JoinGroupResponse", ApiKey::kJoinGroup);

    struct JoinGroupResponseMember {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        BufferSlice metadata;

        static void fields(auto& io, auto& m) {
            io.field("MemberId", m.member_id, Since{0});
            io.field("GroupInstanceId", m.group_instance_id, Since{5}, NullableSince{5});
            io.field("Metadata", m.metadata, Since{0});
        }
        friend bool operator==(const JoinGroupResponseMember&, const JoinGroupResponseMember&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    GroupGeneration generation_id{-1};
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name{std::in_place};
    std::string leader;
    bool skip_assignment = false;
    std::string member_id;
    std::vector<JoinGroupResponseMember> members;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{2});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("GenerationId", m.generation_id, Since{0});
        io.field("ProtocolType", m.protocol_type, Since{7}, NullableSince{7});
        io.field("ProtocolName", m.protocol_name, Since{0}, NullableSince{7});
        io.field("Leader", m.leader, Since{0});
        io.field("SkipAssignment", m.skip_assignment, Since{9});
        io.field("MemberId", m.member_id, Since{0});
        io.field("Members", m.members, Since{0});
    }
    friend bool operator==(const JoinGroupResponse&, const JoinGroupResponse&) = default;
};

struct SyncGroupRequest {
    static constexpr MessageSchema kSchema = request_schema("SyncGroupRequest", ApiKey::kSyncGroup);
    using Response = SyncGroupResponse;

    struct SyncGroupRequestAssignment {
        std::string member_id;
        BufferSlice assignment;

        static void fields(auto& io, auto& m) {
            io.field("MemberId", m.member_id, Since{0});
            io.field("Assignment", m.assignment, Since{0});
        }
        friend bool
        operator==(const SyncGroupRequestAssignment&, const SyncGroupRequestAssignment&) = default;
    };

    std::string group_id;
    GroupGeneration generation_id{};
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    std::vector<SyncGroupRequestAssignment> assignments;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Since{0});
        io.field("GenerationId", m.generation_id, Since{0});
        io.field("MemberId", m.member_id, Since{0});
        io.field("GroupInstanceId", m.group_instance_id, Since{3}, NullableSince{3});
        io.field("ProtocolType", m.protocol_type, Since{5}, NullableSince{5}, kIgnorable);
        io.field("ProtocolName", m.protocol_name, Since{5}, NullableSince{5}, kIgnorable);
        io.field("Assignments", m.assignments, Since{0});
    }
    friend bool operator==(const SyncGroupRequest&, const SyncGroupRequest&) = default;
};

struct SyncGroupResponse {
    static constexpr MessageSchema kSchema =
        response_schema("SyncGroupResponse", ApiKey::kSyncGroup);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> protocol_type;
    std::optional<std::string> protocol_name;
    BufferSlice assignment;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ProtocolType", m.protocol_type, Since{5}, NullableSince{5});
        io.field("ProtocolName", m.protocol_name, Since{5}, NullableSince{5});
        io.field("Assignment", m.assignment, Since{0});
    }
    friend bool operator==(const SyncGroupResponse&, const SyncGroupResponse&) = default;
};

struct HeartbeatRequest {
    static constexpr MessageSchema kSchema = request_schema("HeartbeatRequest", ApiKey::kHeartbeat);
    using Response = HeartbeatResponse;

    std::string group_id;
    GroupGeneration generation_id{};
    std::string member_id;
    std::optional<std::string> group_instance_id;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Since{0});
        io.field("GenerationId", m.generation_id, Since{0});
        io.field("MemberId", m.member_id, Since{0});
        io.field("GroupInstanceId", m.group_instance_id, Since{3}, NullableSince{3});
    }
    friend bool operator==(const HeartbeatRequest&, const HeartbeatRequest&) = default;
};

struct HeartbeatResponse {
    static constexpr MessageSchema kSchema =
        response_schema("HeartbeatResponse", ApiKey::kHeartbeat);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("ErrorCode", m.error_code, Since{0});
    }
    friend bool operator==(const HeartbeatResponse&, const HeartbeatResponse&) = default;
};

struct LeaveGroupRequest {
    static constexpr MessageSchema kSchema =
        request_schema("LeaveGroupRequest", ApiKey::kLeaveGroup);
    using Response = LeaveGroupResponse;

    struct MemberIdentity {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::optional<std::string> reason;

        static void fields(auto& io, auto& m) {
            io.field("MemberId", m.member_id, Since{3});
            io.field("GroupInstanceId", m.group_instance_id, Since{3}, NullableSince{3});
            io.field("Reason", m.reason, Since{5}, NullableSince{5}, kIgnorable);
        }
        friend bool operator==(const MemberIdentity&, const MemberIdentity&) = default;
    };

    std::string group_id;
    std::string member_id;
    std::vector<MemberIdentity> members;

    static void fields(auto& io, auto& m) {
        io.field("GroupId", m.group_id, Since{0});
        io.field("MemberId", m.member_id, Between{0, 2});
        io.field("Members", m.members, Since{3});
    }
    friend bool operator==(const LeaveGroupRequest&, const LeaveGroupRequest&) = default;
};

struct LeaveGroupResponse {
    static constexpr MessageSchema kSchema =
        response_schema("LeaveGroupResponse", ApiKey::kLeaveGroup);

    struct MemberResponse {
        std::string member_id;
        std::optional<std::string> group_instance_id{std::in_place};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("MemberId", m.member_id, Since{3});
            io.field("GroupInstanceId", m.group_instance_id, Since{3}, NullableSince{3});
            io.field("ErrorCode", m.error_code, Since{3});
        }
        friend bool operator==(const MemberResponse&, const MemberResponse&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<MemberResponse> members;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Members", m.members, Since{3});
    }
    friend bool operator==(const LeaveGroupResponse&, const LeaveGroupResponse&) = default;
};

}  // namespace sealane::kafka
