#include "common/runtime_asio/tls_session.hpp"

#include "common/identity/certificate_facts.hpp"
#include "common/identity/openssl_owner.hpp"
#include "common/runtime_asio/socket_address.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <climits>
#include <cstring>

namespace sealane::asio_runtime {
namespace {

constexpr std::size_t kInputSize = 64 << 10;  // several records a system call

}  // namespace

// OpenSSL's view of a session: a BIO that reads its input and appends to its output, and the
// callback that remembers why a certificate was refused.
struct TlsSessionHooks {
    static TlsSession& session_of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, std::size_t size, std::size_t* count) {
        TlsSession& session = session_of(bio);
        BIO_clear_retry_flags(bio);
        *count = std::min(size, session.input_end_ - session.input_at_);
        if (*count == 0) {
            BIO_set_retry_read(bio);
            return 0;
        }
        std::memcpy(into, session.input_.get() + session.input_at_, *count);
        session.input_at_ += *count;
        return 1;
    }

    static int write(BIO* bio, const char* from, std::size_t size, std::size_t* count) {
        BIO_clear_retry_flags(bio);
        const auto* bytes = reinterpret_cast<const std::byte*>(from);
        std::vector<std::byte>& output = session_of(bio).output_;
        output.insert(output.end(), bytes, bytes + size);
        *count = size;
        return 1;
    }

    static long control(BIO*, int command, long, void*) {
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static int create(BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
    }

    // One for the process, made when first used.
    static const BIO_METHOD* method() {
        static BIO_METHOD* const kMethod = [] {
            BIO_METHOD* made =
                BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sealane session");
            BIO_meth_set_read_ex(made, &TlsSessionHooks::read);
            BIO_meth_set_write_ex(made, &TlsSessionHooks::write);
            BIO_meth_set_ctrl(made, &TlsSessionHooks::control);
            BIO_meth_set_create(made, &TlsSessionHooks::create);
            return made;
        }();
        return kMethod;
    }

    static int verify(int accepted, X509_STORE_CTX* store) {
        auto* ssl = static_cast<SSL*>(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
        );
        auto& session = *static_cast<TlsSession*>(SSL_get_app_data(ssl));
        const X509* certificate = X509_STORE_CTX_get_current_cert(store);
        if (accepted == 0 && certificate != nullptr && session.refusal_.empty()) {
            session.refusal_ =
                refusal_reason(session.party_, *certificate, X509_STORE_CTX_get_error(store));
        }
        return accepted;
    }
};

TlsSession::TlsSession(TlsContext context, TlsRole role, TlsParty party)
    : context_(std::move(context)), party_(std::move(party)), ssl_(SSL_new(context_.get())) {
    SEALANE_ASSERT(ssl_ != nullptr);
    BIO* bio = BIO_new(TlsSessionHooks::method());
    BIO_set_data(bio, this);
    SSL_set_bio(ssl_, bio, bio);
    SSL_set_app_data(ssl_, this);
    SSL_set_verify(ssl_, SSL_get_verify_mode(ssl_), &TlsSessionHooks::verify);
    if (role == TlsRole::kServer) {
        SSL_set_accept_state(ssl_);
    } else {
        SSL_set_connect_state(ssl_);
        require_server_name();
    }
}

TlsSession::~TlsSession() {
    SSL_free(ssl_);
}

void TlsSession::require_server_name() {
    const std::string& name = party_.server_name;
    if (name.empty()) return;  // Unix sockets: the authority alone decides
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_);
    X509_VERIFY_PARAM_set_hostflags(
        parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT
    );
    if (is_numeric_host(name)) {
        SEALANE_ASSERT(X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1);
        return;
    }
    if (X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size()) != 1 ||
        SSL_set_tlsext_host_name(ssl_, name.c_str()) != 1) {
        fail_with("'" + name + "' is no host name");
    }
}

void TlsSession::fail_with(std::string reason) {
    ERR_clear_error();
    if (!error_) error_ = tls_error(party_, reason);
}

TlsSession::Step TlsSession::judge(int result) {
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ:
            return Step::kNeedsInput;
        case SSL_ERROR_ZERO_RETURN:
            return Step::kEnded;
        default:
            break;
    }
    fail_with(refusal_.empty() ? queue_reason(party_) : refusal_);
    return Step::kFailed;
}

TlsSession::Step TlsSession::handshake() {
    if (error_) return Step::kFailed;
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    return result == 1 ? Step::kDone : judge(result);
}

TlsSession::Step TlsSession::read(MutableByteView into, std::size_t& count) {
    count = 0;
    if (error_) return Step::kFailed;
    ERR_clear_error();
    while (count < into.size()) {
        std::size_t got = 0;
        const int result = SSL_read_ex(ssl_, into.data() + count, into.size() - count, &got);
        if (result != 1) {
            // A failure behind good bytes is kept for the next call: OpenSSL tells it only once.
            const Step step = judge(result);
            return count > 0 ? Step::kDone : step;
        }
        count += got;
        if (!has_input() && SSL_pending(ssl_) == 0) break;
    }
    return Step::kDone;
}

TlsSession::Step TlsSession::write(ByteView plaintext) {
    if (error_) return Step::kFailed;
    ERR_clear_error();
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_, plaintext.data(), plaintext.size(), &written);
    if (result != 1) return judge(result);
    SEALANE_ASSERT(written == plaintext.size());
    return Step::kDone;
}

void TlsSession::say_goodbye() {
    if (!error_ && SSL_is_init_finished(ssl_) == 1) (void)SSL_shutdown(ssl_);
    ERR_clear_error();
}

MutableByteView TlsSession::input_space() {
    SEALANE_ASSERT(!has_input());
    if (!input_) input_ = std::make_unique_for_overwrite<std::byte[]>(kInputSize);
    input_at_ = input_end_ = 0;
    return {input_.get(), kInputSize};
}

void TlsSession::release_input() {
    if (!has_input()) input_.reset();
}

ByteView TlsSession::input() const {
    return {input_.get() + input_at_, input_end_ - input_at_};
}

std::vector<std::byte> TlsSession::take_output(std::vector<std::byte> replacement) {
    replacement.clear();
    output_.swap(replacement);
    return replacement;
}

void TlsSession::return_output(ByteView unsent) {
    output_.insert(output_.begin(), unsent.begin(), unsent.end());
}

std::string TlsSession::peer_principal() const {
    const X509* certificate = SSL_get0_peer_certificate(ssl_);
    if (certificate == nullptr) return runtime::Peer{}.principal;
    return identity::facts_of(*certificate).principal();
}

Status TlsSession::still_trusted(SSL_CTX& now) const {
    X509* const certificate = SSL_get0_peer_certificate(ssl_);
    if (certificate == nullptr) return {};
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(
        X509_STORE_CTX_new(), &X509_STORE_CTX_free
    );
    X509_STORE* const store = SSL_CTX_get_cert_store(&now);
    SEALANE_ASSERT(check != nullptr);
    SEALANE_ASSERT(
        X509_STORE_CTX_init(check.get(), store, certificate, SSL_get_peer_cert_chain(ssl_)) == 1
    );
    X509_STORE_CTX_set_default(check.get(), "ssl_client");
    X509_STORE_CTX_set_flags(check.get(), X509_V_FLAG_NO_CHECK_TIME);
    if (X509_verify_cert(check.get()) == 1) return {};
    const char* const why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
    return fail(tls_error(party_, std::string("the peer's certificate: ") + why));
}

}  // namespace sealane::asio_runtime
