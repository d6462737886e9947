#pragma once
// SaslExchange: one authentication at a server, whatever the mechanism: tokens in, challenges out,
// and at the end a user. Deciders: what they ask for (users, keys, nonces, time) is passed in.

#include "common/identity/jwt.hpp"
#include "common/identity/plain_users.hpp"
#include "common/identity/scram.hpp"

#include <memory>
#include <optional>
#include <string>

namespace sealane::identity {

class SaslExchange {
 public:
    virtual ~SaslExchange() = default;
    struct Step {
        std::string challenge;  // goes to the client
        bool done = false;      // it has proved to be user()
    };
    // An error ends the exchange; its text is for the server's log.
    [[nodiscard]] virtual Result<Step> step(std::string_view token, WallTime now) = 0;
    [[nodiscard]] virtual const std::string& user() const = 0;
    // When what was proved ends by itself (a token's exp).
    [[nodiscard]] virtual std::optional<WallTime> expires() const { return std::nullopt; }
};

// RFC 4616.
[[nodiscard]] std::unique_ptr<SaslExchange> plain_exchange(std::shared_ptr<const PlainUsers> users);
[[nodiscard]] std::unique_ptr<SaslExchange> scram_exchange(
    ScramMechanism mechanism, ScramServer::LookUp look_up, std::string nonce
);
// RFC 7628, KIP-255.
[[nodiscard]] std::unique_ptr<SaslExchange> oauth_exchange(
    std::shared_ptr<const TokenKeys> keys, TokenRules rules
);

// The first token of OAUTHBEARER around a JWT, and the JWT in it. kMalformed; kUnsupported: it acts
// for somebody else, or binds channels.
[[nodiscard]] std::string oauth_message(std::string_view token);
[[nodiscard]] Result<std::string> oauth_token(std::string_view message);

}  // namespace sealane::identity
