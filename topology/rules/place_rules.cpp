// Addresses, folders and datacenters: what cannot be in one place.

#include "topology/rules/file_paths.hpp"
#include "topology/rules/rule_functions.hpp"

namespace sealane::topology {

namespace {

struct Claim {
    std::string who;
    std::string what;  // a path, or empty for addresses
    HostPort address;
    Mark mark;
};

bool is_any(const std::string& host) {
    return host == "0.0.0.0" || host == "::";
}

bool is_loopback(const std::string& host) {
    return host.starts_with("127.") || host == "localhost" || host == "::1";
}

bool collide(const HostPort& a, const HostPort& b) {
    if (a.port == 0 || a.port != b.port) return false;
    if (a.host == b.host) return true;
    // A wildcard takes the port on its own machine; only loopback is surely that machine's.
    return (is_any(a.host) && (is_any(b.host) || is_loopback(b.host))) ||
           (is_any(b.host) && is_loopback(a.host));
}

std::string name_of_broker(const Cluster& cluster, const Broker& broker) {
    return "broker " + cluster.name.value + "-" + std::to_string(broker.id);
}

std::vector<Claim> claimed_addresses(const Topology& topology) {
    std::vector<Claim> claims;
    for (const Cluster& cluster : topology.clusters) {
        for (const Broker& broker : cluster.brokers) {
            const std::string who = name_of_broker(cluster, broker);
            for (const Listener& listener : broker.listeners) {
                if (!listener.address) continue;
                claims.push_back(
                    {who + ", listener " + listener.name.value,
                     {},
                     *listener.address,
                     listener.address_mark}
                );
            }
            if (broker.admin)
                claims.push_back({who + ", admin", {}, *broker.admin, broker.admin_mark});
        }
    }
    for (const MirrorProcess& mirror : topology.mirrors) {
        if (!mirror.admin) continue;
        claims.push_back(
            {"mirror " + mirror.domain.value + ", admin", {}, *mirror.admin, mirror.admin_mark}
        );
    }
    return claims;
}

std::vector<Claim> claimed_folders(const Topology& topology) {
    std::vector<Claim> claims;
    for (const Cluster& cluster : topology.clusters) {
        for (const Broker& broker : cluster.brokers) {
            claims.push_back(
                {name_of_broker(cluster, broker),
                 normal_path(topology.data_dir_of(cluster, broker)),
                 {},
                 broker.data_dir ? broker.data_dir->mark : broker.mark}
            );
        }
    }
    for (const MirrorProcess& mirror : topology.mirrors) {
        if (!mirror.data_dir) continue;
        claims.push_back(
            {"mirror " + mirror.domain.value,
             normal_path(mirror.data_dir->value),
             {},
             mirror.data_dir->mark}
        );
    }
    return claims;
}

}  // namespace

void judge_addresses(Judgement& judgement) {
    const std::vector<Claim> claims = claimed_addresses(judgement.topology());
    for (std::size_t later = 0; later < claims.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            if (!collide(claims[later].address, claims[earlier].address)) continue;
            judgement.find(
                claims[later].mark,
                claims[later].who,
                claims[later].address.to_string() + " is taken by " + claims[earlier].who,
                "choose another port"
            );
            break;
        }
    }
}

void judge_data_dirs(Judgement& judgement) {
    const std::vector<Claim> claims = claimed_folders(judgement.topology());
    for (std::size_t later = 0; later < claims.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const Claim& here = claims[later];
            const Claim& there = claims[earlier];
            if (!lies_within(here.what, there.what) && !lies_within(there.what, here.what))
                continue;
            if (here.who == there.who) continue;  // a repeated id, another rule's
            judgement.find(
                here.mark,
                here.who,
                "its data folder " + here.what + " is not apart from " + there.what + " of " +
                    there.who,
                "give each a folder of its own"
            );
            break;
        }
    }
}

void judge_plain_listeners(Judgement& judgement) {
    for (const Cluster& cluster : judgement.topology().clusters) {
        for (const Broker& broker : cluster.brokers) {
            for (const Listener& listener : broker.listeners) {
                if (listener.security != ListenerSecurity::kPlain || !listener.address) continue;
                if (is_loopback(listener.address->host)) continue;
                judgement.find(
                    listener.address_mark,
                    name_of_broker(cluster, broker) + ", listener " + listener.name.value,
                    "is plain and reachable at " + listener.address->to_string(),
                    "bind it to 127.0.0.1, or use tls: domain"
                );
            }
        }
    }
}

void judge_standby_places(Judgement& judgement) {
    const Topology& topology = judgement.topology();
    for (const Link& link : topology.links) {
        const Cluster* source = topology.find_cluster(link.from.value);
        const Cluster* target = topology.find_cluster(link.to.value);
        if (link.kind != LinkKind::kReplica || source == nullptr || target == nullptr) continue;
        const std::string& place = source->datacenter.value;
        if (source == target || place.empty() || place != target->datacenter.value) continue;
        judgement.find(
            link.to.mark,
            "link " + link.name.value,
            "source and standby both stand in datacenter " + place,
            "put the standby into another datacenter"
        );
    }
}

}  // namespace sealane::topology
