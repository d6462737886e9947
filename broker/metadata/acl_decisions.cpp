// Access control entries: made, removed, shown.

#include "broker/metadata/security_decisions.hpp"

#include <set>

namespace sealane::broker {

using identity::AclEntry;
using identity::AclFilter;
using identity::AclOperation;
using identity::AclPermission;
using identity::PatternType;
using identity::ResourceType;

namespace {

template <class Enum>
std::int8_t number(Enum value) {
    return static_cast<std::int8_t>(value);
}

AclEntry entry_of(const kafka::CreateAclsRequest::AclCreation& asked) {
    return {
        .resource_type = ResourceType{asked.resource_type},
        .resource_name = asked.resource_name,
        .pattern_type = PatternType{asked.resource_pattern_type},
        .principal = asked.principal,
        .host = asked.host,
        .operation = AclOperation{asked.operation},
        .permission = AclPermission{asked.permission_type},
    };
}

kafka::AccessControlEntryRecord record_of(const Uuid& id, const AclEntry& entry) {
    kafka::AccessControlEntryRecord record;
    record.id = id;
    record.resource_type = number(entry.resource_type);
    record.resource_name = entry.resource_name;
    record.pattern_type = number(entry.pattern_type);
    record.principal = entry.principal;
    record.host = entry.host;
    record.operation = number(entry.operation);
    record.permission_type = number(entry.permission);
    return record;
}

// DescribeAcls and each filter of DeleteAcls have the same fields.
template <class Asked>
AclFilter filter_of(const Asked& asked) {
    return {
        .resource_type = ResourceType{asked.resource_type_filter},
        .resource_name = asked.resource_name_filter,
        .pattern_type = PatternType{asked.pattern_type_filter},
        .principal = asked.principal_filter,
        .host = asked.host_filter,
        .operation = AclOperation{asked.operation},
        .permission = AclPermission{asked.permission_type},
    };
}

template <class Answer>
void refuse(Answer& answer, const Error& error) {
    answer.error_code = error.code();
    answer.error_message = error.detail();
}

}  // namespace

SecurityDecision<kafka::CreateAclsResponse> create_acls(
    const Image& image,
    const kafka::CreateAclsRequest& request,
    const std::function<Uuid()>& fresh_id
) {
    SecurityDecision<kafka::CreateAclsResponse> decision;
    std::set<AclEntry> made;
    const identity::AclTable& table = image.security().acls;
    for (const auto& asked : request.creations) {
        auto& answer = decision.response.results.emplace_back();
        answer.error_message.reset();
        AclEntry entry = entry_of(asked);
        if (const Status good = check(entry); !good) {
            refuse(answer, good.error());
            continue;
        }
        if (made.contains(entry) || table.find(entry)) continue;
        if (table.entries().size() + made.size() >= identity::AclTable::kMostEntries) {
            refuse(answer, Error(ErrorCode::kPolicyViolation, "there are 100000 ACLs already"));
            continue;
        }
        decision.records.emplace_back(record_of(fresh_id(), entry));
        made.insert(std::move(entry));
    }
    return decision;
}

SecurityDecision<kafka::DeleteAclsResponse> delete_acls(
    const Image& image, const kafka::DeleteAclsRequest& request
) {
    SecurityDecision<kafka::DeleteAclsResponse> decision;
    std::set<Uuid> gone;
    for (const auto& asked : request.filters) {
        auto& answer = decision.response.filter_results.emplace_back();
        answer.error_message.reset();
        const AclFilter filter = filter_of(asked);
        if (const Status good = check(filter); !good) {
            refuse(answer, good.error());
            continue;
        }
        for (const auto& [id, entry] : image.security().acls.entries()) {
            if (!filter.matches(entry)) continue;
            auto& match = answer.matching_acls.emplace_back();
            match.error_message.reset();
            match.resource_type = number(entry.resource_type);
            match.resource_name = entry.resource_name;
            match.pattern_type = number(entry.pattern_type);
            match.principal = entry.principal;
            match.host = entry.host;
            match.operation = number(entry.operation);
            match.permission_type = number(entry.permission);
            if (!gone.insert(id).second) continue;
            kafka::RemoveAccessControlEntryRecord record;
            record.id = id;
            decision.records.emplace_back(record);
        }
    }
    return decision;
}

kafka::DescribeAclsResponse describe_acls(
    const Image& image, const kafka::DescribeAclsRequest& request
) {
    kafka::DescribeAclsResponse response;
    response.error_message.reset();
    const AclFilter filter = filter_of(request);
    if (const Status good = check(filter); !good) {
        refuse(response, good.error());
        return response;
    }
    std::set<AclEntry> found;
    for (const auto& [id, entry] : image.security().acls.entries()) {
        if (filter.matches(entry)) found.insert(entry);
    }
    for (const AclEntry& entry : found) {  // in the order of type, name, pattern
        auto& all = response.resources;
        const bool same = !all.empty() && all.back().resource_type == number(entry.resource_type) &&
                          all.back().resource_name == entry.resource_name &&
                          all.back().pattern_type == number(entry.pattern_type);
        if (!same) {
            auto& resource = all.emplace_back();
            resource.resource_type = number(entry.resource_type);
            resource.resource_name = entry.resource_name;
            resource.pattern_type = number(entry.pattern_type);
        }
        all.back().acls.push_back(
            {entry.principal, entry.host, number(entry.operation), number(entry.permission)}
        );
    }
    return response;
}

}  // namespace sealane::broker
