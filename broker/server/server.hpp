#pragma once
// Server: the listeners and the connections they accepted. start() binds every listener or none;
// serve() begins accepting; stop() answers what is in flight for a short while, then closes.

#include "broker/config/broker_config.hpp"
#include "broker/server/connection.hpp"
#include "common/runtime/metrics.hpp"

#include <functional>
#include <map>
#include <set>

namespace sealane::broker {

class Server final : public runtime::MetricSource {
 public:
    // `config` and `registry` outlive the server.
    Server(
        runtime::World& world,
        const BrokerConfig& config,
        const ApiRegistry& registry,
        ServerPorts ports = {}
    );

    // kAddressInUse names listener and address.
    [[nodiscard]] runtime::Task<Status> bind();
    // Accepts from now on.
    void serve();
    // Accepts nobody, reads no new requests; waits until replies have left or `grace` is over.
    [[nodiscard]] runtime::Task<void> drain(Duration grace);
    // Closes everything and joins all tasks. Handlers must be able to end (partitions closed).
    [[nodiscard]] runtime::Task<void> stop();

    // Told the number (RequestContext::connection) of each connection that has ended.
    void on_connection_closed(std::function<void(std::uint64_t connection)> listener) {
        closed_ = std::move(listener);
    }

    // The actual address of a bound listener; nothing for an unknown name.
    [[nodiscard]] std::optional<runtime::Endpoint> endpoint(std::string_view listener) const;
    [[nodiscard]] const ServerFigures& figures() const { return figures_; }
    void collect(runtime::MetricSink& sink) const override;

 private:
    struct Bound {
        ListenerConfig config;
        std::unique_ptr<runtime::Listener> listener;
    };
    void collect_security(runtime::MetricSink& sink) const;
    [[nodiscard]] runtime::Task<void> accept_on(Bound* bound);
    // Ends connections whose certificates are revoked while they are open.
    [[nodiscard]] runtime::Task<void> watch_trust(const Bound* bound);
    void admit(const Bound& bound, std::unique_ptr<runtime::Stream> stream);
    // Nothing: it is welcome. Else the limit that it is over.
    [[nodiscard]] std::string_view limit_reached(const Bound& bound, const std::string& ip) const;
    // An address that connects too often: closed after a while, so that it does not come at once.
    // Not where the cluster's nodes meet, if clients have another listener.
    [[nodiscard]] bool delays(
        const Bound& bound, const std::string& ip, std::unique_ptr<runtime::Stream>& stream
    );

    std::function<void(std::uint64_t connection)> closed_ = [](std::uint64_t) {};
    runtime::World& world_;
    const BrokerConfig& config_;
    runtime::Log log_;
    ServerFigures figures_;
    ServerPorts ports_;
    LineBudget refusals_;
    std::size_t delayed_ = 0;  // connections that wait for their end
    ByteBudget budget_;
    runtime::TaskGroup tasks_;
    ConnectionShared shared_;
    runtime::Event closed_one_;
    std::vector<std::unique_ptr<Bound>> bound_;
    std::map<std::uint64_t, std::shared_ptr<Connection>> connections_;  // ordered by arrival
    std::map<std::string, std::size_t> per_ip_;
    std::uint64_t next_number_ = 1;
};

}  // namespace sealane::broker
