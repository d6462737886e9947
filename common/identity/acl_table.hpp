#pragma once
// AclTable: all entries of a cluster, and what they say about one question. A decider, with the
// rules of Kafka's StandardAuthorizer: a matching DENY wins; an ALLOW for another operation implies
// DESCRIBE (READ, WRITE, DELETE, ALTER) or DESCRIBE_CONFIGS (ALTER_CONFIGS).

#include "common/base/ids.hpp"
#include "common/identity/acl.hpp"

#include <map>
#include <set>
#include <vector>

namespace sealane::identity {

struct AclQuestion {
    std::string_view principal;
    std::string_view host;
    AclOperation operation = AclOperation::kUnknown;
    ResourceType resource_type = ResourceType::kUnknown;
    std::string_view resource_name;
};

enum class AclAnswer : std::uint8_t {
    kAllowed,
    kDenied,       // by an entry, or because the resource's entries are for others
    kNobodyNamed,  // no entry is about this resource: allow.everyone.if.no.acl.found decides
};

class AclTable {
 public:
    static constexpr std::size_t kMostEntries = 100'000;

    // An id that is there already gets the new entry.
    void add(const Uuid& id, AclEntry entry);
    // False: unknown.
    bool remove(const Uuid& id);
    // The id under which the same entry is stored.
    [[nodiscard]] std::optional<Uuid> find(const AclEntry& entry) const;
    [[nodiscard]] const std::map<Uuid, AclEntry>& entries() const { return entries_; }

    [[nodiscard]] AclAnswer ask(const AclQuestion& question) const;
    // Whether the principal may do `operation` with at least one name of that type, whatever it is
    // (KIP-679: who may write to any topic may be idempotent). The question's name is not used.
    [[nodiscard]] bool allows_some(const AclQuestion& question) const;

    friend bool operator==(const AclTable& a, const AclTable& b) {
        return a.entries_ == b.entries_;
    }

 private:
    struct Key {
        ResourceType type;
        std::string name;
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    using Index = std::map<Key, std::set<AclEntry>>;
    Index& index_of(const AclEntry& entry) {
        return entry.pattern_type == PatternType::kPrefixed ? prefixed_ : literal_;
    }
    template <class Visit>
    void visit_applicable(ResourceType type, std::string_view name, Visit visit) const;

    std::map<Uuid, AclEntry> entries_;
    std::map<AclEntry, Uuid> ids_;
    Index literal_;
    Index prefixed_;
    std::map<std::size_t, std::size_t> prefix_lengths_;  // length -> entries that have it
};

}  // namespace sealane::identity
