#pragma once
// Access control lists as Apache Kafka means them (KIP-11, KIP-290): who may do what with which
// resource, from which host. Values only; AclTable (acl_table.hpp) decides.

#include "common/base/result.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealane::identity {

// Numbers are those of the wire and of the metadata log.
enum class ResourceType : std::int8_t {
    kUnknown = 0,
    kAny = 1,
    kTopic = 2,
    kGroup = 3,
    kCluster = 4,
    kTransactionalId = 5,
    kDelegationToken = 6,
    kUser = 7,
};
enum class PatternType : std::int8_t {
    kUnknown = 0,
    kAny = 1,
    kMatch = 2,
    kLiteral = 3,
    kPrefixed = 4,
};
enum class AclOperation : std::int8_t {
    kUnknown = 0,
    kAny = 1,
    kAll = 2,
    kRead = 3,
    kWrite = 4,
    kCreate = 5,
    kDelete = 6,
    kAlter = 7,
    kDescribe = 8,
    kClusterAction = 9,
    kDescribeConfigs = 10,
    kAlterConfigs = 11,
    kIdempotentWrite = 12,
    kCreateTokens = 13,
    kDescribeTokens = 14,
    kTwoPhaseCommit = 15,
};
enum class AclPermission : std::int8_t { kUnknown = 0, kAny = 1, kDeny = 2, kAllow = 3 };

inline constexpr std::string_view kClusterName = "kafka-cluster";  // of the one kCluster resource
inline constexpr std::string_view kWildcard = "*";                 // as a literal name, or a host
inline constexpr std::string_view kEveryPrincipal = "User:*";

[[nodiscard]] std::string_view name_of(ResourceType type);
[[nodiscard]] std::string_view name_of(AclOperation operation);

struct AclEntry {
    ResourceType resource_type = ResourceType::kUnknown;
    std::string resource_name;  // kLiteral: "*" is every name
    PatternType pattern_type = PatternType::kLiteral;
    std::string principal;  // "User:alice"; "User:*" is everybody
    std::string host;       // an address as text; "*" is every host
    AclOperation operation = AclOperation::kUnknown;
    AclPermission permission = AclPermission::kUnknown;
    friend auto operator<=>(const AclEntry&, const AclEntry&) = default;
};

// Whether an entry may be stored; kInvalidRequest says what is wrong with it.
[[nodiscard]] Status check(const AclEntry& entry);

// What DescribeAcls and DeleteAcls look for. Nothing and kAny match everything.
struct AclFilter {
    ResourceType resource_type = ResourceType::kAny;
    std::optional<std::string> resource_name;
    // kMatch: every pattern that would apply to a resource of this name.
    PatternType pattern_type = PatternType::kAny;
    std::optional<std::string> principal;
    std::optional<std::string> host;
    AclOperation operation = AclOperation::kAny;
    AclPermission permission = AclPermission::kAny;

    [[nodiscard]] bool matches(const AclEntry& entry) const;
};
// kInvalidRequest: a number that this version does not know.
[[nodiscard]] Status check(const AclFilter& filter);

}  // namespace sealane::identity
