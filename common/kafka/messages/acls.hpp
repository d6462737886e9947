#pragma once
// Access control lists: DescribeAcls, CreateAcls, DeleteAcls (KIP-140, patterns KIP-290).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct DescribeAclsResponse;
struct CreateAclsResponse;
struct DeleteAclsResponse;

struct DescribeAclsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeAclsRequest", ApiKey::kDescribeAcls);
    using Response = DescribeAclsResponse;

    std::int8_t resource_type_filter = 0;
    std::optional<std::string> resource_name_filter{std::in_place};
    std::int8_t pattern_type_filter = 3;
    std::optional<std::string> principal_filter{std::in_place};
    std::optional<std::string> host_filter{std::in_place};
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    static void fields(auto& io, auto& m) {
        io.field("ResourceTypeFilter", m.resource_type_filter, Since{0});
        io.field("ResourceNameFilter", m.resource_name_filter, Since{0}, NullableSince{0});
        io.field("PatternTypeFilter", m.pattern_type_filter, Since{1});
        io.field("PrincipalFilter", m.principal_filter, Since{0}, NullableSince{0});
        io.field("HostFilter", m.host_filter, Since{0}, NullableSince{0});
        io.field("Operation", m.operation, Since{0});
        io.field("PermissionType", m.permission_type, Since{0});
    }
    friend bool operator==(const DescribeAclsRequest&, const DescribeAclsRequest&) = default;
};

struct DescribeAclsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeAclsResponse", ApiKey::kDescribeAcls);

    struct AclDescription {
        std::string principal;
        std::string host;
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;

        static void fields(auto& io, auto& m) {
            io.field("Principal", m.principal, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Operation", m.operation, Since{0});
            io.field("PermissionType", m.permission_type, Since{0});
        }
        friend bool operator==(const AclDescription&, const AclDescription&) = default;
    };

    struct DescribeAclsResource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::int8_t pattern_type = 3;
        std::vector<AclDescription> acls;

        static void fields(auto& io, auto& m) {
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("PatternType", m.pattern_type, Since{1});
            io.field("Acls", m.acls, Since{0});
        }
        friend bool operator==(const DescribeAclsResource&, const DescribeAclsResource&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    std::vector<DescribeAclsResource> resources;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("Resources", m.resources, Since{0});
    }
    friend bool operator==(const DescribeAclsResponse&, const DescribeAclsResponse&) = default;
};

struct CreateAclsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("CreateAclsRequest", ApiKey::kCreateAcls);
    using Response = CreateAclsResponse;

    struct AclCreation {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::int8_t resource_pattern_type = 3;
        std::string principal;
        std::string host;
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;

        static void fields(auto& io, auto& m) {
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("ResourcePatternType", m.resource_pattern_type, Since{1});
            io.field("Principal", m.principal, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Operation", m.operation, Since{0});
            io.field("PermissionType", m.permission_type, Since{0});
        }
        friend bool operator==(const AclCreation&, const AclCreation&) = default;
    };

    std::vector<AclCreation> creations;

    static void fields(auto& io, auto& m) { io.field("Creations", m.creations, Since{0}); }
    friend bool operator==(const CreateAclsRequest&, const CreateAclsRequest&) = default;
};

struct CreateAclsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("CreateAclsResponse", ApiKey::kCreateAcls);

    struct AclCreationResult {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        }
        friend bool operator==(const AclCreationResult&, const AclCreationResult&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AclCreationResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Results", m.results, Since{0});
    }
    friend bool operator==(const CreateAclsResponse&, const CreateAclsResponse&) = default;
};

struct DeleteAclsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DeleteAclsRequest", ApiKey::kDeleteAcls);
    using Response = DeleteAclsResponse;

    struct DeleteAclsFilter {
        std::int8_t resource_type_filter = 0;
        std::optional<std::string> resource_name_filter{std::in_place};
        std::int8_t pattern_type_filter = 3;
        std::optional<std::string> principal_filter{std::in_place};
        std::optional<std::string> host_filter{std::in_place};
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;

        static void fields(auto& io, auto& m) {
            io.field("ResourceTypeFilter", m.resource_type_filter, Since{0});
            io.field("ResourceNameFilter", m.resource_name_filter, Since{0}, NullableSince{0});
            io.field("PatternTypeFilter", m.pattern_type_filter, Since{1});
            io.field("PrincipalFilter", m.principal_filter, Since{0}, NullableSince{0});
            io.field("HostFilter", m.host_filter, Since{0}, NullableSince{0});
            io.field("Operation", m.operation, Since{0});
            io.field("PermissionType", m.permission_type, Since{0});
        }
        friend bool operator==(const DeleteAclsFilter&, const DeleteAclsFilter&) = default;
    };

    std::vector<DeleteAclsFilter> filters;

    static void fields(auto& io, auto& m) { io.field("Filters", m.filters, Since{0}); }
    friend bool operator==(const DeleteAclsRequest&, const DeleteAclsRequest&) = default;
};

struct DeleteAclsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DeleteAclsResponse", ApiKey::kDeleteAcls);

    struct DeleteAclsMatchingAcl {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::int8_t pattern_type = 3;
        std::string principal;
        std::string host;
        std::int8_t operation = 0;
        std::int8_t permission_type = 0;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("PatternType", m.pattern_type, Since{1});
            io.field("Principal", m.principal, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Operation", m.operation, Since{0});
            io.field("PermissionType", m.permission_type, Since{0});
        }
        friend bool operator==(const DeleteAclsMatchingAcl&, const DeleteAclsMatchingAcl&) =
            default;
    };

    struct DeleteAclsFilterResult {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        std::vector<DeleteAclsMatchingAcl> matching_acls;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("MatchingAcls", m.matching_acls, Since{0});
        }
        friend bool operator==(const DeleteAclsFilterResult&, const DeleteAclsFilterResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DeleteAclsFilterResult> filter_results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("FilterResults", m.filter_results, Since{0});
    }
    friend bool operator==(const DeleteAclsResponse&, const DeleteAclsResponse&) = default;
};

}  // namespace sealane::kafka
