#include "broker/server/connection_answering.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/messages/headers.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr std::size_t kWriteBytes = 4 * 1024 * 1024;
// Who sends nothing for so long holds no memory for what it may send next.
constexpr Duration kQuiet = 500ms;
constexpr std::int32_t kBeforeHandshake = 8 * 1024;
constexpr std::size_t kHeaderPeek = 4;  // key and version

bool flexible_header(std::int16_t key, std::int16_t version) {
    const auto api = kafka::find_api(key);
    return api && version >= api->flexible_since;
}

// Length, correlation id and (flexible versions, but never ApiVersions) an empty tag section.
BufferSlice reply_head(
    std::int16_t key, std::int16_t version, std::int32_t correlation, std::size_t body
) {
    const bool tags = flexible_header(key, version) &&
                      key != static_cast<std::int16_t>(kafka::ApiKey::kApiVersions);
    MutableBuffer head(8U + (tags ? 1U : 0U));
    const std::size_t length = body + head.size() - 4;
    store_be<std::int32_t>(head.data(), static_cast<std::int32_t>(length));
    store_be<std::int32_t>(head.data() + 4, correlation);
    if (tags) head.data()[8] = std::byte{0};
    return std::move(head).freeze();
}

}  // namespace

BufferChain Connection::Answering::framed(const BufferChain& body) const {
    BufferChain frame(reply_head(key, version, correlation, body.size()));
    frame.append(body);
    return frame;
}

Connection::Connection(
    ConnectionShared& shared,
    std::unique_ptr<runtime::Stream> stream,
    const ListenerConfig& listener,
    std::uint64_t number
)
    : shared_(shared),
      stream_(std::move(stream)),
      listener_config_(listener),
      listener_(listener.name),
      number_(number),
      accepted_(shared.world.now()),
      log_(shared.world.log("broker.server")),
      frames_(static_cast<std::size_t>(shared.limits.max_request_bytes)),
      ready_(shared.world.waits()),
      drained_(shared.world.waits()) {
    if (!listener.sasl) return;
    SEALANE_ASSERT(shared.ports.sasl);
    sasl_ = std::make_unique<SaslAuthenticator>(*listener.sasl, shared.ports.sasl(listener));
    // Until a mechanism is agreed upon there is nothing that needs more.
    const std::int32_t most =
        std::min(kBeforeHandshake, shared.config.sasl_limits.max_receive_bytes);
    frames_.set_limits(static_cast<std::size_t>(most), FrameReader::kMinFrame);
    unauthenticated_ = true;
    ++shared.figures.unauthenticated;
}

Connection::~Connection() {
    settle_authentication();
}

Task<void> Connection::run() {
    if (!co_await handshake()) {
        stream_->close();
        co_return;
    }
    if (!take_identity()) {
        stream_->close();
        co_return;
    }
    frame_started_ = shared_.world.now();
    writer_done_ = false;
    writer_rests_ = true;
    if (finishing_) wake_writer();
    co_await read_requests();
    drain();
    while (!writer_done_ && !writer_rests_) (void)co_await drained_.wait_until(Instant::never());
    close();
    give_back_everything();
}

void Connection::take_principal(std::string principal) {
    principal_ = std::move(principal);
    private_apis_ = shared_.may_use_private_apis(principal_);
    cluster_action_ = shared_.may_act_as_broker(principal_);
}

// Who the certificate says it is. On listeners with SASL nobody is anybody yet.
bool Connection::take_identity() {
    const runtime::Peer& peer = stream_->peer();
    principal_ = runtime::Peer{}.principal;
    if (sasl_ != nullptr) return true;
    if (!peer.tls || peer.principal == principal_) {
        take_principal(peer.principal);
        return true;
    }
    auto mapped = shared_.config.principal_rules.principal(peer.principal);
    if (!mapped) {
        note_failed_authentication(mapped.error());
        return false;
    }
    take_principal(*std::move(mapped));
    return true;
}

