#pragma once
// SASL at the client (KIP-43, KIP-152, KIP-368): after the connection is made, and again before a
// session ends. Secrets are read from their file each time, so that they may be renewed; a file
// that others can read is refused.

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/identity/sasl_mechanism.hpp"
#include "common/runtime/task.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sealane::client {

class Connection;

using identity::SaslMechanism;

struct SaslOptions {
    SaslMechanism mechanism = SaslMechanism::kScramSha512;
    std::string user;         // not for OAUTHBEARER: the token names it
    std::string secret_file;  // the password, or the token; mode 0600; a newline at its end is none
    friend bool operator==(const SaslOptions&, const SaslOptions&) = default;
};

// Authenticates an open connection; the answer is how long the session lasts (zero: for ever).
// kSaslAuthenticationFailed with the broker's words; kBadConfig: PLAIN or OAUTHBEARER without TLS,
// which would show the secret to everybody on the way. `nonce`: never used before.
[[nodiscard]] runtime::Task<Result<Duration>> authenticate(
    std::shared_ptr<Connection> connection,
    SaslOptions options,
    bool tls,
    std::string nonce,
    Instant deadline
);

}  // namespace sealane::client
