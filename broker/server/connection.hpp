#pragma once
// Connection: one client. A reader takes frames off the stream and starts their handlers in order;
// a writer sends replies in the same order, all that are ready in one write. Between them stands a
// ReplyQueue with bounds in requests and bytes: a client that does not read its replies is not
// read either.

#include "broker/api/registry.hpp"
#include "broker/api/security/line_budget.hpp"
#include "broker/config/broker_config.hpp"
#include "broker/server/byte_budget.hpp"
#include "broker/server/frame_reader.hpp"
#include "broker/server/reply_queue.hpp"
#include "broker/server/sasl_authenticator.hpp"
#include "broker/server/server_figures.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <memory>
#include <string>

namespace sealane::broker {

// What the rest of the broker tells the server about its clients. The defaults are those of a
// broker without SASL and quotas.
struct ServerPorts {
    // Until when a connection rests (quotas); its number is RequestContext::connection.
    std::function<Instant(std::uint64_t connection)> muted_until = {};
    // How long one more connection of an address has to wait for its end; zero: it is welcome.
    std::function<Duration(std::string_view ip)> connection_rest = {};
    // Mechanisms of a listener with SASL.
    std::function<SaslAuthenticator::Begin(const ListenerConfig& listener)> sasl = {};
    // Returns when users can be looked up; false: not before the deadline.
    std::function<runtime::Task<bool>(Instant deadline)> wait_until_ready = {};
};

// What all connections of a server share; outlives them.
struct ConnectionShared {
    runtime::World& world;
    const ApiRegistry& registry;
    const BrokerConfig& config;
    const ServerLimits& limits;
    const ServerPorts& ports;
    LineBudget& refusals;  // lines about failed authentications
    ByteBudget& budget;
    ServerFigures& figures;
    runtime::TaskGroup& tasks;  // parked replies run here
    std::function<bool(std::string_view principal)> may_use_private_apis;
    std::function<bool(std::string_view principal)> may_act_as_broker;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
    Connection(
        ConnectionShared& shared,
        std::unique_ptr<runtime::Stream> stream,
        const ListenerConfig& listener,
        std::uint64_t number
    );
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    // Serves until the peer leaves, breaks a rule, or close(). Owns the reader; spawns the writer.
    [[nodiscard]] runtime::Task<void> run();
    // Breaks the connection at once.
    void close();
    // Starts no further requests; closes when every reply has been sent.
    void finish();
    [[nodiscard]] bool idle() const { return queue_.size() == 0; }
    [[nodiscard]] const runtime::Peer& peer() const { return stream_->peer(); }
    [[nodiscard]] const std::string& listener() const { return listener_; }
    // Breaks the connection if its certificate has been revoked since it was let in.
    void close_unless_trusted();

 private:
    [[nodiscard]] runtime::Task<bool> handshake();
    [[nodiscard]] runtime::Task<void> read_requests();
    [[nodiscard]] runtime::Task<bool> serve_whole_frames();
    [[nodiscard]] runtime::Task<bool> read_more();
    [[nodiscard]] runtime::Task<bool> admit(std::size_t frame_bytes);
    [[nodiscard]] runtime::Task<bool> serve(BufferSlice frame);
    [[nodiscard]] bool take_identity();
    void take_principal(std::string principal);
    [[nodiscard]] runtime::Task<void> rest();
    [[nodiscard]] runtime::Task<void> write_replies();
    void wake_writer();
    [[nodiscard]] RequestContext context_of(std::int16_t key, std::int16_t version) const;
    [[nodiscard]] Instant read_deadline() const;
    // Gives back what only a busy connection needs.
    void become_quiet();
    void drain();
    bool refuse(std::string_view event, const Error& error);
    void fill(ReplyQueue::Place place, BufferChain reply);
    void give_back_everything();

    struct Answering;  // which reply a handler's answer belongs to
    bool take_answer(const Answering& request, RawReply reply);

    // Authentication (connection_sasl.cpp).
    [[nodiscard]] runtime::Task<bool> serve_sasl(Answering request, BufferSlice frame);
    [[nodiscard]] runtime::Task<bool> serve_handshake(Answering request, BufferSlice body);
    [[nodiscard]] runtime::Task<bool> serve_token(Answering request, BufferSlice body);
    [[nodiscard]] runtime::Task<bool> serve_raw_token(BufferSlice frame);
    [[nodiscard]] std::optional<Error> refused_by_sasl(std::int16_t key);
    [[nodiscard]] runtime::Task<bool> answer_sasl(
        Answering request, BufferChain body, std::optional<Error> failure
    );
    void note_authenticated();
    void settle_authentication();
    void note_failed_authentication(const Error& error);

    ConnectionShared& shared_;
    std::unique_ptr<runtime::Stream> stream_;
    const ListenerConfig& listener_config_;
    std::string listener_;
    std::uint64_t number_;
    std::string principal_;
    std::unique_ptr<SaslAuthenticator> sasl_;  // null: the listener has none
    Instant accepted_;
    int versions_asked_ = 0;        // ApiVersions before authentication
    bool unauthenticated_ = false;  // counted as such
    runtime::Log log_;
    FrameReader frames_;
    ReplyQueue queue_;
    runtime::Event ready_;    // a reply at the front, or the end
    runtime::Event drained_;  // the queue has become shorter
    Instant frame_started_;
    std::size_t block_charge_ = 0;  // of the budget, for a frame that is not whole yet
    bool private_apis_ = false;
    bool cluster_action_ = false;
    bool served_any_ = false;
    bool closed_ = false;
    bool draining_ = false;   // what is ready still leaves
    bool finishing_ = false;  // what was asked still gets its answer
    bool writer_done_ = true;
    bool writer_rests_ = false;  // its task has ended until there is something to write
    bool writer_may_rest_ = false;
};

}  // namespace sealane::broker
