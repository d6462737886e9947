#include "common/identity/acl_table.hpp"

#include <algorithm>

namespace sealane::identity {

namespace {

bool is_for(const AclEntry& entry, const AclQuestion& question) {
    const bool who = entry.principal == kEveryPrincipal || entry.principal == question.principal;
    return who && (entry.host == kWildcard || entry.host == question.host);
}

bool implies(AclOperation granted, AclOperation asked) {
    if (granted == asked || granted == AclOperation::kAll) return true;
    if (asked == AclOperation::kDescribe) {
        return granted == AclOperation::kRead || granted == AclOperation::kWrite ||
               granted == AclOperation::kDelete || granted == AclOperation::kAlter;
    }
    return asked == AclOperation::kDescribeConfigs && granted == AclOperation::kAlterConfigs;
}

bool denies(const AclEntry& entry, const AclQuestion& question) {
    return entry.permission == AclPermission::kDeny && is_for(entry, question) &&
           (entry.operation == AclOperation::kAll || entry.operation == question.operation);
}

bool allows(const AclEntry& entry, const AclQuestion& question) {
    return entry.permission == AclPermission::kAllow && is_for(entry, question) &&
           implies(entry.operation, question.operation);
}

}  // namespace

void AclTable::add(const Uuid& id, AclEntry entry) {
    remove(id);
    if (entry.pattern_type == PatternType::kPrefixed) ++prefix_lengths_[entry.resource_name.size()];
    index_of(entry)[Key{entry.resource_type, entry.resource_name}].insert(entry);
    ids_.insert_or_assign(entry, id);
    entries_.insert_or_assign(id, std::move(entry));
}

bool AclTable::remove(const Uuid& id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return false;
    const AclEntry& entry = found->second;
    Index& index = index_of(entry);
    const auto place = index.find(Key{entry.resource_type, entry.resource_name});
    place->second.erase(entry);
    if (place->second.empty()) index.erase(place);
    if (entry.pattern_type == PatternType::kPrefixed) {
        const auto length = prefix_lengths_.find(entry.resource_name.size());
        if (--length->second == 0) prefix_lengths_.erase(length);
    }
    ids_.erase(entry);
    entries_.erase(found);
    return true;
}

std::optional<Uuid> AclTable::find(const AclEntry& entry) const {
    const auto found = ids_.find(entry);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

template <class Visit>
void AclTable::visit_applicable(ResourceType type, std::string_view name, Visit visit) const {
    const auto look = [&](const Index& index, std::string_view pattern) {
        const auto found = index.find(Key{type, std::string(pattern)});
        if (found == index.end()) return;
        for (const AclEntry& entry : found->second) visit(entry);
    };
    look(literal_, name);
    if (name != kWildcard) look(literal_, kWildcard);
    for (const auto& [length, count] : prefix_lengths_) {
        if (length > name.size()) break;
        look(prefixed_, name.substr(0, length));
    }
}

AclAnswer AclTable::ask(const AclQuestion& question) const {
    bool any = false;
    bool allowed = false;
    bool denied = false;
    visit_applicable(question.resource_type, question.resource_name, [&](const AclEntry& entry) {
        any = true;
        denied = denied || denies(entry, question);
        allowed = allowed || allows(entry, question);
    });
    if (denied) return AclAnswer::kDenied;
    if (allowed) return AclAnswer::kAllowed;
    return any ? AclAnswer::kDenied : AclAnswer::kNobodyNamed;
}

bool AclTable::allows_some(const AclQuestion& question) const {
    std::set<std::string_view> denied;           // literal names
    std::vector<std::string_view> denied_under;  // prefixes
    for (const auto& [id, entry] : entries_) {
        if (entry.resource_type != question.resource_type || !denies(entry, question)) continue;
        if (entry.pattern_type == PatternType::kPrefixed) {
            denied_under.push_back(entry.resource_name);
        } else if (entry.resource_name == kWildcard) {
            return false;
        } else {
            denied.insert(entry.resource_name);
        }
    }
    return std::ranges::any_of(entries_, [&](const auto& one) {
        const AclEntry& entry = one.second;
        if (entry.resource_type != question.resource_type || !allows(entry, question)) return false;
        const bool literal = entry.pattern_type == PatternType::kLiteral;
        if (literal && entry.resource_name == kWildcard) return true;
        const std::string_view name = entry.resource_name;
        if (literal && denied.contains(name)) return false;
        return std::ranges::none_of(denied_under, [&](std::string_view prefix) {
            return name.starts_with(prefix);
        });
    });
}

}  // namespace sealane::identity
