#pragma once
// Topology: the file that says which clusters there are, in which security domains, and what flows
// between them, as plain data. Read by parse.hpp, judged by topology/rules, drawn by graph_*.hpp,
// rendered into program configurations by topology/plan. Names of things are kept with their places
// in the file, so that findings point there. Words: domain, crossing, link, objective (see README).

#include "common/base/time.hpp"
#include "common/config/node.hpp"
#include "common/config/scalar.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::topology {

using config::HostPort;
using config::Mark;

// Text from the file and where it stood.
struct Text {
    std::string value;
    Mark mark;
    friend bool operator==(const Text& text, std::string_view other) { return text.value == other; }
};

// Names chosen by globs ('*' and '?'): those that an include pattern matches and no exclude does.
struct Selection {
    std::vector<Text> include;
    std::vector<Text> exclude;
    Mark mark;
    [[nodiscard]] bool selects(std::string_view name) const;
};

// One trust root. Its files follow one layout (identity_files.hpp) in `secrets`.
struct Domain {
    Text name;
    Text secrets;                     // folder of certificates and keys, relative to the file
    std::optional<Text> ca;           // instead of <secrets>/ca.crt
    std::vector<std::string> admins;  // principals besides the domain's operator certificate
};

struct Datacenter {
    Text name;
    std::string region;
};

enum class ClusterKind : std::uint8_t { kSealane, kKafka };
enum class ListenerSecurity : std::uint8_t { kPlain, kTls };
enum class ClientAuth : std::uint8_t { kNone, kRequested, kRequired };

struct Listener {
    Text name;
    // None: assigned by whoever runs it (the demo picks free ports). Port 0 likewise.
    std::optional<HostPort> address;
    std::optional<HostPort> advertised;
    ListenerSecurity security = ListenerSecurity::kTls;
    ClientAuth client_auth = ClientAuth::kRequired;
    Mark address_mark;
};

struct Broker {
    std::int32_t id = 0;
    std::vector<Listener> listeners;
    std::optional<Text> data_dir;     // instead of <paths.data>/<cluster>-<id>
    std::string identity = "broker";  // its certificate and key in the domain\'s secrets
    std::string rack;                 // replicas are spread over racks; empty: none
    std::optional<HostPort> admin;    // metrics and health
    Mark admin_mark;
    Mark mark;
};

// A broker option in Kafka's dotted style, passed on as written; the broker judges it.
struct BrokerOption {
    Text key;
    std::string value;
};

struct Cluster {
    Text name;
    Text domain;
    Text datacenter;  // empty when the file names none
    ClusterKind kind = ClusterKind::kSealane;
    std::vector<Broker> brokers;        // kSealane
    std::vector<BrokerOption> options;  // kSealane
    std::optional<Text> cluster_id;     // kSealane; else see cluster_id_of()
    std::vector<std::int32_t> voters;   // kSealane; empty: see voters_of()
    Mark voters_mark;
    std::vector<HostPort> bootstrap;                     // kKafka
    ListenerSecurity security = ListenerSecurity::kTls;  // kKafka: of the bootstrap addresses
    [[nodiscard]] bool has_tls_listener() const;
};

// Permission for topics to flow from one domain to another.
struct Crossing {
    Text from;
    Text to;
    Selection topics;
    std::string why;
    Mark mark;
};

enum class LinkKind : std::uint8_t { kReplica, kAggregate };
enum class OnGap : std::uint8_t { kStop, kLedger };

struct Objectives {
    std::optional<Duration> rpo;
    std::optional<Duration> rto;
    Mark mark;
};

struct Link {
    Text name;  // "source->target" when the file names none
    Text from;
    Text to;
    LinkKind kind = LinkKind::kReplica;
    Selection topics;
    Selection groups;  // nothing included: no group offsets are carried
    Objectives objectives;
    // The source counts as lost after this silence; part of every RTO.
    Duration detection = std::chrono::seconds(10);
    OnGap on_gap = OnGap::kStop;
    // Aggregate links: names at the target; "{topic}" is the source's name.
    std::string target_topic = "{topic}";
    Mark target_topic_mark;
    std::string group_prefix;  // put before group names at the target
    std::int64_t queue_bytes = 32LL << 20U;
    Mark mark;
};

struct Drill {
    Text name;
    Text link;
    std::int64_t records_per_second = 100;
    std::int64_t record_bytes = 200;
    std::int32_t probe_partitions = 2;
    Duration baseline = std::chrono::seconds(10);  // before the fault
    Duration after = std::chrono::seconds(10);     // after the move
    Mark mark;
};

// Where things lie when they say nothing themselves.
struct Paths {
    std::string data = "/var/lib/sealane";
    std::string run = "/run/sealane";  // sockets between link halves
    std::string secrets = "pki";       // one folder a domain
};

// The mirror process of one domain; domains without an entry get one with defaults.
struct MirrorProcess {
    Text domain;
    std::optional<Text> data_dir;
    std::optional<HostPort> admin;
    Mark admin_mark;
};

struct Topology {
    std::string file;  // as given; for messages
    Text name;
    Paths paths;
    std::vector<Domain> domains;
    std::vector<Datacenter> datacenters;
    std::vector<Cluster> clusters;
    std::vector<Crossing> crossings;
    std::vector<Link> links;
    std::vector<MirrorProcess> mirrors;
    std::vector<Drill> drills;

    // Null when there is none of that name.
    [[nodiscard]] const Domain* find_domain(std::string_view domain) const;
    [[nodiscard]] const Datacenter* find_datacenter(std::string_view datacenter) const;
    [[nodiscard]] const Cluster* find_cluster(std::string_view cluster) const;
    [[nodiscard]] Cluster* find_cluster(std::string_view cluster);
    [[nodiscard]] const Link* find_link(std::string_view link) const;
    // The domain of a cluster; empty when the cluster is unknown.
    [[nodiscard]] std::string_view domain_of(std::string_view cluster) const;
    [[nodiscard]] std::string data_dir_of(const Cluster& cluster, const Broker& broker) const;
};

[[nodiscard]] std::string_view name_of(ClusterKind kind);
[[nodiscard]] std::string_view name_of(LinkKind kind);
[[nodiscard]] std::string_view name_of(OnGap policy);

}  // namespace sealane::topology
