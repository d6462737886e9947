#include "common/client/connection.hpp"

#include "common/base/endian.hpp"
#include "common/base/text.hpp"
#include "common/kafka/messages/frame.hpp"

#include <array>

namespace sealane::client {
namespace {

using runtime::Task;

constexpr Duration kWriteTimeout = 120s;
constexpr std::size_t kSizeField = 4;
// ApiVersions, before anything is known of the broker (KIP-511).
constexpr std::int16_t kFirstApiVersions = 3;

}  // namespace

Connection::Connection(ConnectionSetup setup, std::unique_ptr<runtime::Stream> stream)
    : world_(setup.world),
      broker_(std::move(setup.broker)),
      options_(std::move(setup.options)),
      stream_(std::move(stream)),
      output_(world_.waits()),
      room_(world_.waits()),
      ended_(world_.waits()),
      tasks_(setup.tasks) {}

Task<Result<std::shared_ptr<Connection>>> Connection::open(
    ConnectionSetup setup, Instant deadline
) {
    auto stream = co_await setup.world.network().connect(setup.broker, setup.tls, deadline);
    if (!stream) co_return fail(std::move(stream).error());
    runtime::TaskGroup& tasks = setup.tasks;
    auto self = std::make_shared<Connection>(std::move(setup), *std::move(stream));
    if (tasks.stopping()) {
        self->close();
        co_return fail(Error::stopped());
    }
    tasks.spawn([self] { return read_loop(self); });
    tasks.spawn([self] { return write_loop(self); });
    auto negotiated = co_await self->negotiate(deadline);
    if (negotiated && self->options_.sasl) negotiated = co_await self->prove_identity(deadline);
    if (!negotiated) {
        self->close();
        co_return fail(std::move(negotiated).error());
    }
    co_return self;
}

// Version 3 first; a broker that does not know it answers error 35 in version 0.
Task<Status> Connection::negotiate(Instant deadline) {
    kafka::ApiVersionsRequest request;
    request.client_software_name = "sealane";
    request.client_software_version = "0.1.0";
    constexpr const kafka::MessageSchema& kSchema = kafka::ApiVersionsRequest::kSchema;
    for (const std::int16_t version : {kFirstApiVersions, std::int16_t{0}}) {
        SEALANE_CO_TRY(BufferChain body, kafka::encode_chain(request, version));
        SEALANE_CO_TRY(auto exchange, enqueue(kSchema, version, std::move(body), deadline));
        auto came = co_await await_answer(exchange);
        if (!came && came.error().code() == ErrorCode::kConnectionReset && !stream_->peer().tls)
            co_return fail(came.error().code(), came.error().detail() + " (a TLS listener?)");
        SEALANE_CO_TRY(BufferSlice answer, std::move(came));
        const bool unknown_version =
            answer.size() >= 2 &&
            ErrorCode{load_be<std::int16_t>(answer.data())} == ErrorCode::kUnsupportedVersion;
        if (unknown_version && version != 0) continue;
        auto decoded = kafka::decode<kafka::ApiVersionsResponse>(std::move(answer), version);
        if (!decoded) co_return fail(explain(*exchange, decoded.error()));
        if (decoded->error_code != ErrorCode::kNone)
            co_return fail(explain(*exchange, Error(decoded->error_code)));
        apis_ = ApiRanges(*decoded);
        co_return Status();
    }
    co_return fail(
        ErrorCode::kUnsupportedVersion,
        concat(broker_.to_string(), ": no common version of ApiVersions")
    );
}

// Asks again which APIs there are: private ones are shown to those who may use them.
Task<Status> Connection::prove_identity(Instant deadline) {
    const auto self = shared_from_this();
    const std::string nonce = world_.random_uuid().to_string();
    SEALANE_CO_TRY(
        const Duration lifetime,
        co_await authenticate(self, *options_.sasl, stream_->peer().tls, nonce, deadline)
    );
    if (lifetime > Duration::zero()) {
        tasks_.spawn([self, lifetime] { return renew_session(self, lifetime); });
    }
    co_return co_await negotiate(deadline);
}

// Proves the identity again when nine tenths of the session are over (KIP-368). A failure ends the
// connection: its owner makes a new one, and hears why it cannot.
Task<void> Connection::renew_session(std::shared_ptr<Connection> self, Duration lifetime) {
    while (self->is_open()) {
        const Instant due = self->world_.now() + lifetime * 9 / 10;
        while (self->is_open() && self->world_.now() < due) {
            (void)co_await self->ended_.wait_until(due);
        }
        if (!self->is_open()) co_return;
        const std::string nonce = self->world_.random_uuid().to_string();
        const auto renewed = co_await authenticate(
            self, *self->options_.sasl, self->stream_->peer().tls, nonce, due + lifetime / 10
        );
        if (!renewed) {
            self->fail_all(renewed.error());
            co_return;
        }
        if (*renewed <= Duration::zero()) co_return;
        lifetime = *renewed;
    }
}

Task<void> Connection::read_loop(std::shared_ptr<Connection> self) {
    while (self->is_open()) {
        auto frame = co_await self->read_frame();
        const Status taken =
            frame ? self->take_answer(*std::move(frame)) : Status(fail(frame.error()));
        if (!taken) self->fail_all(taken.error());
    }
}

Task<Result<BufferSlice>> Connection::read_frame() {
    std::array<std::byte, kSizeField> head;
    // No deadline here: whoever waits for an answer ends the connection when it is late.
    auto read = co_await runtime::read_exactly(*stream_, head, Instant::never());
    if (!read && read.error().code() == ErrorCode::kEndOfStream)
        co_return fail(ErrorCode::kConnectionReset, "the broker closed the connection");
    SEALANE_CO_CHECK(read);
    const auto size = load_be<std::int32_t>(head.data());
    if (size < 4 || static_cast<std::size_t>(size) > options_.answer_bytes)
        co_return fail(ErrorCode::kOutOfBounds, concat("answer of ", size, " bytes"));
    MutableBuffer body(static_cast<std::size_t>(size));
    SEALANE_CO_CHECK(co_await runtime::read_exactly(*stream_, body.view(), Instant::never()));
    co_return std::move(body).freeze();
}

Status Connection::take_answer(BufferSlice frame) {
    const auto id = load_be<std::int32_t>(frame.data());
    if (waiting_.empty() || waiting_.front()->correlation_id != id)
        return fail(ErrorCode::kMalformed, concat("answer to unknown request ", id));
    const auto exchange = std::move(waiting_.front());
    waiting_.pop_front();
    in_flight_bytes_ -= exchange->size;
    exchange->answer = std::move(frame);
    exchange->done.notify_all();
    room_.notify_all();
    return {};
}

Task<void> Connection::write_loop(std::shared_ptr<Connection> self) {
    while (self->is_open()) {
        if (self->outgoing_.empty()) {
            (void)co_await self->output_.wait_until(Instant::never());
            continue;
        }
        BufferChain bytes;
        std::swap(bytes, self->outgoing_);
        const auto written =
            co_await self->stream_->write(std::move(bytes), self->world_.now() + kWriteTimeout);
        if (!written) self->fail_all(written.error());
    }
}

void Connection::fail_all(Error error) {
    if (broken_) return;
    broken_ = std::move(error);
    stream_->close();
    outgoing_ = {};
    in_flight_bytes_ = 0;
    std::deque<std::shared_ptr<Exchange>> waiting;
    waiting.swap(waiting_);
    for (const auto& exchange : waiting) {
        if (!exchange->answer) exchange->answer = fail(*broken_);
        exchange->done.notify_all();
    }
    output_.notify_all();
    room_.notify_all();
    ended_.notify_all();
}

void Connection::close() {
    fail_all(Error::stopped());
}

Task<Status> Connection::wait_for_room(Instant deadline) {
    const auto self = shared_from_this();
    if (!broken_ && in_flight_bytes_ > 0 && !co_await room_.wait_until(deadline))
        co_return fail(
            ErrorCode::kDeadlineExceeded,
            concat(broker_.to_string(), ": too many requests are not answered yet")
        );
    if (broken_) co_return fail(*broken_);
    co_return Status();
}

Task<Result<BufferSlice>> Connection::await_answer(std::shared_ptr<Exchange> exchange) {
    const auto self = shared_from_this();
    while (!exchange->answer) {
        const bool signalled = co_await exchange->done.wait_until(exchange->deadline);
        if (signalled || exchange->answer) continue;
        exchange->answer = fail(ErrorCode::kDeadlineExceeded, "no answer in time");
        fail_all(Error(ErrorCode::kConnectionReset, concat("no answer to ", exchange->api)));
    }
    if (!*exchange->answer) co_return fail(explain(*exchange, exchange->answer->error()));
    BufferSlice frame = **exchange->answer;
    auto header =
        kafka::decode_prefix<kafka::ResponseHeader>(frame, exchange->answer_header_version);
    if (!header) co_return fail(explain(*exchange, header.error()));
    co_return frame;
}

Error Connection::explain(const Exchange& exchange, const Error& error) const {
    return error.in(concat(exchange.api, " to ", broker_.to_string()));
}

Result<BufferChain> Connection::frame(
    const kafka::MessageSchema& schema, std::int16_t version, const BufferChain& body
) {
    const kafka::RequestTag tag{next_correlation_id_, options_.client_id};
    SEALANE_TRY(const BufferSlice head, kafka::request_header_bytes(schema.number, version, tag));
    MutableBuffer start(kSizeField + head.size());
    store_be(start.data(), static_cast<std::int32_t>(head.size() + body.size()));
    std::memcpy(start.data() + kSizeField, head.data(), head.size());
    BufferChain framed(std::move(start).freeze());
    framed.append(body);
    next_correlation_id_ = (next_correlation_id_ + 1) & INT32_MAX;
    return framed;
}

Result<std::shared_ptr<Exchange>> Connection::enqueue(
    const kafka::MessageSchema& schema, std::int16_t version, BufferChain body, Instant deadline
) {
    if (broken_) return fail(broken_->in(broker_.to_string()));
    if (!has_room(body.size()))
        return fail(ErrorCode::kBusy, concat(broker_.to_string(), ": too much in flight"));
    auto exchange = std::make_shared<Exchange>(world_.waits());
    exchange->correlation_id = next_correlation_id_;
    SEALANE_TRY(const BufferChain framed, frame(schema, version, body));
    exchange->size = framed.size();
    exchange->version = version;
    exchange->answer_header_version = kafka::response_header_version(schema.number, version);
    exchange->api = name_of(kafka::ApiKey{schema.number});
    exchange->deadline = deadline;
    in_flight_bytes_ += exchange->size;
    waiting_.push_back(exchange);
    outgoing_.append(framed);
    output_.notify_all();
    return exchange;
}

}  // namespace sealane::client