Task<bool> Connection::handshake() {
    const Instant deadline = shared_.world.now() + shared_.limits.handshake;
    auto done = co_await shared_.world.network().handshake(*stream_, deadline);
    if (!done && !done.error().is_stopped()) {
        ++shared_.figures.failed_handshakes;
        log_.info(
            "handshake failed",
            {{"peer", stream_->peer().address}, {"listener", listener_}, {"error", done.error()}}
        );
    }
    co_return done.has_value();
}

void Connection::close() {
    closed_ = true;
    stream_->close();
    ready_.notify_all();
    drained_.notify_all();
}

void Connection::close_unless_trusted() {
    const Status trusted = shared_.world.network().still_trusts(*stream_);
    if (trusted) return;
    ++shared_.figures.revoked_connections;
    shared_.world.log("broker.audit")
        .warning(
            "connection ended: no longer trusted",
            {{"principal", principal_},
             {"peer", stream_->peer().address},
             {"listener", listener_},
             {"error", trusted.error()}}
        );
    close();
}

void Connection::drain() {
    draining_ = true;
    ready_.notify_all();
}

void Connection::finish() {
    finishing_ = true;
    wake_writer();
}

void Connection::wake_writer() {
    writer_may_rest_ = false;
    if (!writer_rests_ || closed_) {
        ready_.notify_all();
        return;
    }
    writer_rests_ = false;
    shared_.tasks.spawn([self = shared_from_this()]() -> Task<void> {
        co_await self->write_replies();
    });
}

void Connection::become_quiet() {
    frames_.release_if_empty();
    const bool holds_none = frames_.block_size() == 0;
    if (holds_none && block_charge_ != 0) shared_.budget.release(std::exchange(block_charge_, 0));
    writer_may_rest_ = true;
    ready_.notify_all();
}

bool Connection::refuse(std::string_view event, const Error& error) {
    ++shared_.figures.bad_frames;
    log_.info(
        event,
        {{"peer", stream_->peer().address},
         {"listener", listener_},
         {"principal", principal_},
         {"error", error}}
    );
    return false;
}

Task<void> Connection::read_requests() {
    while (!closed_ && !draining_) {
        if (!co_await serve_whole_frames()) co_return;
        if (closed_ || draining_ || !co_await read_more()) co_return;
    }
}

Task<bool> Connection::serve_whole_frames() {
    for (;;) {
        auto frame = frames_.next();
        if (!frame) co_return refuse("connection closed: not a request", frame.error());
        if (!*frame) co_return true;
        shared_.figures.bytes_in += (*frame)->size() + 4;
        frame_started_ = shared_.world.now();
        if (finishing_ || !co_await admit((*frame)->size())) co_return false;
        if (!co_await serve(**std::move(frame)) || closed_) co_return false;
        served_any_ = true;
        co_await rest();
    }
}

// While it is muted nothing of it is served (KIP-219).
Task<void> Connection::rest() {
    if (!shared_.ports.muted_until) co_return;
    const Instant until = shared_.ports.muted_until(number_);
    if (until <= shared_.world.now()) co_return;
    while (!closed_ && !draining_ && shared_.world.now() < until) {
        (void)co_await drained_.wait_until(until);
    }
    frame_started_ = shared_.world.now();
}

// Waits until the connection and the broker have room for one more request.
Task<bool> Connection::admit(std::size_t frame_bytes) {
    const ServerLimits& limits = shared_.limits;
    const auto full = [this, &limits, frame_bytes] {
        const auto held = static_cast<std::int64_t>(queue_.request_bytes() + frame_bytes);
        return queue_.size() != 0 &&
               (queue_.size() >= limits.connection_requests ||
                held > limits.connection_in_flight_bytes ||
                static_cast<std::int64_t>(queue_.reply_bytes()) > limits.connection_reply_bytes);
    };
    while (full() && !closed_) (void)co_await drained_.wait_until(Instant::never());
    if (closed_) co_return false;
    if (block_charge_ != 0) shared_.budget.release(std::exchange(block_charge_, 0));
    while (!co_await shared_.budget.acquire(frame_bytes, shared_.world.now() + 1s)) {
        if (closed_) co_return false;
    }
    co_return true;
}

