#pragma once
// Why TLS failed, in sentences that name the certificate and say what to do.

#include "common/base/result.hpp"

#include <openssl/types.h>

#include <string>

namespace sealane::asio_runtime {

// Whose connection it is: every text starts with it.
struct TlsParty {
    std::string domain;            // our security domain
    std::string peer;              // the other end's address
    std::string server_name;       // clients: the name or address that the certificate must carry
    std::string certificate_file;  // ours; empty: none
};

// kTlsFailed: "TLS domain 'seoul', peer 10.0.0.1:9093: <reason>".
[[nodiscard]] Error tls_error(const TlsParty& party, const std::string& reason);
// Why verification refused `certificate`; `verdict` is an X509_V_ERR_ code.
[[nodiscard]] std::string refusal_reason(
    const TlsParty& party, const X509& certificate, int verdict
);
// What the oldest error of OpenSSL's queue means; empties the queue. Alerts are the peer's words.
[[nodiscard]] std::string queue_reason(const TlsParty& party);

}  // namespace sealane::asio_runtime
