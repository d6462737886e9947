#include "broker/server/server.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr std::size_t kMostDelayed = 1000;
constexpr Duration kLongestDelay = 10s;
constexpr Duration kTrustCheck = 2s;
constexpr std::size_t kTrustAtOnce = 10;
constexpr Duration kAcceptRetry = 100ms;  // out of file descriptors: nothing to wait for but time

std::string ip_of(const runtime::Peer& peer) {
    return peer.address.substr(0, peer.address.rfind(':'));
}
}  // namespace

Server::Server(
    runtime::World& world,
    const BrokerConfig& config,
    const ApiRegistry& registry,
    ServerPorts ports
)
    : world_(world),
      config_(config),
      log_(world.log("broker.server")),
      ports_(std::move(ports)),
      budget_(world, config.limits.in_flight_bytes),
      tasks_(world),
      shared_{
          .world = world,
          .registry = registry,
          .config = config,
          .limits = config.limits,
          .ports = ports_,
          .refusals = refusals_,
          .budget = budget_,
          .figures = figures_,
          .tasks = tasks_,
          .may_use_private_apis = [&config](std::string_view principal
                                  ) { return config.may_use_private_apis(principal); },
          .may_act_as_broker = [&config](std::string_view principal
                               ) { return config.may_act_as_broker(principal); },
      },
      closed_one_(world.waits()) {}

Task<Status> Server::bind() {
    for (const ListenerConfig& config : config_.listeners) {
        auto listener = co_await world_.network().listen(config.address, config.tls);
        if (!listener) {
            for (const auto& bound : bound_) bound->listener->close();
            bound_.clear();
            co_return fail(listener.error().in("listener " + config.name));
        }
        auto bound = std::make_unique<Bound>();
        bound->config = config;
        bound->listener = *std::move(listener);
        bound_.push_back(std::move(bound));
    }
    co_return Status{};
}

void Server::serve() {
    for (const auto& bound : bound_) {
        tasks_.spawn([this, at = bound.get()]() -> Task<void> { co_await accept_on(at); });
        if (!bound->config.tls) continue;
        tasks_.spawn([this, at = bound.get()]() -> Task<void> { co_await watch_trust(at); });
    }
}

Task<void> Server::watch_trust(const Bound* bound) {
    runtime::Network& network = world_.network();
    std::uint64_t seen = network.trust_version(*bound->config.tls);
    while (co_await tasks_.sleep(kTrustCheck)) {
        const std::uint64_t now = network.trust_version(*bound->config.tls);
        if (std::exchange(seen, now) == now) continue;
        std::vector<std::weak_ptr<Connection>> open;
        for (const auto& [number, connection] : connections_) {
            if (connection->listener() == bound->config.name) open.emplace_back(connection);
        }
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (const auto connection = open[i].lock()) connection->close_unless_trusted();
            // A signature takes a fifth of a millisecond: others go on in between.
            if (i % kTrustAtOnce == kTrustAtOnce - 1 && !co_await tasks_.sleep(1ms)) co_return;
        }
    }
}

Task<void> Server::accept_on(Bound* bound) {
    while (!tasks_.stopping()) {
        auto stream = co_await bound->listener->accept();
        if (stream) {
            admit(*bound, *std::move(stream));
            continue;
        }
        if (stream.error().is_stopped()) co_return;
        log_.warning(
            "accept failed", {{"listener", bound->config.name}, {"error", stream.error()}}
        );
        if (!co_await tasks_.sleep(kAcceptRetry)) co_return;
    }
}

std::string_view Server::limit_reached(const Bound& bound, const std::string& ip) const {
    const ServerLimits& limits = config_.limits;
    if (connections_.size() >= limits.max_connections) return "max.connections";
    const auto own = per_ip_.find(ip);
    if (own != per_ip_.end() && own->second >= limits.max_connections_per_ip) {
        return "max.connections.per.ip";
    }
    const bool waits = bound.config.sasl.has_value();
    if (waits && figures_.unauthenticated >= config_.sasl_limits.max_unauthenticated) {
        return "sealane.sasl.max.unauthenticated.connections";
    }
    return {};
}

bool Server::delays(
    const Bound& bound, const std::string& ip, std::unique_ptr<runtime::Stream>& stream
) {
    const bool of_nodes =
        bound_.size() > 1 && bound.config.name == config_.inter_broker_listener().name;
    if (of_nodes) return false;
    const Duration rest = ports_.connection_rest ? ports_.connection_rest(ip) : Duration::zero();
    if (rest <= Duration::zero()) return false;
    ++figures_.throttled_connections;
    if (delayed_ >= kMostDelayed) {
        stream->close();
        return true;
    }
    ++delayed_;
    auto held = std::shared_ptr<runtime::Stream>(std::move(stream));
    tasks_.spawn([this, held, rest]() -> Task<void> {
        (void)co_await tasks_.sleep(std::min(rest, kLongestDelay));
        held->close();
        --delayed_;
    });
    return true;
}