Instant Connection::read_deadline() const {
    const ServerLimits& limits = shared_.limits;
    const Instant until_known = accepted_ + shared_.config.sasl_limits.authentication;
    if (frames_.pending() != 0) {
        const Instant whole = frame_started_ + time_for_frame(frames_.pending(), limits);
        return unauthenticated_ ? std::min(whole, until_known) : whole;
    }
    if (unauthenticated_) return until_known;
    if (!served_any_) return frame_started_ + limits.first_request;
    return shared_.world.now() + limits.idle;
}

Task<bool> Connection::read_more() {
    const MutableByteView space = frames_.space();
    if (frames_.block_size() > FrameReader::kMaxSharedBlock &&
        frames_.block_size() > block_charge_) {
        const std::size_t more = frames_.block_size() - block_charge_;
        if (!co_await shared_.budget.acquire(more, read_deadline())) {
            ++shared_.figures.stalled;
            co_return refuse(
                "connection closed: no memory for its request",
                Error(ErrorCode::kBusy, "queued.max.request.bytes are in use")
            );
        }
        block_charge_ += more;
        if (closed_) co_return false;
    }
    const bool fresh = frames_.pending() == 0;
    const Instant deadline = read_deadline();
    const Instant quiet = shared_.world.now() + kQuiet;
    const bool has_more = frames_.holds_unused_block() || !writer_rests_;
    const bool gives_back = fresh && has_more && quiet < deadline;
    auto got = co_await stream_->read_some(space, gives_back ? quiet : deadline);
    if (got) {
        frames_.advance(*got);
        if (fresh) frame_started_ = shared_.world.now();
        co_return true;
    }
    if (closed_) co_return false;
    if (got.error().code() != ErrorCode::kDeadlineExceeded) {
        log_.debug("connection ended", {{"peer", stream_->peer().address}, {"error", got.error()}});
        co_return false;
    }
    if (gives_back) {
        become_quiet();
        co_return true;
    }
    if (fresh && queue_.size() != 0) co_return true;  // it waits for a reply, it is not idle
    if (fresh && served_any_) {
        ++shared_.figures.idle_closed;
        log_.debug("idle connection closed", {{"peer", stream_->peer().address}});
        co_return false;
    }
    ++shared_.figures.stalled;
    co_return refuse(
        "connection closed: its request did not arrive in time",
        Error(
            ErrorCode::kDeadlineExceeded,
            std::to_string(frames_.pending()) + " bytes of a request had arrived"
        )
    );
}

RequestContext Connection::context_of(std::int16_t key, std::int16_t version) const {
    RequestContext context;
    context.api_key = key;
    context.api_version = version;
    context.principal = principal_;
    context.client_address = stream_->peer().address;
    context.listener = listener_;
    context.private_apis = private_apis_;
    context.cluster_action = cluster_action_;
    context.connection = number_;
    context.received = shared_.world.now();
    return context;
}

