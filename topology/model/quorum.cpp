#include "topology/model/quorum.hpp"

#include "common/base/ids.hpp"
#include "common/base/rng.hpp"
#include "topology/model/identity_files.hpp"

#include <algorithm>

namespace sealane::topology {

namespace {

// FNV-1a, spread over 128 bits by splitmix64: stable for ever, no protection against malice (ids
// guard against mistakes, certificates against malice).
Uuid id_from(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3ULL;
    }
    Rng spread(hash);
    Uuid id;
    for (std::size_t half = 0; half < 2; ++half) {
        const std::uint64_t bits = spread.next();
        for (std::size_t i = 0; i < 8; ++i)
            id.bytes[half * 8 + i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
    return id;
}

}  // namespace

std::string cluster_id_of(const Topology& topology, const Cluster& cluster) {
    if (cluster.cluster_id) return cluster.cluster_id->value;
    return id_from(topology.name.value + "/" + cluster.name.value).to_string();
}

std::vector<std::int32_t> voters_of(const Cluster& cluster) {
    if (!cluster.voters.empty()) return cluster.voters;
    std::size_t count = std::min(cluster.brokers.size(), kVotersMax);
    if (count > 0 && count % 2 == 0) --count;
    std::vector<std::int32_t> voters;
    for (std::size_t i = 0; i < count; ++i) voters.push_back(cluster.brokers[i].id);
    return voters;
}

std::string inter_broker_listener(const Cluster& cluster) {
    if (cluster.brokers.empty() || cluster.brokers.front().listeners.empty()) return {};
    const auto& listeners = cluster.brokers.front().listeners;
    const auto tls = std::ranges::find(listeners, ListenerSecurity::kTls, &Listener::security);
    return (tls != listeners.end() ? *tls : listeners.front()).name.value;
}

const Listener* inter_broker_listener(const Cluster& cluster, const Broker& broker) {
    const std::string name = inter_broker_listener(cluster);
    for (const Listener& listener : broker.listeners) {
        if (listener.name.value == name) return &listener;
    }
    return nullptr;
}

std::optional<HostPort> reachable_address(const Listener& listener) {
    const auto& address = listener.advertised ? listener.advertised : listener.address;
    if (!address || address->port == 0) return std::nullopt;
    return address;
}

std::vector<std::string> broker_principals(const Topology& topology, const Cluster& cluster) {
    const Domain* domain = topology.find_domain(cluster.domain.value);
    std::vector<std::string> principals;
    for (const Broker& broker : cluster.brokers) {
        const Listener* listener = inter_broker_listener(cluster, broker);
        if (listener == nullptr || domain == nullptr) continue;
        // Without TLS nobody has a name; the other brokers are whoever comes.
        const std::string principal = listener->security == ListenerSecurity::kTls
                                          ? broker_identity(*domain, broker).principal
                                          : "User:ANONYMOUS";
        if (std::ranges::find(principals, principal) == principals.end())
            principals.push_back(principal);
    }
    return principals;
}

}  // namespace sealane::topology
