#pragma once
// PlainUsers: the users of SASL/PLAIN, from a text of one user a line:
//   NAME plain:PASSWORD
//   NAME pbkdf2-sha256:ITERATIONS:SALT:KEY      salt and key in base64; 4096 to 16384 iterations
// Empty lines and lines that begin with # say nothing. Names have no spaces.

#include "common/base/result.hpp"
#include "common/identity/scram_credential.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sealane::identity {

class PlainUsers {
 public:
    static constexpr std::size_t kMostUsers = 10'000;

    // kBadConfig names the line and what is wrong with it, never a password.
    [[nodiscard]] static Result<PlainUsers> parse(std::string_view text);
    // In a time that does not tell whether the user exists.
    [[nodiscard]] bool has(const std::string& user, std::string_view password) const;
    [[nodiscard]] std::size_t size() const { return users_.size(); }

 private:
    struct Secret {
        std::string password;  // as it is; or
        std::string salt;      // of a derived key
        std::string key;       // empty: the password is there as it is
        std::int32_t iterations = 0;
    };
    [[nodiscard]] static Result<Secret> parse_secret(std::string_view text);
    [[nodiscard]] static bool fits(const Secret& secret, std::string_view password);
    std::map<std::string, Secret, std::less<>> users_;
    Secret nobody_;  // stands in for users who do not exist: as costly as the costliest
};

// The line of a user whose password is not kept: what `sealane user hash` prints.
[[nodiscard]] std::string plain_user_line(
    std::string_view user, std::string_view password, std::string_view salt, std::int32_t iterations
);

}  // namespace sealane::identity
