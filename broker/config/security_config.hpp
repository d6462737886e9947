#pragma once
// Who may connect, how they prove who they are, and what they may do, as plain data. Names of the
// Kafka settings they come from are beside them.

#include "common/base/time.hpp"
#include "common/identity/principal_rules.hpp"
#include "common/identity/sasl_mechanism.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

// Kafka's StandardAuthorizer; without it everybody who may connect may do everything.
struct AuthorizerConfig {
    bool enabled = false;            // authorizer.class.name
    bool allow_without_acl = false;  // allow.everyone.if.no.acl.found
    std::string class_name;          // as it was written; empty: none
};

using identity::SaslMechanism;

// How tokens of OAUTHBEARER are checked (KIP-255, KIP-768), all against local files.
struct OauthConfig {
    std::string jwks_file;                // public keys (RFC 7517); read again when it changes
    std::string issuer;                   // the "iss" that tokens must have
    std::vector<std::string> audience;    // one of them must be in "aud"
    std::string principal_claim = "sub";  // whose value is the user's name
    Duration clock_skew = std::chrono::seconds(30);
};

// A listener whose clients authenticate with SASL.
struct SaslConfig {
    std::vector<SaslMechanism> mechanisms;  // sasl.enabled.mechanisms
    std::string plain_users_file;           // for PLAIN; mode 0600
    std::optional<OauthConfig> oauth;       // for OAUTHBEARER
    Duration max_reauth{0};                 // connections.max.reauth.ms; zero: sessions do not end
};

// Limits of what comes before anybody has proved who it is.
struct SaslLimits {
    std::int32_t max_receive_bytes = 524'288;  // sasl.server.max.receive.size
    Duration failure_delay =
        std::chrono::milliseconds(100);  // connection.failed.authentication.delay.ms
    Duration authentication = std::chrono::seconds(30);  // from accept to a proved identity
    std::size_t max_unauthenticated = 1'000;             // connections at the same time
};

}  // namespace sealane::broker
