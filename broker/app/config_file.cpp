#include "broker/app/config_file.hpp"

#include "common/config/endpoint.hpp"
#include "common/config/option_table.hpp"
#include "common/config/yaml.hpp"

namespace sealane::broker {

constexpr auto config_names(FlushMode) {
    return std::array{
        config::EnumName{FlushMode::kSynced, "synced"}, config::EnumName{FlushMode::kOs, "os"}
    };
}

constexpr auto config_names(NodeRole) {
    return std::array{
        config::EnumName{NodeRole::kBroker, "broker"},
        config::EnumName{NodeRole::kController, "controller"},
    };
}

}  // namespace sealane::broker

namespace sealane::config {

template <>
struct Codec<broker::QuorumVoter> {
    static bool read(const ValueSite& site, const Limits&, broker::QuorumVoter& out) {
        if (!site.is_scalar("id@host:port")) return false;
        auto voter = broker::QuorumVoter::parse(site.node.scalar);
        if (!voter) return site.wrong(voter.error().detail(), "such as 1@10.0.0.1:9093");
        out = *std::move(voter);
        return true;
    }
    static std::string text(const broker::QuorumVoter& value, const Limits&) {
        return value.to_string();
    }
    static std::string type_name(const Limits&) { return "id@host:port"; }
};

}  // namespace sealane::config

