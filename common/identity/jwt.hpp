#pragma once
// Signed tokens (JWT, RFC 7519) and the public keys they are checked with (JWKS, RFC 7517): RS256
// and ES256, nothing else; never "none", never a key from the token. Time is an input.

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/identity/openssl_owner.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::identity {

class TokenKeys {
 public:
    static constexpr std::size_t kMostKeys = 64;

    // kBadConfig: no JSON, or no key in it that can check a signature. RSA keys of less than 2048
    // bits, keys for encryption and kinds that are not known are left out.
    [[nodiscard]] static Result<TokenKeys> parse(std::string_view json);
    // Whether `signature` over `text` is that of a key with this id; without an id, of the only
    // key.
    [[nodiscard]] bool verifies(
        std::string_view algorithm,
        std::string_view key_id,
        std::string_view text,
        std::string_view signature
    ) const;
    [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
    struct Key {
        std::string id;
        std::string algorithm;  // "RS256" or "ES256"
        std::shared_ptr<EVP_PKEY> key;
    };
    std::vector<Key> keys_;
};

// What a token must say.
struct TokenRules {
    std::string issuer;
    std::vector<std::string> audience;
    std::string principal_claim = "sub";
    Duration clock_skew = std::chrono::seconds(30);
};

struct TokenFacts {
    std::string principal;  // value of the claim
    WallTime expires;
};

// kSaslAuthenticationFailed says which check failed: for the log of the server, not for the client.
[[nodiscard]] Result<TokenFacts> check_token(
    std::string_view token, const TokenKeys& keys, const TokenRules& rules, WallTime now
);

}  // namespace sealane::identity
