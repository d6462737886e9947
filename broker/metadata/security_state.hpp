#pragma once
// SecurityState: what the metadata says about who may do what, how users prove who they are, and
// what clients may use up. Part of the image; deciders only.

#include "broker/metadata/metadata_record.hpp"
#include "broker/quotas/quota_table.hpp"
#include "common/identity/acl_table.hpp"
#include "common/identity/scram_credential.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace sealane::broker {

struct SecurityState {
    // By user name and mechanism.
    using Credentials =
        std::map<std::pair<std::string, identity::ScramMechanism>, identity::ScramCredential>;

    identity::AclTable acls;
    Credentials scram;
    quotas::QuotaTable quotas;

    // Null: the user has none for this mechanism.
    [[nodiscard]] const identity::ScramCredential* credential(
        const std::string& user, identity::ScramMechanism mechanism
    ) const;
    // kCorrupt: the record does not make sense, or removes what is not there.
    [[nodiscard]] Status apply(const kafka::AccessControlEntryRecord& record);
    [[nodiscard]] Status apply(const kafka::RemoveAccessControlEntryRecord& record);
    [[nodiscard]] Status apply(const kafka::UserScramCredentialRecord& record);
    [[nodiscard]] Status apply(const kafka::RemoveUserScramCredentialRecord& record);
    [[nodiscard]] Status apply(const kafka::ClientQuotaRecord& record);
    void add_records(Records& to) const;

    friend bool operator==(const SecurityState&, const SecurityState&) = default;
};

// The state in one image: copied only when it changes while another image has it too.
class SharedSecurity {
 public:
    [[nodiscard]] const SecurityState& operator*() const { return *state_; }
    [[nodiscard]] SecurityState& own() {
        if (state_.use_count() > 1) state_ = std::make_shared<SecurityState>(*state_);
        return *state_;
    }

 private:
    std::shared_ptr<SecurityState> state_ = std::make_shared<SecurityState>();
};

// The parts of a quota's entity as records and requests name them, and back. kInvalidRequest: an
// unknown or repeated kind, an empty name, an address together with something else.
struct QuotaPart {
    std::string type;
    std::optional<std::string> name;  // none: the default
    friend bool operator==(const QuotaPart&, const QuotaPart&) = default;
};
[[nodiscard]] Result<quotas::QuotaEntity> quota_entity(const std::vector<QuotaPart>& parts);
[[nodiscard]] std::vector<QuotaPart> quota_parts(const quotas::QuotaEntity& entity);

}  // namespace sealane::broker
