#pragma once
// Peers: this node's connections to the other nodes of its cluster, one for each node and lane.
// Where a node is comes from the voters' configuration and from registrations; the identity is that
// of the inter-broker listener. A shell without policy: callers decide about retries.

#include "common/client/connection.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sealane::broker {

// A node answers the requests of one connection in their order, so long polls and votes never
// share one.
enum class PeerLane : std::uint8_t {
    kQuorum,       // votes, epochs: short
    kMetadata,     // fetches of the metadata log: long polls
    kController,   // registration, heartbeats, in-sync sets: short
    kForward,      // clients' requests on their way to the controller
    kReplication,  // fetches of partitions: long polls
};

struct PeerOptions {
    std::string client_id;
    std::optional<runtime::TlsIdentity> tls;
    Duration connect_timeout = 2s;
};

class Peers {
 public:
    Peers(runtime::World& world, PeerOptions options);
    Peers(const Peers&) = delete;
    Peers& operator=(const Peers&) = delete;

    // Closes every connection and waits for their tasks.
    [[nodiscard]] runtime::Task<void> stop();

    // Where a node is; a new address closes connections to the old one.
    void set_endpoint(BrokerId node, runtime::Endpoint endpoint);
    [[nodiscard]] std::optional<runtime::Endpoint> endpoint(BrokerId node) const;

    // Breaks the connection to a node; whoever waits for an answer gets kConnectionReset.
    void disconnect(BrokerId node, PeerLane lane);

    // One request, one try. kNotFound: nobody knows where the node is. Connection errors close the
    // lane; the next call connects anew.
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send(
        BrokerId node, PeerLane lane, Request request, Instant deadline
    ) {
        const auto at = endpoint(node);
        if (!at) co_return unknown(node);
        co_return co_await send_to(*at, lane, std::move(request), deadline);
    }
    // The same to an address whose node is not known yet.
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send_to(
        runtime::Endpoint to, PeerLane lane, Request request, Instant deadline
    ) {
        SEALANE_CO_TRY(const auto open, co_await connection(std::move(to), lane, deadline));
        auto answer = co_await open->send(std::move(request), deadline);
        // Closed on this side, but not for good: see disconnect().
        if (!answer && answer.error().is_stopped() && !tasks_.stopping())
            co_return fail(ErrorCode::kConnectionReset, open->broker().to_string());
        co_return answer;
    }
    [[nodiscard]] runtime::Task<Result<std::shared_ptr<client::Connection>>> connection(
        runtime::Endpoint to, PeerLane lane, Instant deadline
    );

 private:
    struct Link {
        explicit Link(runtime::WaitQueue& waits) : changed(waits) {}
        std::shared_ptr<client::Connection> connection;
        bool connecting = false;
        std::optional<Error> last_error;
        runtime::Event changed;
    };
    using LinkKey = std::pair<runtime::Endpoint, PeerLane>;
    [[nodiscard]] static std::unexpected<Error> unknown(BrokerId node);
    [[nodiscard]] runtime::Task<void> connect(LinkKey key, Instant deadline);

    runtime::World& world_;
    PeerOptions options_;
    runtime::TaskGroup tasks_;
    std::map<BrokerId, runtime::Endpoint> endpoints_;
    std::map<LinkKey, std::shared_ptr<Link>> links_;
};

}  // namespace sealane::broker