namespace sealane::broker {

namespace {

using config::ObjectReader;
using config::OptionTable;

// What client.auth may say: Kafka's words.
enum class ClientAuth : std::uint8_t { kNone, kRequested, kRequired };
constexpr auto config_names(ClientAuth) {
    return std::array{
        config::EnumName{ClientAuth::kNone, "none"},
        config::EnumName{ClientAuth::kRequested, "requested"},
        config::EnumName{ClientAuth::kRequired, "required"},
    };
}

void add_node_options(OptionTable<BrokerConfig>& table) {
    using C = BrokerConfig;
    table.add(
        "node.id",
        [](auto& c) -> auto& { return c.node_id.value; },
        {.limits = config::at_least(0), .doc = "This broker's number.", .required = true}
    );
    table.add("cluster.id", &C::cluster_id, {.doc = "22 characters; made once when left out."});
    table.add("log.dir", &C::log_dir, {.doc = "Directory of the data.", .required = true});
    table.add("super.users", &C::super_users, {.doc = "Principals that may do everything."});
    table.add("mirror.principals", &C::mirror_principals, {.doc = "Principals of mirrors."});
    table.add(
        "auto.create.topics.enable",
        &C::auto_create_topics,
        {.doc = "Topics are made when a client asks for them."}
    );
    table.add("delete.topic.enable", &C::delete_topic_enable, {.doc = "Topics may be deleted."});
    table.add(
        "num.partitions",
        &C::num_partitions,
        {.limits = config::at_least(1), .doc = "Of topics made without a number."}
    );
    table.add("admin.address", &C::admin_address, {.doc = "Metrics and health; none: not served."});
    table.add(
        "producer.id.expiration.ms",
        &C::producer_id_expiration,
        {.doc = "Idempotent producers are forgotten after this time."}
    );
    table.add(
        "log.retention.check.interval.ms",
        &C::retention_check_interval,
        {.limits = config::at_least(1), .doc = "How often retention looks."}
    );
    table.add(
        "offsets.topic.num.partitions",
        &C::offsets_topic_partitions,
        {.limits = config::at_least(1), .doc = "Partitions of __consumer_offsets when it is made."}
    );
    table.add(
        "fetch.max.bytes",
        &C::fetch_max_bytes,
        {.limits = config::bytes(1024, INT32_MAX), .doc = "Cap on the bytes of one fetch answer."}
    );
    table.add(
        "max.incremental.fetch.session.cache.slots",
        &C::fetch_session_slots,
        {.limits = config::at_least(0), .doc = "Fetch sessions kept (KIP-227)."}
    );
}

void add_transaction_options(OptionTable<BrokerConfig>& table) {
    using C = BrokerConfig;
    table.add(
        "transaction.state.log.num.partitions",
        &C::transactions_topic_partitions,
        {.limits = config::at_least(1), .doc = "Partitions of __transaction_state when it is made."}
    );
    table.add(
        "transaction.state.log.replication.factor",
        &C::transactions_topic_replication_factor,
        {.limits = config::at_least(-1), .doc = "Of __transaction_state; -1: the cluster's default."
        }
    );
    table.add(
        "transaction.state.log.min.isr",
        &C::transactions_topic_min_isr,
        {.limits = config::at_least(1),
         .doc = "Replicas that must have a change of a transaction; at most as many as there are."}
    );
    table.add(
        "transaction.max.timeout.ms",
        &C::transaction_max_timeout_ms,
        {.limits = config::at_least(1), .doc = "The longest timeout a producer may ask for."}
    );
    table.add(
        "transactional.id.expiration.ms",
        &C::transactional_id_expiration_ms,
        {.limits = config::at_least(1), .doc = "Transactional ids unused for so long are forgotten."
        }
    );
}

void add_cluster_options(OptionTable<BrokerConfig>& table) {
    const auto add =
        [&table](const char* key, auto member, config::Limits limits, const char* doc) {
            table.add(
                key,
                [member](auto& c) -> auto& { return std::invoke(member, c.cluster); },
                {.limits = limits, .doc = doc}
            );
        };
    using C = ClusterConfig;
    add("process.roles", &C::roles, config::not_empty(), "broker, controller, or both.");
    add("broker.rack", &C::rack, {}, "Where this node stands; replicas are spread over racks.");
    add("controller.quorum.voters", &C::voters, {}, "Nodes of the metadata quorum.");
    add("inter.broker.listener.name", &C::inter_broker_listener, {}, "Empty: the first listener.");
    add("broker.principals", &C::broker_principals, {}, "Principals of this cluster's nodes.");
    add("controller.quorum.fetch.timeout.ms",
        &C::quorum_fetch_timeout,
        config::at_least(50),
        "A voter that hears nothing for so long asks for a pre-vote.");
    add("controller.quorum.election.timeout.ms",
        &C::quorum_election_timeout,
        config::at_least(50),
        "An election takes from this to twice this.");
    add("broker.session.timeout.ms",
        &C::session_timeout,
        config::at_least(100),
        "A broker silent for so long is fenced: others lead its partitions.");
    add("broker.heartbeat.interval.ms", &C::heartbeat_interval, config::at_least(10), "As in Kafka."
    );
    add("replica.lag.time.max.ms",
        &C::replica_lag_time_max,
        config::at_least(100),
        "A follower behind for so long leaves the in-sync set.");
    add("replica.fetch.wait.max.ms", &C::replica_fetch_wait, config::at_least(1), "As in Kafka.");
    add("replica.fetch.max.bytes",
        &C::replica_fetch_max_bytes,
        config::bytes(1024, INT32_MAX),
        "Of one partition in one answer.");
    add("replica.fetch.response.max.bytes",
        &C::replica_fetch_response_max_bytes,
        config::bytes(1024, INT32_MAX),
        "Of one answer to a follower.");
    add("follower.replication.throttled.rate",
        &C::replication_throttle_bytes,
        config::bytes(),
        "Bytes a second for replicas that catch up; 0: no limit.");
    add("leader.replication.throttled.rate",
        &C::leader_throttle_bytes,
        config::bytes(),
        "Bytes a second given to replicas that catch up; 0: no limit.");
    add("sealane.scrub.interval.ms",
        &C::scrub_interval,
        config::at_least(0),
        "How often all stored records are re-read and compared with their leaders'; 0: never.");
    add("sealane.scrub.bytes.per.second", &C::scrub_bytes, config::bytes(1024), "Re-read at most.");
    add("default.replication.factor",
        &C::default_replication_factor,
        config::range(-1, 1000),
        "Of topics made without one; -1: three, or as many as there are brokers.");
    add("leader.imbalance.check.interval.ms",
        &C::leader_imbalance_check_interval,
        config::at_least(100),
        "How often leaderships go back to preferred replicas.");
    add("metadata.log.max.record.bytes.between.snapshots",
        &C::snapshot_bytes,
        config::bytes(1024),
        "The metadata log is folded into a snapshot after so many bytes.");
}

void add_group_options(OptionTable<BrokerConfig>& table) {
    using C = BrokerConfig;
    constexpr std::string_view kGroups = "As in Kafka.";
    table.add("group.min.session.timeout.ms", &C::group_min_session_timeout_ms, {.doc = kGroups});
    table.add("group.max.session.timeout.ms", &C::group_max_session_timeout_ms, {.doc = kGroups});
    table.add(
        "group.initial.rebalance.delay.ms", &C::group_initial_rebalance_delay_ms, {.doc = kGroups}
    );
    table.add(
        "group.max.size", &C::group_max_size, {.limits = config::at_least(1), .doc = kGroups}
    );
    table.add(
        "offset.metadata.max.bytes",
        &C::offset_metadata_max_bytes,
        {.limits = config::at_least(0), .doc = "Longest text beside a committed offset."}
    );
    table.add(
        "offsets.retention.ms",
        &C::offsets_retention_ms,
        {.limits = config::at_least(1), .doc = "Offsets of empty groups are kept this long."}
    );
}

void add_consumer_group_options(OptionTable<BrokerConfig>& table) {
    const auto add =
        [&table](const char* key, auto member, config::Limits limits, const char* doc) {
            table.add(
                key,
                [member](auto& c) -> auto& { return std::invoke(member, c.group_consumer); },
                {.limits = limits, .doc = doc}
            );
        };
    using G = ConsumerGroupOptions;
    const config::Limits positive = config::range(1, INT32_MAX);
    add("group.consumer.session.timeout.ms",
        &G::session_timeout_ms,
        positive,
        "A member of a group of the consumer protocol (KIP-848) that is silent for so long is out."
    );
    add("group.consumer.min.session.timeout.ms",
        &G::min_session_timeout_ms,
        positive,
        "The least that the session timeout may be.");
    add("group.consumer.max.session.timeout.ms",
        &G::max_session_timeout_ms,
        positive,
        "The most that the session timeout may be.");
    add("group.consumer.heartbeat.interval.ms",
        &G::heartbeat_interval_ms,
        positive,
        "How often members are told to heartbeat.");
    add("group.consumer.min.heartbeat.interval.ms",
        &G::min_heartbeat_interval_ms,
        positive,
        "The least that the heartbeat interval may be.");
    add("group.consumer.max.heartbeat.interval.ms",
        &G::max_heartbeat_interval_ms,
        positive,
        "The most that the heartbeat interval may be.");
    add("group.consumer.max.size", &G::max_size, positive, "Members of one group.");
    add("group.consumer.assignors",
        &G::assignors,
        {},
        "Assignors that members may ask for: uniform, range. The first is the default.");
    add("group.consumer.regex.refresh.interval.ms",
        &G::regex_refresh_interval_ms,
        config::range(10'000, INT32_MAX),
        "Subscribed patterns are resolved again after so long, and when topics change.");
}

void add_topic_options(OptionTable<BrokerConfig>& table) {
    const auto add = [&table](const char* key, auto member, config::Limits limits) {
        table.add(
            key,
            [member](auto& c) -> auto& { return std::invoke(member, c.topic_defaults); },
            {.limits = limits, .doc = "Default of the topics."}
        );
    };
    using T = TopicConfig;
    add("log.retention.ms", &T::retention_ms, config::millis(-1));
    add("log.retention.bytes", &T::retention_bytes, config::bytes(-1));
    add("log.segment.bytes", &T::segment_bytes, config::bytes(1024, INT32_MAX));
    add("log.roll.ms", &T::segment_ms, config::millis(1));
    add("log.index.interval.bytes", &T::index_interval_bytes, config::bytes());
    add("log.segment.delete.delay.ms", &T::file_delete_delay_ms, config::millis());
    add("message.max.bytes", &T::max_message_bytes, config::bytes());
    add("min.insync.replicas", &T::min_insync_replicas, config::at_least(1));
    add("log.message.timestamp.before.max.ms", &T::timestamp_before_max_ms, config::millis());
    add("log.message.timestamp.after.max.ms", &T::timestamp_after_max_ms, config::millis());
    add("log.cleaner.min.cleanable.ratio", &T::min_cleanable_dirty_ratio, config::range(0, 1));
    add("log.cleaner.min.compaction.lag.ms", &T::min_compaction_lag_ms, config::millis());
    add("log.cleaner.max.compaction.lag.ms", &T::max_compaction_lag_ms, config::millis(1));
    add("log.cleaner.delete.retention.ms", &T::delete_retention_ms, config::millis());
    add("sealane.flush", &T::flush, {});
    add("unclean.leader.election.enable", &T::unclean_leader_election, {});
}

void add_cleaner_options(OptionTable<BrokerConfig>& table) {
    const auto add =
        [&table](const char* key, auto member, config::Limits limits, const char* doc) {
            table.add(
                key,
                [member](auto& c) -> auto& { return std::invoke(member, c.cleaner); },
                {.limits = limits, .doc = doc}
            );
        };
    using C = CleanerConfig;
    add("log.cleaner.enable", &C::enable, {}, "Topics with cleanup.policy=compact are compacted.");
    add("log.cleaner.dedupe.buffer.size",
        &C::dedupe_buffer_bytes,
        config::bytes(1 << 20),
        "Memory for keys while a log is compacted: 24 bytes each, at most nine tenths full.");
    add("log.cleaner.io.max.bytes.per.second",
        &C::io_bytes_per_second,
        config::bytes(1024),
        "Read and written by compaction, at most.");
    add("log.cleaner.backoff.ms",
        &C::backoff,
        config::at_least(1),
        "How long compaction waits when nothing is due.");
}

void add_security_options(OptionTable<BrokerConfig>& table) {
    using C = BrokerConfig;
    table.add(
        "authorizer.class.name",
        [](auto& c) -> auto& { return c.authorizer.class_name; },
        {.doc = "org.apache.kafka.metadata.authorizer.StandardAuthorizer turns access control on."}
    );
    table.add(
        "allow.everyone.if.no.acl.found",
        [](auto& c) -> auto& { return c.authorizer.allow_without_acl; },
        {.doc = "Whether a resource that no ACL is about is open to all."}
    );
    table.add(
        "ssl.principal.mapping.rules",
        &C::principal_mapping,
        {.doc = "From a certificate's subject to its holder's name, as in Kafka."}
    );
    const auto add =
        [&table](const char* key, auto member, config::Limits limits, const char* doc) {
            table.add(
                key,
                [member](auto& c) -> auto& { return std::invoke(member, c.sasl_limits); },
                {.limits = limits, .doc = doc}
            );
        };
    using L = SaslLimits;
    add("sasl.server.max.receive.size",
        &L::max_receive_bytes,
        config::bytes(1024, 1 << 20),
        "The largest frame before authentication.");
    add("connection.failed.authentication.delay.ms",
        &L::failure_delay,
        config::range(0, 10'000),
        "A failed authentication is answered after this time.");
    add("sealane.sasl.authentication.timeout.ms",
        &L::authentication,
        config::range(100, 600'000),
        "From accepting a connection to a proved identity.");
    add("sealane.sasl.max.unauthenticated.connections",
        &L::max_unauthenticated,
        config::at_least(1),
        "On listeners with SASL, at the same time.");
}

void add_limit_options(OptionTable<BrokerConfig>& table) {
    const auto add = [&table](const char* key, auto member, config::Limits limits) {
        table.add(
            key,
            [member](auto& c) -> auto& { return std::invoke(member, c.limits); },
            {.limits = limits, .doc = "A bound against single peers, as in Kafka."}
        );
    };
    using L = ServerLimits;
    add("socket.request.max.bytes", &L::max_request_bytes, config::bytes(1024, INT32_MAX));
    add("queued.max.request.bytes", &L::in_flight_bytes, config::bytes(1 << 20));
    add("max.connections", &L::max_connections, config::at_least(1));
    add("max.connections.per.ip", &L::max_connections_per_ip, config::at_least(1));
    add("connections.max.idle.ms", &L::idle, config::at_least(1));
}

const OptionTable<BrokerConfig>& options() {
    static const OptionTable<BrokerConfig> table = [] {
        OptionTable<BrokerConfig> made;
        add_node_options(made);
        add_transaction_options(made);
        add_cluster_options(made);
        add_group_options(made);
        add_consumer_group_options(made);
        add_topic_options(made);
        add_cleaner_options(made);
        add_limit_options(made);
        add_security_options(made);
        return made;
    }();
    return table;
}

void read_tls(ObjectReader& reader, runtime::TlsIdentity& tls) {
    reader.required("domain", tls.domain, config::not_empty());
    reader.required("ca", tls.ca_file, config::not_empty());
    reader.required("certificate", tls.certificate_file, config::not_empty());
    reader.required("key", tls.key_file, config::not_empty());
    reader.optional("crl", tls.crl_file, config::not_empty());
    ClientAuth auth = ClientAuth::kRequired;
    reader.optional("client.auth", auth);
    using Auth = runtime::TlsIdentity::ClientAuth;
    tls.client_auth = auth == ClientAuth::kNone        ? Auth::kNone
                      : auth == ClientAuth::kRequested ? Auth::kRequested
                                                       : Auth::kRequired;
}

void read_oauth(ObjectReader& reader, OauthConfig& oauth) {
    reader.required("jwks.file", oauth.jwks_file, config::not_empty());
    reader.required("issuer", oauth.issuer, config::not_empty());
    reader.required("audience", oauth.audience, config::not_empty());
    reader.optional("principal.claim", oauth.principal_claim, config::not_empty());
    reader.optional("clock.skew.ms", oauth.clock_skew, config::range(0, 300'000));
}

void read_sasl(ObjectReader& reader, SaslConfig& sasl) {
    reader.required("enabled.mechanisms", sasl.mechanisms, config::not_empty());
    reader.optional("plain.users.file", sasl.plain_users_file, config::not_empty());
    reader.optional("connections.max.reauth.ms", sasl.max_reauth, config::at_least(0));
    OauthConfig oauth;
    if (reader.object("oauthbearer", [&oauth](ObjectReader& inner) { read_oauth(inner, oauth); })) {
        sasl.oauth = std::move(oauth);
    }
}

void read_listener(ObjectReader& reader, BrokerConfig& out) {
    ListenerConfig listener;
    reader.required("name", listener.name, config::not_empty());
    reader.required("address", listener.address);
    reader.optional("advertised", listener.advertised);
    runtime::TlsIdentity tls;
    if (reader.object("tls", [&tls](ObjectReader& inner) { read_tls(inner, tls); })) {
        listener.tls = std::move(tls);
    }
    SaslConfig sasl;
    if (reader.object("sasl", [&sasl](ObjectReader& inner) { read_sasl(inner, sasl); })) {
        listener.sasl = std::move(sasl);
    }
    out.listeners.push_back(std::move(listener));
}

}  // namespace

Result<BrokerConfig> parse_broker_config(std::string_view text, std::string file) {
    config::Problems problems(std::move(file));
    const config::Node root = config::parse_yaml(text, problems);
    BrokerConfig config;
    ObjectReader reader(root, problems);
    options().read(reader, config);
    reader.each("listeners", [&config](ObjectReader& item) { read_listener(item, config); });
    reader.finish();
    SEALANE_CHECK(problems.status());
    if (const Status read = resolve(config); !read) return fail(read.error().in(problems.file()));
    if (const Status valid = validate(config); !valid) {
        return fail(valid.error().in(problems.file()));
    }
    return config;
}

std::string broker_config_reference() {
    return config::markdown_table(options().docs());
}

}  // namespace sealane::broker
