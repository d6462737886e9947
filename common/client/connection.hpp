#pragma once
// Connection: pipelined requests over one stream to one broker. Requests go out in the order in
// which they are started, answers come back in the same order. The first trouble (the stream
// breaks, an answer is late or cannot be read) ends the connection: every open request gets the
// error, and the owner makes a new one.

#include "common/client/api_ranges.hpp"
#include "common/client/sasl.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace sealane::client {

struct ConnectionOptions {
    std::string client_id = "sealane";
    // Bytes of requests that are queued or not yet answered; one larger request goes out alone.
    std::size_t in_flight_bytes = 64U << 20U;
    // An answer larger than this breaks the connection.
    std::size_t answer_bytes = 256U << 20U;
    // How to prove who we are; none: with a certificate, or not at all.
    std::optional<SaslOptions> sasl = std::nullopt;
};

// Whom to connect to, and what the connection lives in. World and group must outlive it; its two
// tasks run in the group, whose owner closes the connection before joining.
struct ConnectionSetup {
    runtime::World& world;
    runtime::TaskGroup& tasks;
    runtime::Endpoint broker;
    std::optional<runtime::TlsIdentity> tls;
    ConnectionOptions options;
};

class Connection;

// One request that was started. Shared by its waiter and its connection.
struct Exchange {
    explicit Exchange(runtime::WaitQueue& waits) : done(waits) {}
    std::int32_t correlation_id = 0;
    std::size_t size = 0;
    std::int16_t version = 0;
    std::int16_t answer_header_version = 0;
    std::string_view api;
    Instant deadline;
    std::optional<Result<BufferSlice>> answer;  // header and body
    runtime::Event done;
};

// The answer to come. Hold it and await it once; dropping it ignores the answer.
template <class Response>
class Reply {
 public:
    Reply(std::shared_ptr<Connection> connection, std::shared_ptr<Exchange> exchange)
        : connection_(std::move(connection)), exchange_(std::move(exchange)) {}
    // Errors name broker and API. kDeadlineExceeded has ended the connection.
    [[nodiscard]] runtime::Task<Result<Response>> wait();
    [[nodiscard]] bool is_done() const { return exchange_->answer.has_value(); }
    // The version in which the request went out.
    [[nodiscard]] std::int16_t version() const { return exchange_->version; }

 private:
    std::shared_ptr<Connection> connection_;
    std::shared_ptr<Exchange> exchange_;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
    // Connects, does the TLS handshake where asked, learns which APIs the broker serves, and
    // authenticates where asked.
    [[nodiscard]] static runtime::Task<Result<std::shared_ptr<Connection>>> open(
        ConnectionSetup setup, Instant deadline
    );

    // Queues the request at once, so that calls go out in their order. kBusy: the byte bound is
    // reached, wait_for_room() first. kUnsupportedVersion: nothing in common below max_version.
    template <class Request>
    [[nodiscard]] Result<Reply<typename Request::Response>> start(
        const Request& request, Instant deadline, std::int16_t max_version = INT16_MAX
    );
    // Waits for room, starts, waits for the answer.
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send(
        Request request, Instant deadline, std::int16_t max_version = INT16_MAX
    );
    // For requests that the broker does not answer (Produce with acks 0).
    template <class Request>
    [[nodiscard]] Status send_unanswered(
        const Request& request, std::int16_t max_version = INT16_MAX
    );
    // Until the next answer has made some room; at once when nothing is in flight.
    [[nodiscard]] runtime::Task<Status> wait_for_room(Instant deadline);

    [[nodiscard]] const ApiRanges& apis() const { return apis_; }
    [[nodiscard]] bool is_open() const { return !broken_.has_value(); }
    [[nodiscard]] const runtime::Endpoint& broker() const { return broker_; }
    [[nodiscard]] std::size_t in_flight_bytes() const { return in_flight_bytes_; }
    [[nodiscard]] std::size_t open_requests() const { return waiting_.size(); }
    // Ends the connection; open requests end with kStopped.
    void close();

