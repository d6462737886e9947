#include "topology/model/parse.hpp"

#include "common/base/ids.hpp"
#include "common/config/object_reader.hpp"
#include "common/config/yaml.hpp"

#include <algorithm>

namespace sealane::topology {

constexpr auto config_names(ClusterKind) {
    return std::array{
        config::EnumName{ClusterKind::kSealane, "sealane"},
        config::EnumName{ClusterKind::kKafka, "kafka"},
    };
}
constexpr auto config_names(LinkKind) {
    return std::array{
        config::EnumName{LinkKind::kReplica, "replica"},
        config::EnumName{LinkKind::kAggregate, "aggregate"},
    };
}
constexpr auto config_names(OnGap) {
    return std::array{
        config::EnumName{OnGap::kStop, "stop"}, config::EnumName{OnGap::kLedger, "ledger"}
    };
}
constexpr auto config_names(ListenerSecurity) {
    return std::array{
        config::EnumName{ListenerSecurity::kPlain, "none"},
        config::EnumName{ListenerSecurity::kTls, "domain"},
    };
}
constexpr auto config_names(ClientAuth) {
    return std::array{
        config::EnumName{ClientAuth::kNone, "none"},
        config::EnumName{ClientAuth::kRequested, "requested"},
        config::EnumName{ClientAuth::kRequired, "required"},
    };
}

}  // namespace sealane::topology

template <>
struct sealane::config::Codec<sealane::topology::Text> {
    static bool read(const ValueSite& site, const Limits& limits, topology::Text& out) {
        out.mark = site.node.mark;
        return read_string(site, limits, out.value);
    }
};

