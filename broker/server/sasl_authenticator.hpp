#pragma once
// SaslAuthenticator: the authentication of one connection (KIP-43, KIP-152, KIP-368): SaslHandshake
// names a mechanism, tokens follow until the client has proved who it is; a session may have an
// end, before which the client authenticates again as the same user. A decider.

#include "broker/config/security_config.hpp"
#include "common/base/buffer.hpp"
#include "common/identity/sasl_exchange.hpp"
#include "common/kafka/messages/sasl.hpp"

#include <functional>
#include <memory>

namespace sealane::broker {

class SaslAuthenticator {
 public:
    // An exchange of a mechanism that the listener offers. An error: it cannot be used now.
    using Begin =
        std::function<Result<std::unique_ptr<identity::SaslExchange>>(SaslMechanism mechanism)>;
    static constexpr std::int16_t kMaxHandshake = 1;
    static constexpr std::int16_t kMaxAuthenticate = 2;

    // `config` outlives it.
    SaslAuthenticator(const SaslConfig& config, Begin begin)
        : config_(config), begin_(std::move(begin)) {}

    template <class Response>
    struct Answered {
        Response response;
        std::optional<Error> failure;  // the connection ends once the response has left
    };
    // A client that authenticates again does it under the same mechanism.
    [[nodiscard]] Answered<kafka::SaslHandshakeResponse> handshake(
        const std::string& mechanism, std::int16_t version
    );
    [[nodiscard]] Answered<kafka::SaslAuthenticateResponse> authenticate(
        ByteView token, Instant now, WallTime wall
    );
    // After a handshake of version 0: a frame that is a token. An error: nothing is answered.
    [[nodiscard]] Result<std::string> raw_token(ByteView token, Instant now, WallTime wall);

    // The next frame is a token without a header.
    [[nodiscard]] bool wants_raw_token() const { return raw_ && exchange_ != nullptr; }
    [[nodiscard]] bool authenticated() const { return !user_.empty(); }
    // The session is over: only a new authentication may follow.
    [[nodiscard]] bool expired(Instant now) const {
        return authenticated() && exchange_ == nullptr && now >= ends_;
    }
    // "User:" and the proved name.
    [[nodiscard]] std::string principal() const { return "User:" + user_; }
    [[nodiscard]] std::string_view mechanism() const { return name_of(mechanism_); }

 private:
    [[nodiscard]] Result<std::string> step(ByteView token, Instant now, WallTime wall);
    [[nodiscard]] Status prove(const identity::SaslExchange& exchange, Instant now, WallTime wall);

    const SaslConfig& config_;
    Begin begin_;
    SaslMechanism mechanism_ = SaslMechanism::kPlain;
    std::unique_ptr<identity::SaslExchange> exchange_;  // under way
    bool raw_ = false;
    std::string user_;  // empty: not proved yet
    Instant ends_ = Instant::never();
    Duration lifetime_{0};  // of the session, when it has an end
};

}  // namespace sealane::broker
