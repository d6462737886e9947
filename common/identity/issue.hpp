#pragma once
// Making certificate authorities and the certificates they sign: ECDSA P-256, SHA-256, X.509 v3
// (RFC 5280). For demos, tests and the command line; a production domain may bring certificates of
// its own. Texts in, texts out; writing them to disk is in identity_files.hpp.

#include "common/base/result.hpp"
#include "common/base/time.hpp"

#include <string>
#include <vector>

namespace sealane::identity {

// A certificate and its private key, PEM. The key is a secret: never log it.
struct Credential {
    std::string certificate_pem;
    std::string key_pem;
};

struct Validity {
    WallTime not_before;
    WallTime not_after;
    // From an hour before `now`, for clocks that differ, for `days` days.
    [[nodiscard]] static Validity days_from(WallTime now, int days);
};

// Subject: "CN=<common_name>,O=<organization>"; without an organization only the common name.
struct Subject {
    std::string common_name;
    std::string organization;
};

// A self-signed authority that may sign leaf certificates only (path length 0).
[[nodiscard]] Result<Credential> make_authority(const Subject& subject, const Validity& validity);

// For listeners: usable as server and, between brokers, as client. `names`: DNS names and IP
// addresses that clients connect to; at least one.
[[nodiscard]] Result<Credential> make_server_certificate(
    const Credential& authority,
    const Subject& subject,
    const std::vector<std::string>& names,
    const Validity& validity
);

// For programs that connect: usable as client only.
[[nodiscard]] Result<Credential> make_client_certificate(
    const Credential& authority, const Subject& subject, const Validity& validity
);

}  // namespace sealane::identity
