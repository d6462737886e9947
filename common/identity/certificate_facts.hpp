#pragma once
// What a certificate says (X.509, RFC 5280): for principals, error texts, topology checks and the
// command line. Reading only; nothing here decides whom to trust.

#include "common/base/result.hpp"
#include "common/base/time.hpp"

#include <openssl/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace sealane::identity {

struct CertificateFacts {
    std::string subject;             // RFC 2253: "CN=mirror,O=seoul"
    std::string issuer;              // the same form
    std::string serial;              // lower-case hex
    std::vector<std::string> names;  // "DNS:broker1", "IP:10.0.0.1", in the certificate's order
    WallTime not_before;
    WallTime not_after;
    std::string fingerprint;      // SHA-256 of the certificate, lower-case hex
    std::string key_fingerprint;  // SHA-256 of its public key: equal where a key is shared
    bool is_authority = false;

    // As Kafka's default principal builder names the holder: "User:CN=mirror,O=seoul".
    [[nodiscard]] std::string principal() const { return "User:" + subject; }
    [[nodiscard]] bool is_valid_at(WallTime now) const {
        return not_before <= now && now <= not_after;
    }
};

[[nodiscard]] CertificateFacts facts_of(const X509& certificate);
// Every certificate of a PEM text, in its order. kMalformed when there is none or one is broken.
[[nodiscard]] Result<std::vector<CertificateFacts>> read_certificates(std::string_view pem);

// "2026-11-20T16:45:00Z".
[[nodiscard]] std::string to_utc_text(WallTime at);

// Compares secrets in a time that depends on the lengths only.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace sealane::identity
