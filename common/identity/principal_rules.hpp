#pragma once
// PrincipalRules: from the subject of a certificate to the name of its holder, as Kafka's
// ssl.principal.mapping.rules (KIP-371): a comma-separated list of
//   DEFAULT                          the subject as it is
//   RULE:pattern/replacement/[LU]    where the whole subject matches the pattern: the replacement
//                                    with $1 to $9, made lower or upper case
// The first rule that fits wins; a subject that none fits is refused. A slash inside a pattern is
// written \/. Patterns are ECMAScript regular expressions of at most 256 characters.

#include "common/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sealane::identity {

class PrincipalRules {
 public:
    PrincipalRules();  // DEFAULT
    // kBadConfig says which rule is wrong and why.
    [[nodiscard]] static Result<PrincipalRules> parse(std::string_view text);
    // The name without "User:". kPermissionDenied: no rule fits.
    [[nodiscard]] Result<std::string> name(std::string_view subject) const;
    // "User:" and the name, for what a stream says about its peer ("User:<subject>").
    [[nodiscard]] Result<std::string> principal(std::string_view peer_principal) const;

 private:
    struct Rules;
    std::shared_ptr<const Rules> rules_;  // immutable
};

}  // namespace sealane::identity
