#include "common/identity/acl.hpp"

#include <array>
#include <cstddef>

namespace sealane::identity {

namespace {

constexpr std::size_t kMostText = 1024;  // of a name, a principal, a host

std::unexpected<Error> invalid(std::string text) {
    return fail(ErrorCode::kInvalidRequest, std::move(text));
}

bool between(auto value, auto low, auto high) {
    return value >= low && value <= high;
}

bool name_matches(const AclFilter& filter, const AclEntry& entry) {
    if (!filter.resource_name) return true;
    const std::string& name = *filter.resource_name;
    if (filter.pattern_type != PatternType::kMatch) return name == entry.resource_name;
    if (entry.pattern_type == PatternType::kPrefixed) return name.starts_with(entry.resource_name);
    return entry.resource_name == name || entry.resource_name == kWildcard;
}

}  // namespace

std::string_view name_of(ResourceType type) {
    constexpr std::array<std::string_view, 8> kNames{
        "UNKNOWN",
        "ANY",
        "TOPIC",
        "GROUP",
        "CLUSTER",
        "TRANSACTIONAL_ID",
        "DELEGATION_TOKEN",
        "USER"
    };
    const auto index = static_cast<std::size_t>(type);
    return index < kNames.size() ? kNames[index] : kNames[0];
}

std::string_view name_of(AclOperation operation) {
    constexpr std::array<std::string_view, 16> kNames{
        "UNKNOWN",
        "ANY",
        "ALL",
        "READ",
        "WRITE",
        "CREATE",
        "DELETE",
        "ALTER",
        "DESCRIBE",
        "CLUSTER_ACTION",
        "DESCRIBE_CONFIGS",
        "ALTER_CONFIGS",
        "IDEMPOTENT_WRITE",
        "CREATE_TOKENS",
        "DESCRIBE_TOKENS",
        "TWO_PHASE_COMMIT",
    };
    const auto index = static_cast<std::size_t>(operation);
    return index < kNames.size() ? kNames[index] : kNames[0];
}

Status check(const AclEntry& entry) {
    if (!between(entry.resource_type, ResourceType::kTopic, ResourceType::kUser)) {
        return invalid("an ACL needs a resource type: topic, group, cluster, transactional id, user"
        );
    }
    if (entry.pattern_type != PatternType::kLiteral &&
        entry.pattern_type != PatternType::kPrefixed) {
        return invalid("the pattern type of an ACL is LITERAL or PREFIXED");
    }
    if (!between(entry.operation, AclOperation::kAll, AclOperation::kTwoPhaseCommit)) {
        return invalid("an ACL needs an operation, such as READ or ALL");
    }
    if (!between(entry.permission, AclPermission::kDeny, AclPermission::kAllow)) {
        return invalid("the permission of an ACL is ALLOW or DENY");
    }
    if (entry.resource_name.empty()) return invalid("an ACL needs the name of a resource");
    if (entry.resource_type == ResourceType::kCluster && entry.resource_name != kClusterName) {
        return invalid("the only valid name of the CLUSTER resource is kafka-cluster");
    }
    const std::size_t colon = entry.principal.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == entry.principal.size()) {
        return invalid("'" + entry.principal + "' is no principal: write User:NAME");
    }
    if (entry.host.empty()) return invalid("an ACL needs a host: an address, or * for all");
    for (const auto* text : {&entry.resource_name, &entry.principal, &entry.host}) {
        if (text->size() > kMostText) return invalid("a text of an ACL has over 1024 bytes");
    }
    return {};
}

bool AclFilter::matches(const AclEntry& entry) const {
    if (resource_type != ResourceType::kAny && resource_type != entry.resource_type) return false;
    const bool any_pattern =
        pattern_type == PatternType::kAny || pattern_type == PatternType::kMatch;
    if (!any_pattern && pattern_type != entry.pattern_type) return false;
    if (!name_matches(*this, entry)) return false;
    if (principal && *principal != entry.principal) return false;
    if (host && *host != entry.host) return false;
    if (operation != AclOperation::kAny && operation != entry.operation) return false;
    return permission == AclPermission::kAny || permission == entry.permission;
}

Status check(const AclFilter& filter) {
    if (!between(filter.resource_type, ResourceType::kAny, ResourceType::kUser)) {
        return invalid("the filter has an unknown resource type");
    }
    if (!between(filter.pattern_type, PatternType::kAny, PatternType::kPrefixed)) {
        return invalid("the filter has an unknown pattern type");
    }
    if (!between(filter.operation, AclOperation::kAny, AclOperation::kTwoPhaseCommit)) {
        return invalid("the filter has an unknown operation");
    }
    if (!between(filter.permission, AclPermission::kAny, AclPermission::kAllow)) {
        return invalid("the filter has an unknown permission");
    }
    return {};
}

}  // namespace sealane::identity