namespace sealane::topology {

namespace {

using config::Node;
using config::ObjectReader;

constexpr std::size_t kNameMax = 64;
constexpr std::size_t kPatternMax = 249;  // Kafka's bound on topic names

// Names become file names, metric labels and parts of certificates' subjects.
bool is_name(std::string_view text, std::string_view beyond) {
    if (text.empty() || text.size() > kNameMax || text.front() == '.' || text.front() == '-')
        return false;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool digit = c >= '0' && c <= '9';
        if (!letter && !digit && c != '-' && c != '_' && c != '.' && !beyond.contains(c))
            return false;
    }
    return true;
}

void check_name(ObjectReader& r, std::string_view key, const Text& name, std::string_view beyond) {
    if (r.peek(key) == nullptr || is_name(name.value, beyond)) return;
    r.wrong(
        key,
        "'" + name.value + "' is not a name",
        "use up to 64 letters, digits, '-', '_' and '.', beginning with a letter or digit"
    );
}

void read_name(ObjectReader& r, Text& name) {
    name.mark = r.mark();
    if (r.required("name", name)) check_name(r, "name", name, "");
}

void check_patterns(ObjectReader& r, const std::vector<Text>& patterns) {
    for (const Text& pattern : patterns) {
        const bool legal = !pattern.value.empty() && pattern.value.size() <= kPatternMax &&
                           pattern.value.find_first_not_of(
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-*?"
                           ) == std::string::npos;
        if (legal) continue;
        r.problems().add(
            pattern.mark,
            r.path(),
            "'" + pattern.value + "' is not a pattern",
            "use letters, digits, '.', '_', '-', and the globs '*' and '?'"
        );
    }
}

// Either a mapping with include and exclude, or the list of includes alone.
void read_selection(ObjectReader& r, std::string_view key, Selection& selection) {
    const Node* node = r.peek(key);
    if (node == nullptr) return;
    selection.mark = node->mark;
    if (node->kind != Node::Kind::kMapping && node->kind != Node::Kind::kNull) {
        r.optional(key, selection.include, config::not_empty());
        check_patterns(r, selection.include);
        return;
    }
    r.object(key, [&](ObjectReader& inner) {
        inner.required("include", selection.include, config::not_empty());
        inner.optional("exclude", selection.exclude);
        check_patterns(inner, selection.include);
        check_patterns(inner, selection.exclude);
    });
}

void read_required_selection(ObjectReader& r, std::string_view key, Selection& selection) {
    if (r.peek(key) == nullptr) {
        std::vector<Text> none;
        r.required(key, none);
        return;
    }
    read_selection(r, key, selection);
}

void read_paths(ObjectReader& r, Paths& paths) {
    r.object("paths", [&](ObjectReader& inner) {
        inner.optional("data", paths.data, config::not_empty());
        inner.optional("run", paths.run, config::not_empty());
        inner.optional("secrets", paths.secrets, config::not_empty());
    });
}

Domain read_domain(ObjectReader& r, const Paths& paths) {
    Domain domain;
    read_name(r, domain.name);
    domain.secrets = {paths.secrets + "/" + domain.name.value, r.mark()};
    r.optional("secrets", domain.secrets, config::not_empty());
    r.optional("ca", domain.ca, config::not_empty());
    r.optional("admins", domain.admins);
    return domain;
}

Listener read_listener(ObjectReader& r) {
    Listener listener;
    read_name(r, listener.name);
    listener.address_mark = r.mark_of("address");
    r.optional("address", listener.address);
    r.optional("advertised", listener.advertised);
    r.optional("tls", listener.security);
    const bool asked = r.optional("client_auth", listener.client_auth);
    if (asked && listener.security == ListenerSecurity::kPlain) {
        r.wrong("client_auth", "a plain listener asks for no certificates", "leave it out");
    }
    return listener;
}

Broker read_broker(ObjectReader& r) {
    Broker broker;
    broker.mark = r.mark();
    r.required("id", broker.id, config::at_least(0));
    r.optional("data_dir", broker.data_dir, config::not_empty());
    r.optional("identity", broker.identity, config::not_empty());
    r.optional("rack", broker.rack, config::not_empty());
    broker.admin_mark = r.mark_of("admin");
    r.optional("admin", broker.admin);
    r.each("listeners", [&](ObjectReader& item) {
        broker.listeners.push_back(read_listener(item));
    });
    if (broker.listeners.empty() && r.peek("listeners") != nullptr) {
        r.wrong("listeners", "the list is empty", "name at least one, or leave the key out");
    }
    if (r.peek("listeners") == nullptr) {
        // One TLS listener is what a broker that says nothing gets.
        Listener listener;
        listener.name = {"tls", r.mark()};
        listener.address_mark = r.mark();
        broker.listeners.push_back(std::move(listener));
    }
    return broker;
}

// Broker options that follow from other parts of the file.
bool is_rendered(std::string_view option) {
    constexpr std::array<std::string_view, 11> kRendered{
        "node.id",
        "cluster.id",
        "log.dir",
        "listeners",
        "admin.address",
        "super.users",
        "mirror.principals",
        "broker.rack",
        "controller.quorum.voters",
        "inter.broker.listener.name",
        "broker.principals"
    };
    return std::ranges::find(kRendered, option) != kRendered.end();
}

void read_options(ObjectReader& r, std::vector<BrokerOption>& options) {
    r.object("options", [&](ObjectReader& inner) {
        inner.rest([&](const config::NodeEntry& entry, const std::string& path) {
            if (entry.value.kind != Node::Kind::kScalar) {
                inner.problems().add(entry.value.mark, path, "an option has one plain value");
                return;
            }
            if (is_rendered(entry.key)) {
                inner.problems().add(
                    entry.key_mark, path, "this option follows from the topology", "leave it out"
                );
                return;
            }
            options.push_back({{entry.key, entry.key_mark}, entry.value.scalar});
        });
    });
}

Cluster read_cluster(ObjectReader& r) {
    Cluster cluster;
    read_name(r, cluster.name);
    r.required("domain", cluster.domain);
    cluster.datacenter.mark = r.mark();
    r.optional("datacenter", cluster.datacenter);
    r.optional("kind", cluster.kind);
    if (cluster.kind == ClusterKind::kKafka) {
        r.required("bootstrap", cluster.bootstrap, config::not_empty());
        r.optional("tls", cluster.security);
        return cluster;
    }
    if (r.peek("brokers") == nullptr) {
        std::vector<Text> none;
        r.required("brokers", none);
    }
    r.each("brokers", [&](ObjectReader& item) { cluster.brokers.push_back(read_broker(item)); });
    if (cluster.brokers.empty() && r.peek("brokers") != nullptr) {
        r.wrong("brokers", "the list is empty", "name at least one broker");
    }
    if (r.optional("cluster_id", cluster.cluster_id) && !Uuid::parse(cluster.cluster_id->value)) {
        r.wrong(
            "cluster_id",
            "'" + cluster.cluster_id->value + "' is not 22 characters of URL-safe base64",
            "leave it out to have one derived from the names"
        );
    }
    cluster.voters_mark = r.mark_of("voters");
    r.optional("voters", cluster.voters, config::at_least(0));
    read_options(r, cluster.options);
    return cluster;
}

Crossing read_crossing(ObjectReader& r) {
    Crossing crossing;
    crossing.mark = r.mark();
    r.required("from", crossing.from);
    r.required("to", crossing.to);
    read_required_selection(r, "topics", crossing.topics);
    r.required("why", crossing.why, config::not_empty());
    return crossing;
}

// What a link may do to names depends on its kind.
void check_renaming(ObjectReader& r, const Link& link) {
    if (!link.group_prefix.empty() && link.kind == LinkKind::kReplica) {
        r.wrong("group_prefix", "a replica keeps the group's name", "leave it out");
    }
    if (r.peek("target_topic") == nullptr) return;
    if (link.kind == LinkKind::kReplica) {
        r.wrong("target_topic", "a replica keeps the topic's name", "leave it out");
        return;
    }
    std::string literal = link.target_topic;
    constexpr std::string_view kTopic = "{topic}";
    if (const auto at = literal.find(kTopic); at != std::string::npos) {
        literal.erase(at, kTopic.size());
    }
    const bool legal = literal.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
                       ) == std::string::npos;
    if (!legal || link.target_topic.empty()) {
        r.wrong(
            "target_topic",
            "'" + link.target_topic + "' is not a topic name",
            "write a name, with {topic} at most once for the source's name"
        );
    }
}

