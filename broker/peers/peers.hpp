#pragma once
// Peers: this node's connections to the other nodes of its cluster, one for each node and lane.
// Where a node is comes from the voters' configuration and from registrations; the identity is that
// of the inter-broker listener. A shell without policy: callers decide about retries.

#include "common/client/connection.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace sealane::broker {

// A node answers the requests of one connection in their order, so long polls and votes never
// share one.
enum class PeerLane : std::uint8_t {
    kQuorum,        // votes, epochs: short
    kMetadata,      // fetches of the metadata log: long polls
    kController,    // registration, heartbeats, in-sync sets: short
    kForward,       // clients' requests on their way to the controller
    kReplication,   // fetches of partitions: long polls
    kTransactions,  // questions to transaction coordinators: short
    kMarkers,       // transaction markers, which wait for replication
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

    // Whether nobody listens where the node is (its process is gone, as opposed to slow or cut
    // off).
    [[nodiscard]] runtime::Task<bool> refuses_connections(BrokerId node, Instant deadline);

    // Nodes that answered and whose connections then broke may be dead, and the metadata is about
    // to say who takes over. Waits until each of those that matter has answered again or was given
    // up, at most `patience` from when it vanished.
    [[nodiscard]] runtime::Task<void> wait_for_vanished(
        Duration patience, std::function<bool(BrokerId)> matters
    );
    // The metadata has said what becomes of a node that does not answer.
    void give_up(BrokerId node);

    // One request, one try. kNotFound: nobody knows where the node is. Connection errors close the
    // lane; the next call connects anew.
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send(
        BrokerId node, PeerLane lane, Request request, Instant deadline
    ) {
        const auto at = endpoint(node);
        if (!at) co_return unknown(node);
        const auto open = co_await connection(*at, lane, deadline);
        note(node, open ? std::optional<Error>() : open.error());
        if (!open) co_return fail(open.error());
        auto answer = co_await exchange(*open, std::move(request), deadline);
        note(node, answer ? std::optional<Error>() : answer.error());
        co_return answer;
    }
    // The same to an address whose node is not known yet.
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send_to(
        runtime::Endpoint to, PeerLane lane, Request request, Instant deadline
    ) {
        SEALANE_CO_TRY(const auto open, co_await connection(std::move(to), lane, deadline));
        co_return co_await exchange(open, std::move(request), deadline);
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
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> exchange(
        std::shared_ptr<client::Connection> open, Request request, Instant deadline
    ) {
        auto answer = co_await open->send(std::move(request), deadline);
        // Closed on this side, but not for good: see disconnect().
        if (!answer && answer.error().is_stopped() && !tasks_.stopping())
            co_return fail(ErrorCode::kConnectionReset, std::string(kClosedHere));
        co_return answer;
    }

    static constexpr std::string_view kClosedHere = "closed on this side";
    [[nodiscard]] static std::unexpected<Error> unknown(BrokerId node);
    void note(BrokerId node, const std::optional<Error>& error);
    [[nodiscard]] runtime::Task<void> connect(LinkKey key, Instant deadline);

    runtime::World& world_;
    PeerOptions options_;
    runtime::TaskGroup tasks_;
    std::map<BrokerId, runtime::Endpoint> endpoints_;
    std::map<LinkKey, std::shared_ptr<Link>> links_;
    std::set<BrokerId> answering_;
    std::map<BrokerId, Instant> vanished_;  // since when
    runtime::Event settled_;                // one of them less
};

}  // namespace sealane::broker
