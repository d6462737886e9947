#pragma once
// DescribeGroups, ListGroups (KIP-518, KIP-848), DeleteGroups (KIP-229).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct DescribeGroupsResponse;
struct ListGroupsResponse;
struct DeleteGroupsResponse;

struct DescribeGroupsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeGroupsRequest", ApiKey::kDescribeGroups);
    using Response = DescribeGroupsResponse;

    std::vector<std::string> groups;
    bool include_authorized_operations = false;

    static void fields(auto& io, auto& m) {
        io.field("Groups", m.groups, Since{0});
        io.field("IncludeAuthorizedOperations", m.include_authorized_operations, Since{3});
    }
    friend bool operator==(const DescribeGroupsRequest&, const DescribeGroupsRequest&) = default;
};

struct DescribeGroupsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeGroupsResponse", ApiKey::kDescribeGroups);

    struct DescribedGroupMember {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        BufferSlice member_metadata;
        BufferSlice member_assignment;

        static void fields(auto& io, auto& m) {
            io.field("MemberId", m.member_id, Since{0});
            io.field("GroupInstanceId", m.group_instance_id, Since{4}, NullableSince{4});
            io.field("ClientId", m.client_id, Since{0});
            io.field("ClientHost", m.client_host, Since{0});
            io.field("MemberMetadata", m.member_metadata, Since{0});
            io.field("MemberAssignment", m.member_assignment, Since{0});
        }
        friend bool operator==(const DescribedGroupMember&, const DescribedGroupMember&) = default;
    };

    struct DescribedGroup {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;
        std::string group_id;
        std::string group_state;
        std::string protocol_type;
        std::string protocol_data;
        std::vector<DescribedGroupMember> members;
        std::int32_t authorized_operations = INT32_MIN;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{6}, NullableSince{6});
            io.field("GroupId", m.group_id, Since{0});
            io.field("GroupState", m.group_state, Since{0});
            io.field("ProtocolType", m.protocol_type, Since{0});
            io.field("ProtocolData", m.protocol_data, Since{0});
            io.field("Members", m.members, Since{0});
            io.field("AuthorizedOperations", m.authorized_operations, Since{3});
        }
        friend bool operator==(const DescribedGroup&, const DescribedGroup&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("Groups", m.groups, Since{0});
    }
    friend bool operator==(const DescribeGroupsResponse&, const DescribeGroupsResponse&) = default;
};

struct ListGroupsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ListGroupsRequest", ApiKey::kListGroups);
    using Response = ListGroupsResponse;

    std::vector<std::string> states_filter;
    std::vector<std::string> types_filter;

    static void fields(auto& io, auto& m) {
        io.field("StatesFilter", m.states_filter, Since{4});
        io.field("TypesFilter", m.types_filter, Since{5});
    }
    friend bool operator==(const ListGroupsRequest&, const ListGroupsRequest&) = default;
};

struct ListGroupsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ListGroupsResponse", ApiKey::kListGroups);

    struct ListedGroup {
        std::string group_id;
        std::string protocol_type;
        std::string group_state;
        std::string group_type;

        static void fields(auto& io, auto& m) {
            io.field("GroupId", m.group_id, Since{0});
            io.field("ProtocolType", m.protocol_type, Since{0});
            io.field("GroupState", m.group_state, Since{4});
            io.field("GroupType", m.group_type, Since{5});
        }
        friend bool operator==(const ListedGroup&, const ListedGroup&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<ListedGroup> groups;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Groups", m.groups, Since{0});
    }
    friend bool operator==(const ListGroupsResponse&, const ListGroupsResponse&) = default;
};

struct DeleteGroupsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DeleteGroupsRequest", ApiKey::kDeleteGroups);
    using Response = DeleteGroupsResponse;

    std::vector<std::string> groups_names;

    static void fields(auto& io, auto& m) { io.field("GroupsNames", m.groups_names, Since{0}); }
    friend bool operator==(const DeleteGroupsRequest&, const DeleteGroupsRequest&) = default;
};

struct DeleteGroupsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DeleteGroupsResponse", ApiKey::kDeleteGroups);

    struct DeletableGroupResult {
        std::string group_id;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message;

        static void fields(auto& io, auto& m) {
            io.field("GroupId", m.group_id, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{3}, NullableSince{3});
        }
        friend bool operator==(const DeletableGroupResult&, const DeletableGroupResult&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DeletableGroupResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Results", m.results, Since{0});
    }
    friend bool operator==(const DeleteGroupsResponse&, const DeleteGroupsResponse&) = default;
};

}  // namespace sealane::kafka