void Server::admit(const Bound& bound, std::unique_ptr<runtime::Stream> stream) {
    const std::string ip = ip_of(stream->peer());
    ++figures_.accepted;
    const std::string_view limit = limit_reached(bound, ip);
    if (!limit.empty()) {
        ++figures_.refused;
        log_.warning(
            "connection refused: too many",
            {{"peer", stream->peer().address}, {"limit", limit}, {"open", connections_.size()}}
        );
        stream->close();
        return;
    }
    if (delays(bound, ip, stream)) return;
    ++per_ip_[ip];
    const std::uint64_t number = next_number_++;
    auto connection =
        std::make_shared<Connection>(shared_, std::move(stream), bound.config, number);
    connections_.emplace(number, connection);
    figures_.open = connections_.size();
    tasks_.spawn([this, connection, number, ip]() -> Task<void> {
        co_await connection->run();
        connections_.erase(number);
        closed_(number);
        figures_.open = connections_.size();
        if (const auto count = per_ip_.find(ip); --count->second == 0) per_ip_.erase(count);
        closed_one_.notify_all();
    });
}

Task<void> Server::drain(Duration grace) {
    for (const auto& bound : bound_) bound->listener->close();
    for (const auto& [number, connection] : connections_) connection->finish();
    const Instant deadline = world_.now() + grace;
    while (!connections_.empty() && world_.now() < deadline) {
        (void)co_await closed_one_.wait_until(deadline);
    }
}

Task<void> Server::stop() {
    for (const auto& bound : bound_) bound->listener->close();
    for (const auto& [number, connection] : connections_) connection->close();
    co_await tasks_.stop_and_join();
}

std::optional<runtime::Endpoint> Server::endpoint(std::string_view listener) const {
    for (const auto& bound : bound_) {
        if (bound->config.name == listener) return bound->listener->local();
    }
    return std::nullopt;
}

void Server::collect_security(runtime::MetricSink& sink) const {
    const auto number = [](auto value) { return static_cast<double>(value); };
    sink.gauge(
        "sealane_server_unauthenticated_connections",
        "Open connections that have not proved yet who they are.",
        number(figures_.unauthenticated)
    );
    sink.counter(
        "sealane_server_authentications_total",
        "SASL authentications that succeeded.",
        number(figures_.authentications)
    );
    sink.counter(
        "sealane_server_failed_authentications_total",
        "SASL authentications, and mappings of certificates, that failed.",
        number(figures_.failed_authentications)
    );
    sink.counter(
        "sealane_server_expired_sessions_total",
        "Connections closed because their session was over.",
        number(figures_.expired_sessions)
    );
    sink.counter(
        "sealane_server_revoked_connections_total",
        "Connections ended because their certificates were revoked meanwhile.",
        number(figures_.revoked_connections)
    );
    sink.counter(
        "sealane_server_throttled_connections_total",
        "Connections refused by a quota of their address.",
        number(figures_.throttled_connections)
    );
}

void Server::collect(runtime::MetricSink& sink) const {
    const auto number = [](auto value) { return static_cast<double>(value); };
    sink.gauge("sealane_server_connections", "Open client connections.", number(figures_.open));
    sink.counter(
        "sealane_server_accepted_total", "Connections accepted.", number(figures_.accepted)
    );
    sink.counter(
        "sealane_server_refused_total", "Connections over a limit.", number(figures_.refused)
    );
    sink.counter(
        "sealane_server_failed_handshakes_total",
        "TLS handshakes that failed.",
        number(figures_.failed_handshakes)
    );
    sink.counter(
        "sealane_server_bad_frames_total",
        "Connections closed because of what they sent.",
        number(figures_.bad_frames)
    );
    collect_security(sink);
    sink.counter("sealane_server_stalled_total", "Connections too slow.", number(figures_.stalled));
    sink.counter(
        "sealane_server_received_bytes_total", "Bytes of requests.", number(figures_.bytes_in)
    );
    sink.counter(
        "sealane_server_sent_bytes_total", "Bytes of replies.", number(figures_.bytes_out)
    );
    sink.counter(
        "sealane_server_writes_total", "Writes that carried replies.", number(figures_.writes)
    );
    sink.gauge("sealane_server_in_flight_bytes", "Bytes of requests held.", number(budget_.used()));
    for (const auto& [key, count] : figures_.requests) {
        sink.counter(
            "sealane_server_requests_total",
            "Requests by API.",
            number(count),
            {{"api", std::string(kafka::name_of(kafka::ApiKey{key}))}}
        );
    }
}

}  // namespace sealane::broker