Task<bool> Connection::serve(BufferSlice frame) {
    if (sasl_ != nullptr && sasl_->wants_raw_token()) co_return co_await serve_raw_token(frame);
    // The frame reader lets no frame below the fixed part of a header through.
    SEALANE_ASSERT(frame.size() >= kHeaderPeek * 2);
    Answering request;
    request.key = load_be<std::int16_t>(frame.data());
    request.version = load_be<std::int16_t>(frame.data() + 2);
    request.correlation = load_be<std::int32_t>(frame.data() + kHeaderPeek);
    request.place = queue_.open(frame.size());
    if (sasl_ != nullptr) {
        if (is_sasl(request.key)) co_return co_await serve_sasl(request, std::move(frame));
        if (const auto refused = refused_by_sasl(request.key)) {
            co_return refuse("connection closed: not authenticated", *refused);
        }
    }
    const ApiEntry* api = shared_.registry.find(request.key);
    if (api == nullptr || !api->allows(private_apis_, cluster_action_)) {
        co_return refuse(
            "connection closed: unknown API",
            Error(ErrorCode::kUnsupported, "API key " + std::to_string(request.key))
        );
    }
    ++shared_.figures.requests[request.key];
    if (request.version < api->versions.min || request.version > api->versions.max) {
        if (api->answer_unsupported) {
            request.version = 0;
            fill(request.place, request.framed(api->answer_unsupported()));
            co_return true;
        }
        co_return refuse(
            "connection closed: unsupported version",
            Error(
                ErrorCode::kUnsupportedVersion,
                std::string(kafka::name_of(kafka::ApiKey{request.key})) + " version " +
                    std::to_string(request.version)
            )
        );
    }
    RequestContext context = context_of(request.key, request.version);
    const auto header_version =
        static_cast<std::int16_t>(flexible_header(request.key, request.version) ? 2 : 1);
    auto header = kafka::decode_prefix<kafka::RequestHeader>(frame, header_version);
    if (!header) {
        co_return refuse("connection closed: malformed request header", header.error());
    }
    context.client_id = std::move(header->client_id).value_or("");
    RawReply reply = co_await api->handler(std::move(context), std::move(frame));
    co_return take_answer(request, std::move(reply));
}

bool Connection::take_answer(const Answering& request, RawReply reply) {
    RawReply::Form form = std::move(reply).take();
    if (const auto* error = std::get_if<Error>(&form)) {
        return error->is_stopped() ? false : refuse("connection closed: bad request", *error);
    }
    if (const auto* body = std::get_if<BufferChain>(&form)) {
        fill(request.place, request.framed(*body));
    } else if (std::holds_alternative<std::monostate>(form)) {
        fill(request.place, {});
    } else {
        auto later = std::get<RawReply::Later>(std::move(form));
        shared_.tasks.spawn(
            [self = shared_from_this(), request, task = std::move(later)]() -> Task<void> {
                Result<BufferChain> body = co_await task();
                if (self->closed_) co_return;
                if (body) {
                    self->fill(request.place, request.framed(*body));
                } else {
                    if (!body.error().is_stopped()) {
                        self->refuse("connection closed: bad request", body.error());
                    }
                    self->close();
                }
            }
        );
    }
    return true;
}

void Connection::fill(ReplyQueue::Place place, BufferChain reply) {
    queue_.fill(place, std::move(reply));
    if (queue_.ready()) wake_writer();
}

Task<void> Connection::write_replies() {
    while (!closed_) {
        if (!queue_.ready()) {
            if (draining_ || (finishing_ && queue_.size() == 0)) break;
            if (writer_may_rest_) {
                writer_rests_ = true;
                drained_.notify_all();
                co_return;
            }
            (void)co_await ready_.wait_until(Instant::never());
            continue;
        }
        ReplyQueue::Batch batch = queue_.take_ready(kWriteBytes);
        if (batch.request_bytes != 0) shared_.budget.release(batch.request_bytes);
        drained_.notify_all();
        if (batch.bytes.empty()) continue;
        const std::size_t size = batch.bytes.size();
        const Instant deadline =
            shared_.world.now() + (shared_.limits.stalled + time_for_bytes(size));
        auto sent = co_await stream_->write(std::move(batch.bytes), deadline);
        shared_.figures.bytes_out += size;
        ++shared_.figures.writes;
        if (!sent) {
            if (sent.error().code() == ErrorCode::kDeadlineExceeded) {
                ++shared_.figures.stalled;
                refuse("connection closed: replies are not read", sent.error());
            }
            break;
        }
    }
    writer_done_ = true;
    close();
}

// After the end: requests whose replies never left give their bytes back.
void Connection::give_back_everything() {
    const std::size_t held = queue_.request_bytes() + std::exchange(block_charge_, 0);
    if (held != 0) shared_.budget.release(held);
    queue_.forget_requests();
}

}  // namespace sealane::broker
