#include "broker/server/sasl_authenticator.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

std::string said_to_client(SaslMechanism mechanism) {
    // One text, whatever was wrong.
    return "Authentication failed during authentication due to invalid credentials with SASL "
           "mechanism " +
           std::string(name_of(mechanism));
}

}  // namespace

SaslAuthenticator::Answered<kafka::SaslHandshakeResponse> SaslAuthenticator::handshake(
    const std::string& mechanism, std::int16_t version
) {
    Answered<kafka::SaslHandshakeResponse> answer;
    for (const SaslMechanism one : config_.mechanisms) {
        answer.response.mechanisms.emplace_back(name_of(one));
    }
    const auto refuse = [&answer](ErrorCode code, std::string why) {
        answer.response.error_code = code;
        answer.failure = Error(code, std::move(why));
        return std::move(answer);
    };
    if (exchange_ != nullptr) {
        return refuse(ErrorCode::kIllegalSaslState, "a handshake inside an authentication");
    }
    const auto wanted = identity::sasl_mechanism(mechanism);
    if (!wanted || std::ranges::find(config_.mechanisms, *wanted) == config_.mechanisms.end()) {
        return refuse(
            ErrorCode::kUnsupportedSaslMechanism,
            "the mechanism '" + mechanism.substr(0, 64) + "' is not offered"
        );
    }
    if (authenticated() && (*wanted != mechanism_ || version == 0)) {
        return refuse(ErrorCode::kIllegalSaslState, "a new authentication under another mechanism");
    }
    auto begun = begin_(*wanted);
    if (!begun) return refuse(ErrorCode::kUnsupportedSaslMechanism, begun.error().to_string());
    mechanism_ = *wanted;
    exchange_ = *std::move(begun);
    raw_ = version == 0;
    return answer;
}

Result<std::string> SaslAuthenticator::step(ByteView token, Instant now, WallTime wall) {
    if (exchange_ == nullptr) {
        return fail(ErrorCode::kIllegalSaslState, "a token without a handshake before it");
    }
    auto step = exchange_->step(as_text(token), wall);
    if (!step) return fail(std::move(step).error());
    if (!step->done) return std::move(step->challenge);
    const std::unique_ptr<identity::SaslExchange> proved = std::move(exchange_);
    SEALANE_CHECK(prove(*proved, now, wall));
    return std::move(step->challenge);
}

Status SaslAuthenticator::prove(
    const identity::SaslExchange& exchange, Instant now, WallTime wall
) {
    SEALANE_ASSERT(!exchange.user().empty());
    if (authenticated() && user_ != exchange.user()) {
        return fail(
            ErrorCode::kSaslAuthenticationFailed,
            "authenticated again as '" + exchange.user() + "', was '" + user_ + "'"
        );
    }
    user_ = exchange.user();
    lifetime_ = config_.max_reauth;
    if (const auto expires = exchange.expires()) {
        const Duration left = std::chrono::milliseconds(std::max<std::int64_t>(
            1, expires->ms - wall.ms  // within the clocks' tolerance it may lie in the past
        ));
        lifetime_ = lifetime_ > Duration::zero() ? std::min(lifetime_, left) : left;
    }
    ends_ = lifetime_ > Duration::zero() ? now + lifetime_ : Instant::never();
    return {};
}

SaslAuthenticator::Answered<kafka::SaslAuthenticateResponse> SaslAuthenticator::authenticate(
    ByteView token, Instant now, WallTime wall
) {
    Answered<kafka::SaslAuthenticateResponse> answer;
    answer.response.error_message.reset();
    auto challenge = step(token, now, wall);
    if (challenge) {
        answer.response.auth_bytes = BufferSlice::copy_of(*challenge);
        if (exchange_ == nullptr) answer.response.session_lifetime_ms = to_ms(lifetime_);
        return answer;
    }
    const bool illegal = challenge.error().code() == ErrorCode::kIllegalSaslState;
    answer.response.error_code =
        illegal ? ErrorCode::kIllegalSaslState : ErrorCode::kSaslAuthenticationFailed;
    answer.response.error_message =
        illegal ? challenge.error().detail() : said_to_client(mechanism_);
    answer.failure = std::move(challenge).error();
    return answer;
}

Result<std::string> SaslAuthenticator::raw_token(ByteView token, Instant now, WallTime wall) {
    return step(token, now, wall);
}

}  // namespace sealane::broker
