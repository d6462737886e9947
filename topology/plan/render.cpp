#include "topology/plan/render.hpp"

#include "common/config/yaml.hpp"
#include "topology/model/identity_files.hpp"
#include "topology/model/quorum.hpp"

#include <algorithm>

namespace sealane::topology {

namespace {

using config::yaml_quote;

constexpr std::size_t kUnixPathMax = 107;  // sun_path of unix(7), without its NUL
constexpr std::string_view kInternalTopics = "__*";

std::string resolved(const std::string& path, const RenderOptions& options) {
    if (options.base_dir.empty() || path.starts_with('/')) return path;
    return options.base_dir + "/" + path;
}

// "[a, b]"
std::string list_of(const std::vector<std::string>& values) {
    std::string out = "[";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ", ";
        out += yaml_quote(values[i]);
    }
    return out + "]";
}

std::string list_of(const std::vector<Text>& values) {
    std::vector<std::string> plain;
    for (const Text& value : values) plain.push_back(value.value);
    return list_of(plain);
}

std::string_view name_of(ClientAuth auth) {
    switch (auth) {
        case ClientAuth::kNone:
            return "none";
        case ClientAuth::kRequested:
            return "requested";
        case ClientAuth::kRequired:
            return "required";
    }
    return "required";
}

// The lines of a "tls:" mapping, each indented by `indent`.
std::string tls_block(
    const Domain& domain,
    const IdentityFiles& files,
    const std::string& indent,
    const RenderOptions& options
) {
    const auto file = [&](const std::string& path) { return yaml_quote(resolved(path, options)); };
    return indent + "tls:\n" +  //
           indent + "  domain: " + yaml_quote(domain.name.value) + "\n" + indent +
           "  ca: " + file(files.ca) + "\n" + indent + "  certificate: " + file(files.certificate) +
           "\n" + indent + "  key: " + file(files.key) + "\n";
}

std::string listener_block(
    const Domain& domain,
    const Broker& broker,
    const Listener& listener,
    const RenderOptions& options
) {
    const HostPort address = listener.address.value_or(HostPort{"127.0.0.1", 0});
    std::string out = "  - name: " + yaml_quote(listener.name.value) + "\n" +
                      "    address: " + yaml_quote(address.to_string()) + "\n";
    if (listener.advertised)
        out += "    advertised: " + yaml_quote(listener.advertised->to_string()) + "\n";
    if (listener.security == ListenerSecurity::kTls) {
        out += tls_block(domain, broker_identity(domain, broker), "    ", options);
        out += "      client.auth: " + std::string(name_of(listener.client_auth)) + "\n";
    }
    return out;
}

// What makes one broker of several: the cluster's id and how its nodes find and know each other.
// Every node votes or may come to vote later, so process.roles stays at both.
Result<std::string> quorum_block(
    const Topology& topology, const Cluster& cluster, const Broker& broker
) {
    std::vector<std::string> voters;
    for (const std::int32_t id : voters_of(cluster)) {
        const auto voter = std::ranges::find(cluster.brokers, id, &Broker::id);
        const Listener* listener =
            voter == cluster.brokers.end() ? nullptr : inter_broker_listener(cluster, *voter);
        if (listener == nullptr) {
            return fail(
                ErrorCode::kBadConfig,
                "voter " + std::to_string(id) + " of cluster " + cluster.name.value +
                    " has no listener '" + inter_broker_listener(cluster) + "'"
            );
        }
        const auto address = reachable_address(*listener);
        if (!address) {
            return fail(
                ErrorCode::kBadConfig,
                "the address of broker " + std::to_string(id) + " of cluster " +
                    cluster.name.value +
                    " must be known before the brokers start; give its listener " +
                    listener->name.value + " a port"
            );
        }
        voters.push_back(std::to_string(id) + "@" + address->to_string());
    }
    std::string out = "cluster.id: " + yaml_quote(cluster_id_of(topology, cluster)) + "\n";
    if (!broker.rack.empty()) out += "broker.rack: " + yaml_quote(broker.rack) + "\n";
    out += "controller.quorum.voters: " + list_of(voters) + "\n";
    out += "inter.broker.listener.name: " + yaml_quote(inter_broker_listener(cluster)) + "\n";
    out += "broker.principals: " + list_of(broker_principals(topology, cluster)) + "\n";
    return out;
}

Result<std::string> broker_file(
    const Topology& topology,
    const Cluster& cluster,
    const Broker& broker,
    const RenderOptions& options
) {
    const Domain& domain = *topology.find_domain(cluster.domain.value);
    std::vector<std::string> super_users = domain.admins;
    super_users.push_back(operator_identity(domain).principal);
    // Without TLS nobody has a name; the mirror is whoever comes.
    const std::string mirror =
        cluster.has_tls_listener() ? mirror_identity(domain).principal : "User:ANONYMOUS";
    std::string out = "# Cluster " + cluster.name.value + ", broker " + std::to_string(broker.id) +
                      ". Rendered from topology " + topology.name.value + ".\n";
    out += "node.id: " + std::to_string(broker.id) + "\n";
    if (cluster.brokers.size() > 1) {
        SEALANE_TRY(const std::string quorum, quorum_block(topology, cluster, broker));
        out += quorum;
    } else if (cluster.cluster_id) {
        out += "cluster.id: " + yaml_quote(cluster.cluster_id->value) + "\n";
    }
    out +=
        "log.dir: " + yaml_quote(resolved(topology.data_dir_of(cluster, broker), options)) + "\n";
    out += "listeners:\n";
    for (const Listener& listener : broker.listeners)
        out += listener_block(domain, broker, listener, options);
    out += "super.users: " + list_of(super_users) + "\n";
    out += "mirror.principals: " + list_of(std::vector<std::string>{mirror}) + "\n";
    const HostPort admin = broker.admin.value_or(HostPort{"127.0.0.1", 0});
    out += "admin.address: " + yaml_quote(admin.to_string()) + "\n";
    for (const BrokerOption& option : cluster.options)
        out += yaml_quote(option.key.value) + ": " + yaml_quote(option.value) + "\n";
    return out;
}

Result<const Cluster*> renderable_cluster(const Topology& topology, std::string_view name) {
    const Cluster* cluster = topology.find_cluster(name);
    if (cluster == nullptr)
        return fail(ErrorCode::kNotFound, "there is no cluster '" + std::string(name) + "'");
    if (cluster->kind == ClusterKind::kKafka) {
        return fail(
            ErrorCode::kUnsupported,
            "cluster '" + std::string(name) + "' is Apache Kafka; its brokers are configured there"
        );
    }
    if (topology.find_domain(cluster->domain.value) == nullptr)
        return fail(ErrorCode::kNotFound, "there is no domain '" + cluster->domain.value + "'");
    return cluster;
}

// The listener that mirrors use: TLS where there is one.
const Listener* mirror_listener(const Broker& broker) {
    const auto tls = std::ranges::find(
        broker.listeners, ListenerSecurity::kTls, [](const Listener& l) { return l.security; }
    );
    if (tls != broker.listeners.end()) return &*tls;
    return broker.listeners.empty() ? nullptr : &broker.listeners.front();
}

Result<std::vector<std::string>> bootstrap_of(const Cluster& cluster) {
    std::vector<std::string> addresses;
    for (const HostPort& address : cluster.bootstrap) addresses.push_back(address.to_string());
    for (const Broker& broker : cluster.brokers) {
        const Listener* listener = mirror_listener(broker);
        if (listener == nullptr) continue;
        const auto& address = listener->advertised ? listener->advertised : listener->address;
        if (!address || address->port == 0) {
            return fail(
                ErrorCode::kBadConfig,
                "the address of broker " + std::to_string(broker.id) + " of cluster " +
                    cluster.name.value + " is not known yet; start it first, or give it a port"
            );
        }
        addresses.push_back(address->to_string());
    }
    return addresses;
}

Result<std::string> cluster_block(
    const Domain& domain, const Cluster& cluster, const RenderOptions& options
) {
    SEALANE_TRY(const auto bootstrap, bootstrap_of(cluster));
    std::string out = "  - name: " + yaml_quote(cluster.name.value) + "\n" +
                      "    bootstrap: " + list_of(bootstrap) + "\n";
    if (cluster.has_tls_listener())
        out += tls_block(domain, mirror_identity(domain), "    ", options);
    return out;
}

std::string selection(const std::vector<Text>& include, const std::vector<Text>& exclude) {
    return "{include: " + list_of(include) + ", exclude: " + list_of(exclude) + "}\n";
}

enum class Role { kConsumer, kProducer };

std::string half_block(
    const Topology& topology, const Link& link, Role role, const RenderOptions& options
) {
    const bool producer = role == Role::kProducer;
    std::vector<Text> exclude = link.topics.exclude;
    // A cluster's own bookkeeping never leaves it.
    exclude.push_back({std::string(kInternalTopics), {}});
    std::string out = "  - link: " + yaml_quote(link.name.value) + "\n";
    out += std::string("    role: ") + (producer ? "producer" : "consumer") + "\n";
    out += "    cluster: " + yaml_quote(producer ? link.to.value : link.from.value) + "\n";
    out += "    socket: " + yaml_quote(link_socket(topology, link, options)) + "\n";
    out += "    kind: " + std::string(name_of(link.kind)) + "\n";
    out += "    topics: " + selection(link.topics.include, exclude);
    if (!link.groups.include.empty())
        out += "    groups: " + selection(link.groups.include, link.groups.exclude);
    if (!producer) return out;
    out += "    queue.bytes: " + std::to_string(link.queue_bytes) + "\n";
    out += "    on.gap: " + std::string(name_of(link.on_gap)) + "\n";
    if (!link.group_prefix.empty())
        out += "    group.prefix: " + yaml_quote(link.group_prefix) + "\n";
    if (link.kind == LinkKind::kAggregate)
        out += "    target.topic: " + yaml_quote(link.target_topic) + "\n";
    return out;
}

struct Halves {
    std::vector<const Cluster*> clusters;  // in file order
    std::string blocks;
};

Result<Halves> halves_of(
    const Topology& topology, std::string_view domain, const RenderOptions& options
) {
    Halves halves;
    for (const Link& link : topology.links) {
        if (link_socket(topology, link, options).size() > kUnixPathMax + 5) {
            return fail(
                ErrorCode::kBadConfig,
                "the socket's path of link " + link.name.value + " is longer than " +
                    std::to_string(kUnixPathMax) + " characters; shorten paths.run"
            );
        }
        for (const Role role : {Role::kConsumer, Role::kProducer}) {
            const Text& end = role == Role::kConsumer ? link.from : link.to;
            const Cluster* cluster = topology.find_cluster(end.value);
            if (cluster == nullptr || cluster->domain.value != domain) continue;
            if (std::ranges::find(halves.clusters, cluster) == halves.clusters.end())
                halves.clusters.push_back(cluster);
            halves.blocks += half_block(topology, link, role, options);
        }
    }
    return halves;
}

}  // namespace