Link read_link(ObjectReader& r) {
    Link link;
    link.mark = r.mark();
    r.required("from", link.from);
    r.required("to", link.to);
    link.name = {link.from.value + "->" + link.to.value, r.mark()};
    if (r.optional("name", link.name)) check_name(r, "name", link.name, ">");
    const bool kind_known = r.required("kind", link.kind);
    read_required_selection(r, "topics", link.topics);
    read_selection(r, "groups", link.groups);
    r.object("objectives", [&](ObjectReader& inner) {
        link.objectives.mark = inner.mark();
        inner.optional("rpo", link.objectives.rpo, config::millis(0));
        inner.optional("rto", link.objectives.rto, config::millis(0));
    });
    r.optional("detection", link.detection, config::millis(100, 3'600'000));
    r.optional("on_gap", link.on_gap);
    link.target_topic_mark = r.mark_of("target_topic");
    r.optional("target_topic", link.target_topic);
    r.optional("group_prefix", link.group_prefix);
    if (kind_known) check_renaming(r, link);
    r.optional("queue_bytes", link.queue_bytes, config::bytes(1 << 20U, std::int64_t{4} << 30U));
    return link;
}

MirrorProcess read_mirror(ObjectReader& r) {
    MirrorProcess mirror;
    r.required("domain", mirror.domain);
    r.optional("data_dir", mirror.data_dir, config::not_empty());
    mirror.admin_mark = r.mark_of("admin");
    r.optional("admin", mirror.admin);
    return mirror;
}

Drill read_drill(ObjectReader& r) {
    Drill drill;
    drill.mark = r.mark();
    read_name(r, drill.name);
    r.required("link", drill.link);
    r.optional("records_per_second", drill.records_per_second, config::range(1, 1'000'000));
    r.optional("record_bytes", drill.record_bytes, config::bytes(64, 1 << 20U));
    r.optional("probe_partitions", drill.probe_partitions, config::range(1, 1000));
    r.optional("baseline", drill.baseline, config::millis(1'000, 86'400'000));
    r.optional("after", drill.after, config::millis(1'000, 86'400'000));
    return drill;
}

void read_parts(ObjectReader& r, Topology& topology) {
    r.each("domains", [&](ObjectReader& item) {
        topology.domains.push_back(read_domain(item, topology.paths));
    });
    r.each("datacenters", [&](ObjectReader& item) {
        Datacenter datacenter;
        read_name(item, datacenter.name);
        item.optional("region", datacenter.region);
        topology.datacenters.push_back(std::move(datacenter));
    });
    r.each("clusters", [&](ObjectReader& item) {
        topology.clusters.push_back(read_cluster(item));
    });
    r.each("crossings", [&](ObjectReader& item) {
        topology.crossings.push_back(read_crossing(item));
    });
    r.each("links", [&](ObjectReader& item) { topology.links.push_back(read_link(item)); });
    r.each("mirrors", [&](ObjectReader& item) { topology.mirrors.push_back(read_mirror(item)); });
    r.each("drills", [&](ObjectReader& item) { topology.drills.push_back(read_drill(item)); });
}

}  // namespace

Topology parse_topology(std::string_view text, config::Problems& problems) {
    Topology topology;
    topology.file = problems.file();
    const Node root = config::parse_yaml(text, problems);
    if (root.kind == Node::Kind::kNull) {
        problems.add({}, {}, "no topology could be read", "see the example in ops/demo");
        return topology;
    }
    ObjectReader r(root, problems);
    std::int32_t version = 0;
    if (r.required("version", version) && version != 1) {
        r.wrong("version", "version " + std::to_string(version) + " is not known", "write 1");
    }
    read_name(r, topology.name);
    read_paths(r, topology.paths);
    read_parts(r, topology);
    for (const char* needed : {"domains", "clusters"}) {
        if (r.peek(needed) == nullptr) {
            std::vector<Text> none;
            r.required(needed, none);
        }
    }
    r.finish();
    return topology;
}

Result<Topology> parse_topology(std::string_view text, std::string file) {
    config::Problems problems(std::move(file));
    Topology topology = parse_topology(text, problems);
    SEALANE_CHECK(problems.status());
    return topology;
}

}  // namespace sealane::topology
