// Connection: authentication on listeners with SASL. Until it has succeeded only ApiVersions,
// SaslHandshake and tokens are served, frames are small, and time is short.

#include "broker/server/connection_answering.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/messages/headers.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

// A client may ask again in a lower version.
constexpr int kMostVersionsAsked = 4;

BufferChain with_length(std::string_view token) {
    MutableBuffer frame(4 + token.size());
    store_be<std::int32_t>(frame.data(), static_cast<std::int32_t>(token.size()));
    if (!token.empty()) std::memcpy(frame.data() + 4, token.data(), token.size());
    return BufferChain(std::move(frame).freeze());
}

}  // namespace

std::optional<Error> Connection::refused_by_sasl(std::int16_t key) {
    if (!sasl_->authenticated()) {
        const bool asks_versions = kafka::ApiKey{key} == kafka::ApiKey::kApiVersions;
        if (asks_versions && ++versions_asked_ <= kMostVersionsAsked) return std::nullopt;
        return Error(
            ErrorCode::kIllegalSaslState,
            "API key " + std::to_string(key) + " before the client has authenticated"
        );
    }
    if (!sasl_->expired(shared_.world.now())) return std::nullopt;
    ++shared_.figures.expired_sessions;
    return Error(
        ErrorCode::kSaslAuthenticationFailed,
        "the session of " + principal_ + " is over, and it did not authenticate again"
    );
}

Task<bool> Connection::serve_sasl(Answering request, BufferSlice frame) {
    const bool handshake = kafka::ApiKey{request.key} == kafka::ApiKey::kSaslHandshake;
    const std::int16_t most =
        handshake ? SaslAuthenticator::kMaxHandshake : SaslAuthenticator::kMaxAuthenticate;
    ++shared_.figures.requests[request.key];
    if (request.version < 0 || request.version > most) {
        co_return refuse(
            "connection closed: unsupported version",
            Error(
                ErrorCode::kUnsupportedVersion, "SASL in version " + std::to_string(request.version)
            )
        );
    }
    // Version 2 of SaslAuthenticate is the only flexible one.
    const auto header_version =
        static_cast<std::int16_t>(!handshake && request.version >= 2 ? 2 : 1);
    const auto header = kafka::decode_prefix<kafka::RequestHeader>(frame, header_version);
    if (!header) co_return refuse("connection closed: malformed request header", header.error());
    const Instant deadline = accepted_ + shared_.config.sasl_limits.authentication;
    if (shared_.ports.wait_until_ready && !sasl_->authenticated() &&
        !co_await shared_.ports.wait_until_ready(deadline)) {
        co_return refuse(
            "connection closed: not ready",
            Error(ErrorCode::kBusy, "this node waits for the metadata quorum")
        );
    }
    if (closed_) co_return false;
    if (handshake) co_return co_await serve_handshake(request, std::move(frame));
    co_return co_await serve_token(request, std::move(frame));
}

Task<bool> Connection::serve_handshake(Answering request, BufferSlice body) {
    const auto asked = kafka::decode_prefix<kafka::SaslHandshakeRequest>(body, request.version);
    if (!asked) co_return refuse("connection closed: bad request", asked.error());
    auto answer = sasl_->handshake(asked->mechanism, request.version);
    auto bytes = kafka::encode_chain(answer.response, request.version);
    if (!bytes) co_return refuse("connection closed: bad request", bytes.error());
    if (unauthenticated_ && !answer.failure) {
        frames_.set_limits(
            static_cast<std::size_t>(shared_.config.sasl_limits.max_receive_bytes),
            sasl_->wants_raw_token() ? 0 : FrameReader::kMinFrame
        );
    }
    co_return co_await answer_sasl(request, *std::move(bytes), std::move(answer.failure));
}

Task<bool> Connection::serve_token(Answering request, BufferSlice body) {
    const auto asked = kafka::decode_prefix<kafka::SaslAuthenticateRequest>(body, request.version);
    if (!asked) co_return refuse("connection closed: bad request", asked.error());
    auto answer =
        sasl_->authenticate(asked->auth_bytes.view(), shared_.world.now(), shared_.world.wall());
    auto bytes = kafka::encode_chain(answer.response, request.version);
    if (!bytes) co_return refuse("connection closed: bad request", bytes.error());
    co_return co_await answer_sasl(request, *std::move(bytes), std::move(answer.failure));
}

Task<bool> Connection::serve_raw_token(BufferSlice frame) {
    const ReplyQueue::Place place = queue_.open(frame.size());
    auto challenge = sasl_->raw_token(frame.view(), shared_.world.now(), shared_.world.wall());
    if (!challenge) {
        note_failed_authentication(challenge.error());
        co_await shared_.world.sleep(shared_.config.sasl_limits.failure_delay);
        co_return false;
    }
    fill(place, with_length(*challenge));
    note_authenticated();
    co_return true;
}

// A failure is told late, so that guessing takes time, and is the last that the client hears.
Task<bool> Connection::answer_sasl(
    Answering request, BufferChain body, std::optional<Error> failure
) {
    if (failure) {
        note_failed_authentication(*failure);
        co_await shared_.world.sleep(shared_.config.sasl_limits.failure_delay);
        if (closed_) co_return false;
    }
    fill(request.place, request.framed(body));
    if (!failure) note_authenticated();
    co_return !failure;
}

void Connection::note_authenticated() {
    if (!sasl_->authenticated() || !unauthenticated_) return;
    take_principal(sasl_->principal());
    settle_authentication();
    ++shared_.figures.authentications;
    frames_.set_limits(
        static_cast<std::size_t>(shared_.limits.max_request_bytes), FrameReader::kMinFrame
    );
    log_.debug(
        "authenticated",
        {{"peer", stream_->peer().address},
         {"listener", listener_},
         {"principal", principal_},
         {"mechanism", sasl_->mechanism()}}
    );
}

void Connection::settle_authentication() {
    if (std::exchange(unauthenticated_, false)) --shared_.figures.unauthenticated;
}

void Connection::note_failed_authentication(const Error& error) {
    ++shared_.figures.failed_authentications;
    const auto unwritten = shared_.refusals.take(shared_.world.now());
    if (!unwritten) return;
    shared_.world.log("broker.audit")
        .info(
            "authentication failed",
            {{"peer", stream_->peer().address},
             {"listener", listener_},
             {"mechanism", sasl_ == nullptr ? std::string_view("certificate") : sasl_->mechanism()},
             {"error", error},
             {"not_logged_before", *unwritten}}
        );
}

}  // namespace sealane::broker