Result<std::string> render_broker(
    const Topology& topology,
    std::string_view cluster,
    std::int32_t broker_id,
    const RenderOptions& options
) {
    SEALANE_TRY(const Cluster* found, renderable_cluster(topology, cluster));
    for (const Broker& broker : found->brokers) {
        if (broker.id == broker_id) return broker_file(topology, *found, broker, options);
    }
    return fail(
        ErrorCode::kNotFound,
        "cluster '" + std::string(cluster) + "' has no broker " + std::to_string(broker_id)
    );
}

Result<std::vector<RenderedFile>> render_brokers(
    const Topology& topology, const RenderOptions& options
) {
    std::vector<RenderedFile> files;
    for (const Cluster& cluster : topology.clusters) {
        if (cluster.kind == ClusterKind::kKafka) continue;
        SEALANE_CHECK(renderable_cluster(topology, cluster.name.value));
        for (const Broker& broker : cluster.brokers) {
            SEALANE_TRY(std::string content, broker_file(topology, cluster, broker, options));
            files.push_back(
                {cluster.name.value + "-" + std::to_string(broker.id), std::move(content)}
            );
        }
    }
    return files;
}

Result<std::string> render_mirror(
    const Topology& topology, std::string_view domain, const RenderOptions& options
) {
    const Domain* owner = topology.find_domain(domain);
    if (owner == nullptr)
        return fail(ErrorCode::kNotFound, "there is no domain '" + std::string(domain) + "'");
    SEALANE_TRY(const Halves halves, halves_of(topology, domain, options));
    if (halves.clusters.empty()) {
        return fail(ErrorCode::kNotFound, "no link touches domain '" + std::string(domain) + "'");
    }
    const auto process = std::ranges::find_if(topology.mirrors, [&](const MirrorProcess& mirror) {
        return mirror.domain == domain;
    });
    const bool described = process != topology.mirrors.end();
    const std::string data = described && process->data_dir
                                 ? process->data_dir->value
                                 : topology.paths.data + "/mirror-" + owner->name.value;
    const HostPort admin =
        described ? process->admin.value_or(HostPort{"127.0.0.1", 0}) : HostPort{"127.0.0.1", 0};
    std::string out = "# Mirror of domain " + owner->name.value + ". Rendered from topology " +
                      topology.name.value + ".\n";
    out += "domain: " + yaml_quote(owner->name.value) + "\n";
    out += "data.dir: " + yaml_quote(resolved(data, options)) + "\n";
    out += "admin.address: " + yaml_quote(admin.to_string()) + "\n";
    out += "clusters:\n";
    for (const Cluster* cluster : halves.clusters) {
        SEALANE_TRY(const std::string block, cluster_block(*owner, *cluster, options));
        out += block;
    }
    return out + "halves:\n" + halves.blocks;
}

std::vector<std::string> mirror_domains(const Topology& topology) {
    std::vector<std::string> domains;
    for (const Domain& domain : topology.domains) {
        const bool touched = std::ranges::any_of(topology.links, [&](const Link& link) {
            return topology.domain_of(link.from.value) == domain.name.value ||
                   topology.domain_of(link.to.value) == domain.name.value;
        });
        if (touched) domains.push_back(domain.name.value);
    }
    return domains;
}

std::string link_socket(const Topology& topology, const Link& link, const RenderOptions& options) {
    std::string file = link.name.value;
    // '+' is no letter of names, so that two links never meet in one socket.
    std::ranges::replace(file, '>', '+');
    return "unix:" + resolved(topology.paths.run, options) + "/" + file + ".sock";
}

}  // namespace sealane::topology
