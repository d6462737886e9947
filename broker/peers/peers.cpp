#include "broker/peers/peers.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

Peers::Peers(runtime::World& world, PeerOptions options)
    : world_(world), options_(std::move(options)), tasks_(world), settled_(world.waits()) {}

Task<void> Peers::stop() {
    tasks_.stop();
    for (const auto& [key, link] : links_) {
        if (link->connection) link->connection->close();
        link->changed.notify_all();
    }
    settled_.notify_all();
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

Task<bool> Peers::refuses_connections(BrokerId node, Instant deadline) {
    const auto at = endpoint(node);
    if (!at) co_return false;
    // Plain: a process that is there accepts before it speaks TLS.
    const auto opened = co_await world_.network().connect(*at, std::nullopt, deadline);
    if (opened) (*opened)->close();
    co_return !opened && opened.error().code() == ErrorCode::kConnectionRefused;
}

void Peers::note(BrokerId node, const std::optional<Error>& error) {
    if (!error) {
        answering_.insert(node);
        return give_up(node);
    }
    const bool broken = error->code() == ErrorCode::kConnectionReset ||
                        error->code() == ErrorCode::kConnectionRefused ||
                        error->code() == ErrorCode::kEndOfStream;
    if (!broken || error->detail() == kClosedHere) return;
    if (answering_.erase(node) != 0) vanished_.insert_or_assign(node, world_.now());
}

void Peers::give_up(BrokerId node) {
    if (vanished_.erase(node) != 0) settled_.notify_all();
}

Task<void> Peers::wait_for_vanished(Duration patience, std::function<bool(BrokerId)> matters) {
    while (!tasks_.stopping()) {
        const Instant now = world_.now();
        Instant until = now;
        for (const auto& [node, since] : vanished_) {
            if (matters(node)) until = std::max(until, since + patience);
        }
        if (until <= now) co_return;
        (void)co_await settled_.wait_until(until);
    }
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
