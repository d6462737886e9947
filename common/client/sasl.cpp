#include "common/client/sasl.hpp"

#include "common/base/text.hpp"
#include "common/client/connection.hpp"
#include "common/identity/sasl_exchange.hpp"
#include "common/identity/secret_file.hpp"
#include "common/kafka/messages/sasl.hpp"

namespace sealane::client {
namespace {

using identity::ScramMechanism;
using runtime::Task;

Error refused(const Connection& connection, ErrorCode code, std::string_view said) {
    return Error(code, concat("SASL at ", connection.broker().to_string(), ": ", said));
}

Result<std::string> secret_of(const SaslOptions& options) {
    SEALANE_TRY(
        std::string secret,
        identity::read_small_file(options.secret_file, identity::FileSecrecy::kSecret)
    );
    while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
    if (secret.empty()) return fail(ErrorCode::kBadConfig, options.secret_file + " is empty");
    return secret;
}

Task<Result<kafka::SaslAuthenticateResponse>> send_token(
    std::shared_ptr<Connection> connection, std::string token, Instant deadline
) {
    kafka::SaslAuthenticateRequest request;
    request.auth_bytes = BufferSlice::copy_of(token);
    SEALANE_CO_TRY(auto answer, co_await connection->send(std::move(request), deadline));
    if (answer.error_code != ErrorCode::kNone) {
        co_return fail(refused(
            *connection, answer.error_code, answer.error_message.value_or("no reason given")
        ));
    }
    co_return answer;
}

Task<Result<Duration>> by_scram(
    std::shared_ptr<Connection> connection, identity::ScramClient side, Instant deadline
) {
    SEALANE_CO_TRY(const auto first, co_await send_token(connection, side.first(), deadline));
    SEALANE_CO_TRY(std::string proof, side.final(first.auth_bytes.text()));
    SEALANE_CO_TRY(const auto last, co_await send_token(connection, std::move(proof), deadline));
    SEALANE_CO_CHECK(side.verify(last.auth_bytes.text()));
    co_return std::chrono::milliseconds(last.session_lifetime_ms);
}

Task<Result<Duration>> by_one_token(
    std::shared_ptr<Connection> connection, std::string token, Instant deadline
) {
    SEALANE_CO_TRY(const auto answer, co_await send_token(connection, std::move(token), deadline));
    // OAUTHBEARER says in a challenge what is wrong with a token.
    if (!answer.auth_bytes.empty()) {
        co_return fail(refused(
            *connection,
            ErrorCode::kSaslAuthenticationFailed,
            answer.auth_bytes.text().substr(0, 256)
        ));
    }
    co_return std::chrono::milliseconds(answer.session_lifetime_ms);
}

}  // namespace

Task<Result<Duration>> authenticate(
    std::shared_ptr<Connection> connection,
    SaslOptions options,
    bool tls,
    std::string nonce,
    Instant deadline
) {
    const bool shows_secret = options.mechanism == SaslMechanism::kPlain ||
                              options.mechanism == SaslMechanism::kOauthBearer;
    if (shows_secret && !tls) {
        co_return fail(
            ErrorCode::kBadConfig,
            concat("SASL ", name_of(options.mechanism), " sends the secret itself: it needs TLS")
        );
    }
    SEALANE_CO_TRY(std::string secret, secret_of(options));
    kafka::SaslHandshakeRequest handshake;
    handshake.mechanism = name_of(options.mechanism);
    SEALANE_CO_TRY(const auto offered, co_await connection->send(std::move(handshake), deadline));
    if (offered.error_code != ErrorCode::kNone) {
        std::string list;
        for (const std::string& one : offered.mechanisms) list += " " + one;
        co_return fail(refused(
            *connection,
            offered.error_code,
            concat(name_of(options.mechanism), " is not offered; offered are:", list)
        ));
    }
    switch (options.mechanism) {
        case SaslMechanism::kPlain: {
            const std::string zero(1, '\0');
            co_return co_await by_one_token(
                connection, zero + options.user + zero + secret, deadline
            );
        }
        case SaslMechanism::kOauthBearer:
            co_return co_await by_one_token(connection, identity::oauth_message(secret), deadline);
        case SaslMechanism::kScramSha256:
        case SaslMechanism::kScramSha512:
            break;
    }
    const auto kind = options.mechanism == SaslMechanism::kScramSha256 ? ScramMechanism::kSha256
                                                                       : ScramMechanism::kSha512;
    co_return co_await by_scram(
        connection,
        identity::ScramClient(kind, options.user, std::move(secret), std::move(nonce)),
        deadline
    );
}

}  // namespace sealane::client
