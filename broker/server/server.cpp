#include "broker/server/server.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr Duration kAcceptRetry = 100ms;  // out of file descriptors: nothing to wait for but time

std::string ip_of(const runtime::Peer& peer) {
    return peer.address.substr(0, peer.address.rfind(':'));
}
}  // namespace

Server::Server(runtime::World& world, const BrokerConfig& config, const ApiRegistry& registry)
    : world_(world),
      config_(config),
      log_(world.log("broker.server")),
      budget_(world, config.limits.in_flight_bytes),
      tasks_(world),
      shared_{
          .world = world,
          .registry = registry,
          .limits = config.limits,
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

void Server::admit(const Bound& bound, std::unique_ptr<runtime::Stream> stream) {
    const std::string ip = ip_of(stream->peer());
    const ServerLimits& limits = config_.limits;
    ++figures_.accepted;
    const bool all_full = connections_.size() >= limits.max_connections;
    if (all_full || per_ip_[ip] >= limits.max_connections_per_ip) {
        ++figures_.refused;
        log_.warning(
            "connection refused: too many",
            {{"peer", stream->peer().address},
             {"limit", all_full ? "max.connections" : "max.connections.per.ip"},
             {"open", connections_.size()}}
        );
        if (per_ip_[ip] == 0) per_ip_.erase(ip);
        stream->close();
        return;
    }
    ++per_ip_[ip];
    const std::uint64_t number = next_number_++;
    auto connection =
        std::make_shared<Connection>(shared_, std::move(stream), bound.config.name, number);
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
