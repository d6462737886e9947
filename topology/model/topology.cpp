#include "topology/model/topology.hpp"

#include <algorithm>

namespace sealane::topology {

namespace {

// The first element whose name is `name`.
template <class Things>
auto* find_named(Things& things, std::string_view name) {
    const auto found =
        std::ranges::find_if(things, [&](const auto& thing) { return thing.name == name; });
    return found == things.end() ? nullptr : &*found;
}

}  // namespace

bool Selection::selects(std::string_view name) const {
    const auto matches = [&](const Text& pattern) {
        return config::glob_matches(pattern.value, name);
    };
    return std::ranges::any_of(include, matches) && std::ranges::none_of(exclude, matches);
}

bool Cluster::has_tls_listener() const {
    if (kind == ClusterKind::kKafka) return security == ListenerSecurity::kTls;
    return std::ranges::any_of(brokers, [](const Broker& broker) {
        return std::ranges::any_of(broker.listeners, [](const Listener& listener) {
            return listener.security == ListenerSecurity::kTls;
        });
    });
}

const Domain* Topology::find_domain(std::string_view domain) const {
    return find_named(domains, domain);
}
const Datacenter* Topology::find_datacenter(std::string_view datacenter) const {
    return find_named(datacenters, datacenter);
}
const Cluster* Topology::find_cluster(std::string_view cluster) const {
    return find_named(clusters, cluster);
}
Cluster* Topology::find_cluster(std::string_view cluster) {
    return find_named(clusters, cluster);
}
const Link* Topology::find_link(std::string_view link) const {
    return find_named(links, link);
}

std::string_view Topology::domain_of(std::string_view cluster) const {
    const Cluster* found = find_cluster(cluster);
    return found == nullptr ? std::string_view() : std::string_view(found->domain.value);
}

std::string Topology::data_dir_of(const Cluster& cluster, const Broker& broker) const {
    if (broker.data_dir) return broker.data_dir->value;
    return paths.data + "/" + cluster.name.value + "-" + std::to_string(broker.id);
}

std::string_view name_of(ClusterKind kind) {
    return kind == ClusterKind::kSealane ? "sealane" : "kafka";
}
std::string_view name_of(LinkKind kind) {
    return kind == LinkKind::kReplica ? "replica" : "aggregate";
}
std::string_view name_of(OnGap policy) {
    return policy == OnGap::kStop ? "stop" : "ledger";
}

}  // namespace sealane::topology
