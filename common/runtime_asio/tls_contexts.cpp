#include "common/runtime_asio/tls_contexts.hpp"

#include "common/identity/openssl_owner.hpp"
#include "common/runtime_asio/error_map.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace sealane::asio_runtime {
namespace {

using runtime::TlsIdentity;
using Auth = TlsIdentity::ClientAuth;

// AES-128 first: a sixth cheaper than AES-256 where the processor has AES instructions.
constexpr const char* kCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";

std::string about(const TlsIdentity& identity) {
    return "TLS domain '" + identity.domain + "': ";
}

std::unexpected<Error> unusable(
    const TlsIdentity& identity, std::string_view kind, const std::string& path
) {
    return fail(
        ErrorCode::kBadConfig,
        about(identity) + std::string(kind) + " " + path + ": " + identity::take_openssl_error()
    );
}

// Encrypted keys are refused instead of asking for a password on the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

Status check_readable(const TlsIdentity& identity, std::string_view kind, const std::string& path) {
    if (::access(path.c_str(), R_OK) == 0) return {};
    return fail(file_error(errno, about(identity) + std::string(kind) + " " + path));
}

Status check_key_mode(const TlsIdentity& identity) {
    struct stat status{};
    if (::stat(identity.key_file.c_str(), &status) != 0 || (status.st_mode & 077U) == 0) return {};
    return fail(
        ErrorCode::kPermissionDenied,
        about(identity) + "key " + identity.key_file +
            " can be read by others than its owner; type: chmod 600 " + identity.key_file
    );
}

Status load_own_certificate(SSL_CTX* context, const TlsIdentity& identity) {
    SEALANE_CHECK(check_readable(identity, "certificate", identity.certificate_file));
    SEALANE_CHECK(check_readable(identity, "key", identity.key_file));
    SEALANE_CHECK(check_key_mode(identity));
    const char* const certificate = identity.certificate_file.c_str();
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        return unusable(identity, "certificate", identity.certificate_file);
    SSL_CTX_set_default_passwd_cb(context, &no_password);
    if (SSL_CTX_use_PrivateKey_file(context, identity.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
        ERR_clear_error();
        return fail(
            ErrorCode::kBadConfig,
            about(identity) + "key " + identity.key_file +
                " is not an unencrypted PEM key that belongs to the certificate " +
                identity.certificate_file
        );
    }
    if (SSL_CTX_check_private_key(context) != 1)
        return unusable(identity, "key", identity.key_file);
    return {};
}

Status load_trust(SSL_CTX* context, const TlsIdentity& identity, TlsRole role) {
    SEALANE_CHECK(check_readable(identity, "ca", identity.ca_file));
    if (SSL_CTX_load_verify_file(context, identity.ca_file.c_str()) != 1)
        return unusable(identity, "ca", identity.ca_file);
    if (role == TlsRole::kServer) {
        // Tells clients with several certificates which one is wanted.
        SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(identity.ca_file.c_str()));
    }
    return {};
}

// Peers are looked up in the lists of their authorities; without such a list they are refused.
Status load_revocations(SSL_CTX* context, const TlsIdentity& identity) {
    if (identity.crl_file.empty()) return {};
    SEALANE_CHECK(check_readable(identity, "crl", identity.crl_file));
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    SEALANE_ASSERT(lookup != nullptr);
    if (X509_load_crl_file(lookup, identity.crl_file.c_str(), X509_FILETYPE_PEM) <= 0)
        return unusable(identity, "crl", identity.crl_file);
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return {};
}

void set_policy(SSL_CTX* context) {
    SEALANE_ASSERT(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
    SEALANE_ASSERT(SSL_CTX_set_ciphersuites(context, kCipherSuites) == 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // idle connections cost little
}

}  // namespace

Result<TlsContext> load_tls_context(const TlsIdentity& identity, TlsRole role) {
    ERR_clear_error();
    TlsContext context(SSL_CTX_new(TLS_method()), &SSL_CTX_free);
    SEALANE_ASSERT(context != nullptr);
    set_policy(context.get());
    const bool wants_own = role == TlsRole::kServer || !identity.certificate_file.empty();
    if (wants_own) SEALANE_CHECK(load_own_certificate(context.get(), identity));
    const bool verifies = role == TlsRole::kClient || identity.client_auth != Auth::kNone;
    if (verifies) SEALANE_CHECK(load_trust(context.get(), identity, role));
    if (verifies) SEALANE_CHECK(load_revocations(context.get(), identity));
    int mode = verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
    if (role == TlsRole::kServer && identity.client_auth == Auth::kRequired)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context.get(), mode, nullptr);
    return context;
}

TlsContexts::Stamps TlsContexts::stamps_of(const TlsIdentity& identity) {
    return {
        identity::stamp_of(identity.ca_file),
        identity::stamp_of(identity.certificate_file),
        identity::stamp_of(identity.key_file),
        identity::stamp_of(identity.crl_file)
    };
}

Result<TlsContext> TlsContexts::get(const TlsIdentity& identity, TlsRole role) {
    SEALANE_TRY(const Entry* const entry, find(identity, role));
    return entry->context;
}

std::uint64_t TlsContexts::version(const TlsIdentity& identity, TlsRole role) {
    const auto entry = find(identity, role);
    return entry ? (*entry)->version : 0;
}

Result<TlsContexts::Entry*> TlsContexts::find(const TlsIdentity& identity, TlsRole role) {
    std::string name = identity.domain;
    for (const std::string& part :
         {identity.ca_file, identity.certificate_file, identity.key_file, identity.crl_file}) {
        name.append(1, '\0').append(part);
    }
    name.append(1, static_cast<char>('0' + static_cast<int>(identity.client_auth)));
    name.append(1, role == TlsRole::kServer ? 's' : 'c');
    const Stamps now = stamps_of(identity);
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
        SEALANE_TRY(TlsContext context, load_tls_context(identity, role));
        return &entries_.emplace(std::move(name), Entry{context, now}).first->second;
    }
    Entry& entry = found->second;
    if (now == entry.seen) return &entry;
    entry.seen = now;
    auto renewed = load_tls_context(identity, role);
    if (renewed) {
        entry.context = *std::move(renewed);
        ++entry.version;
        log_.info("certificates reloaded", {{"domain", identity.domain}});
    } else {
        log_.warning(
            "changed certificates cannot be used; the old ones stay in use",
            {{"domain", identity.domain}, {"error", renewed.error()}}
        );
    }
    return &entry;
}

}  // namespace sealane::asio_runtime
