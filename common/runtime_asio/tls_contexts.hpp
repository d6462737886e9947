#pragma once
// TLS identities as OpenSSL contexts. Each is read once and again when one of its files changes, so
// certificates are renewed without a restart. TLS 1.3 only; no tickets and no resumption, so that
// every connection proves itself with a certificate that is valid now.

#include "common/base/result.hpp"
#include "common/identity/file_stamp.hpp"
#include "common/runtime/log.hpp"
#include "common/runtime/network.hpp"

#include <openssl/types.h>

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace sealane::asio_runtime {

enum class TlsRole { kServer, kClient };

using TlsContext = std::shared_ptr<SSL_CTX>;

class TlsContexts {
 public:
    explicit TlsContexts(runtime::LogSink& sink) : log_(sink, "tls") {}

    // kBadConfig or kPermissionDenied with the file and the remedy when the identity cannot be
    // used. A changed file that cannot be used (a renewal half done) is logged once and the
    // identity as it was before serves on.
    [[nodiscard]] Result<TlsContext> get(const runtime::TlsIdentity& identity, TlsRole role);
    // How often the identity's files have been read; it looks at them now.
    [[nodiscard]] std::uint64_t version(const runtime::TlsIdentity& identity, TlsRole role);

 private:
    using Stamps = std::array<identity::FileStamp, 4>;
    struct Entry {
        TlsContext context;
        Stamps seen;  // of the files when last looked into
        std::uint64_t version = 1;
    };
    [[nodiscard]] Result<Entry*> find(const runtime::TlsIdentity& identity, TlsRole role);
    [[nodiscard]] static Stamps stamps_of(const runtime::TlsIdentity& identity);

    runtime::Log log_;
    std::map<std::string, Entry> entries_;  // bounded by the identities in the configuration
};

// Reads the files of an identity. Blocks for three small files.
[[nodiscard]] Result<TlsContext> load_tls_context(
    const runtime::TlsIdentity& identity, TlsRole role
);

}  // namespace sealane::asio_runtime
