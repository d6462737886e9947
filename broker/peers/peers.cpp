#include "broker/peers/peers.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

Peers::Peers(runtime::World& world, PeerOptions options)
    : world_(world), options_(std::move(options)), tasks_(world) {}

Task<void> Peers::stop() {
    tasks_.stop();
    for (const auto& [key, link] : links_) {
        if (link->connection) link->connection->close();
        link->changed.notify_all();
    }
    co_await tasks_.join();
}

void Peers::set_endpoint(BrokerId node, runtime::Endpoint endpoint) {
    auto& known = endpoints_[node];
    if (known == endpoint) return;
    for (const auto& [key, link] : links_) {
        if (key.first == known && link->connection) link->connection->close();
    }
    known = std::move(endpoint);
}

void Peers::disconnect(BrokerId node, PeerLane lane) {
    const auto at = endpoint(node);
    if (!at) return;
    const auto found = links_.find(LinkKey{*at, lane});
    if (found != links_.end() && found->second->connection) found->second->connection->close();
}

std::optional<runtime::Endpoint> Peers::endpoint(BrokerId node) const {
    const auto found = endpoints_.find(node);
    if (found == endpoints_.end()) return std::nullopt;
    return found->second;
}

std::unexpected<Error> Peers::unknown(BrokerId node) {
    return fail(
        ErrorCode::kNotFound, "nobody knows the address of node " + std::to_string(node.value)
    );
}

Task<Result<std::shared_ptr<client::Connection>>> Peers::connection(
    runtime::Endpoint to, PeerLane lane, Instant deadline
) {
    const LinkKey key{std::move(to), lane};
    auto& slot = links_[key];
    if (!slot) slot = std::make_shared<Link>(world_.waits());
    const std::shared_ptr<Link> link = slot;
    if (tasks_.stopping()) co_return fail(Error::stopped());
    if (link->connection && link->connection->is_open()) co_return link->connection;
    if (!link->connecting) {
        link->connecting = true;
        const Instant until = std::min(deadline, world_.now() + options_.connect_timeout);
        tasks_.spawn([this, key, until] { return connect(key, until); });
    }
    while (link->connecting && !tasks_.stopping()) {
        if (co_await link->changed.wait_until(deadline) || !link->connecting) continue;
        co_return fail(ErrorCode::kDeadlineExceeded, "connecting to " + key.first.to_string());
    }
    if (tasks_.stopping()) co_return fail(Error::stopped());
    if (link->connection && link->connection->is_open()) co_return link->connection;
    co_return fail(
        link->last_error.value_or(Error(ErrorCode::kConnectionReset, key.first.to_string()))
    );
}

// Shared by everyone who waits for the lane; the first one's patience counts.
Task<void> Peers::connect(LinkKey key, Instant deadline) {
    const std::shared_ptr<Link> link = links_.at(key);
    client::ConnectionOptions options;
    options.client_id = options_.client_id;
    auto opened = co_await client::Connection::open(
        client::ConnectionSetup{world_, tasks_, key.first, options_.tls, std::move(options)},
        deadline
    );
    link->connecting = false;
    if (opened && tasks_.stopping()) {
        (*opened)->close();
    } else if (opened) {
        link->connection = *std::move(opened);
        link->last_error.reset();
    } else {
        link->last_error = opened.error();
    }
    link->changed.notify_all();
}

}  // namespace sealane::broker