    // For Reply: the answer's bytes behind the header.
    [[nodiscard]] runtime::Task<Result<BufferSlice>> await_answer(std::shared_ptr<Exchange> exchange
    );
    [[nodiscard]] Error explain(const Exchange& exchange, const Error& error) const;

    Connection(ConnectionSetup setup, std::unique_ptr<runtime::Stream> stream);

 private:
    [[nodiscard]] runtime::Task<Status> negotiate(Instant deadline);
    [[nodiscard]] runtime::Task<Status> prove_identity(Instant deadline);
    [[nodiscard]] static runtime::Task<void> renew_session(
        std::shared_ptr<Connection> self, Duration lifetime
    );
    [[nodiscard]] static runtime::Task<void> read_loop(std::shared_ptr<Connection> self);
    [[nodiscard]] static runtime::Task<void> write_loop(std::shared_ptr<Connection> self);
    [[nodiscard]] runtime::Task<Result<BufferSlice>> read_frame();
    [[nodiscard]] Status take_answer(BufferSlice frame);
    void fail_all(Error error);

    // Frames the body and queues it; the exchange is null when no answer will come.
    [[nodiscard]] Result<std::shared_ptr<Exchange>> enqueue(
        const kafka::MessageSchema& schema, std::int16_t version, BufferChain body, Instant deadline
    );
    [[nodiscard]] Result<BufferChain> frame(
        const kafka::MessageSchema& schema, std::int16_t version, const BufferChain& body
    );
    [[nodiscard]] bool has_room(std::size_t size) const {
        return in_flight_bytes_ == 0 || in_flight_bytes_ + size <= options_.in_flight_bytes;
    }

    runtime::World& world_;
    runtime::Endpoint broker_;
    ConnectionOptions options_;
    std::unique_ptr<runtime::Stream> stream_;
    ApiRanges apis_;
    std::optional<Error> broken_;
    std::int32_t next_correlation_id_ = 1;
    std::size_t in_flight_bytes_ = 0;
    BufferChain outgoing_;
    std::deque<std::shared_ptr<Exchange>> waiting_;  // in the order of their answers
    runtime::Event output_;
    runtime::Event room_;
    runtime::Event ended_;
    runtime::TaskGroup& tasks_;
};

template <class Response>
runtime::Task<Result<Response>> Reply<Response>::wait() {
    SEALANE_CO_TRY(BufferSlice body, co_await connection_->await_answer(exchange_));
    auto response = kafka::decode<Response>(std::move(body), exchange_->version);
    if (!response) co_return fail(connection_->explain(*exchange_, response.error()));
    co_return response;
}

template <class Request>
Result<Reply<typename Request::Response>> Connection::start(
    const Request& request, Instant deadline, std::int16_t max_version
) {
    SEALANE_TRY(const std::int16_t version, apis_.choose(Request::kSchema, max_version));
    SEALANE_TRY(BufferChain body, kafka::encode_chain(request, version));
    SEALANE_TRY(auto exchange, enqueue(Request::kSchema, version, std::move(body), deadline));
    return Reply<typename Request::Response>(shared_from_this(), std::move(exchange));
}

template <class Request>
runtime::Task<Result<typename Request::Response>> Connection::send(
    Request request, Instant deadline, std::int16_t max_version
) {
    const auto self = shared_from_this();
    for (;;) {
        auto reply = start(request, deadline, max_version);
        if (reply) co_return co_await reply->wait();
        if (reply.error().code() != ErrorCode::kBusy) co_return fail(std::move(reply).error());
        SEALANE_CO_CHECK(co_await wait_for_room(deadline));
    }
}

template <class Request>
Status Connection::send_unanswered(const Request& request, std::int16_t max_version) {
    SEALANE_TRY(const std::int16_t version, apis_.choose(Request::kSchema, max_version));
    SEALANE_TRY(BufferChain body, kafka::encode_chain(request, version));
    SEALANE_TRY(BufferChain framed, frame(Request::kSchema, version, body));
    if (broken_) return fail(*broken_);
    outgoing_.append(framed);
    output_.notify_all();
    return {};
}

}  // namespace sealane::client
