#include "broker/config/broker_config.hpp"

#include "common/base/ids.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace sealane::broker {

namespace {
bool lists(const std::vector<std::string>& principals, std::string_view principal) {
    return std::ranges::find(principals, principal) != principals.end();
}
}  // namespace

std::string QuorumVoter::to_string() const {
    return std::to_string(id.value) + "@" + endpoint.to_string();
}

Result<QuorumVoter> QuorumVoter::parse(std::string_view text) {
    const std::size_t at = text.find('@');
    const auto wrong = [text] {
        return fail(
            ErrorCode::kBadConfig, "'" + std::string(text) + "' is no voter: write id@host:port"
        );
    };
    if (at == std::string_view::npos) return wrong();
    QuorumVoter voter;
    const char* const end = text.data() + at;
    const auto read = std::from_chars(text.data(), end, voter.id.value);
    if (read.ec != std::errc{} || read.ptr != end || voter.id.value < 0) return wrong();
    auto endpoint = runtime::Endpoint::parse(text.substr(at + 1));
    if (!endpoint || endpoint->host.empty() || endpoint->port == 0) return wrong();
    voter.endpoint = *std::move(endpoint);
    return voter;
}

bool ClusterConfig::has(NodeRole role) const {
    return std::ranges::find(roles, role) != roles.end();
}

bool BrokerConfig::may_use_private_apis(std::string_view principal) const {
    return lists(super_users, principal) || lists(mirror_principals, principal);
}

bool BrokerConfig::may_act_as_broker(std::string_view principal) const {
    return lists(super_users, principal) || lists(cluster.broker_principals, principal);
}

const ListenerConfig& BrokerConfig::inter_broker_listener() const {
    const auto found =
        std::ranges::find(listeners, cluster.inter_broker_listener, &ListenerConfig::name);
    return found == listeners.end() ? listeners.front() : *found;
}

namespace {

std::unexpected<Error> bad(std::string text) {
    return fail(ErrorCode::kBadConfig, std::move(text));
}

Status check_voters(const BrokerConfig& config) {
    std::set<BrokerId> ids;
    for (const QuorumVoter& voter : config.cluster.voters) {
        if (!ids.insert(voter.id).second) {
            return bad(
                "controller.quorum.voters names node " + std::to_string(voter.id.value) + " twice"
            );
        }
    }
    const bool votes = ids.contains(config.node_id);
    if (votes && !config.cluster.has(NodeRole::kController)) {
        return bad("this node is in controller.quorum.voters: add controller to process.roles");
    }
    if (config.cluster_id.empty()) {
        return bad(
            "cluster.id is needed with controller.quorum.voters: the same 22 characters on "
            "every node"
        );
    }
    return {};
}

Status check_cluster(const BrokerConfig& config) {
    const ClusterConfig& cluster = config.cluster;
    if (cluster.roles.empty()) return bad("process.roles: name broker, controller, or both");
    if (!cluster.voters.empty()) SEALANE_CHECK(check_voters(config));
    if (cluster.voters.empty() && !cluster.has(NodeRole::kController)) {
        return bad("a node without the role controller needs controller.quorum.voters");
    }
    const std::string& name = cluster.inter_broker_listener;
    if (!name.empty() && std::ranges::find(config.listeners, name, &ListenerConfig::name) ==
                             config.listeners.end()) {
        return bad("inter.broker.listener.name is '" + name + "', which is no listener");
    }
    if (cluster.session_timeout < cluster.heartbeat_interval * 2) {
        return bad("broker.session.timeout.ms must be at least twice broker.heartbeat.interval.ms");
    }
    if (cluster.default_replication_factor == 0 || cluster.default_replication_factor < -1) {
        return bad("default.replication.factor must be -1 or at least 1");
    }
    return {};
}

Status check_sasl(const ListenerConfig& listener) {
    const SaslConfig& sasl = *listener.sasl;
    const auto wrong = [&listener](std::string text) {
        return bad("listener " + listener.name + ": sasl: " + std::move(text));
    };
    const auto offers = [&sasl](SaslMechanism mechanism) {
        return std::ranges::find(sasl.mechanisms, mechanism) != sasl.mechanisms.end();
    };
    if (sasl.mechanisms.empty()) return wrong("enabled.mechanisms needs at least one");
    if (std::set(sasl.mechanisms.begin(), sasl.mechanisms.end()).size() != sasl.mechanisms.size()) {
        return wrong("enabled.mechanisms names a mechanism twice");
    }
    if (offers(SaslMechanism::kPlain) == sasl.plain_users_file.empty()) {
        return wrong("PLAIN and plain.users.file go together: name both or neither");
    }
    if (offers(SaslMechanism::kOauthBearer) != sasl.oauth.has_value()) {
        return wrong("OAUTHBEARER and the section oauthbearer go together: write both or neither");
    }
    if (sasl.oauth && (sasl.oauth->jwks_file.empty() || sasl.oauth->issuer.empty() ||
                       sasl.oauth->audience.empty() || sasl.oauth->principal_claim.empty())) {
        return wrong("oauthbearer needs jwks.file, issuer and audience: a token is checked for all"
        );
    }
    return {};
}

// Nodes prove who they are with certificates.
Status check_security(const BrokerConfig& config) {
    for (const ListenerConfig& listener : config.listeners) {
        if (listener.sasl) SEALANE_CHECK(check_sasl(listener));
    }
    if (config.inter_broker_listener().sasl) {
        return bad(
            "the listener of the cluster's nodes (inter.broker.listener.name, or the first) cannot "
            "have sasl: nodes use certificates"
        );
    }
    if (!config.authorizer.enabled) return {};
    for (const auto* list :
         {&config.super_users, &config.mirror_principals, &config.cluster.broker_principals}) {
        if (lists(*list, "User:ANONYMOUS")) {
            return bad(
                "with an authorizer User:ANONYMOUS must not be in super.users, broker.principals "
                "or "
                "mirror.principals: everybody on a plain listener is that"
            );
        }
    }
    return {};
}

Status check_listener(const ListenerConfig& listener) {
    const std::string name = "listener " + listener.name + ": ";
    if (!listener.address.is_unix() && listener.address.host.empty()) {
        return bad(name + "address needs a host, such as 0.0.0.0:9092");
    }
    if (listener.advertised &&
        (listener.advertised->host.empty() || listener.advertised->port == 0)) {
        return bad(name + "advertised needs the host and port that clients connect to");
    }
    const std::string& host = listener.address.host;
    if (!listener.advertised && (host == "0.0.0.0" || host == "::")) {
        return bad(
            name + "listens on every address; say with 'advertised' which one clients connect to"
        );
    }
    return {};
}

// The value and its bounds, which limit what single groups may be given.
struct Bounded {
    std::string_view what;  // "session.timeout"
    std::int32_t value;
    std::int32_t least;
    std::int32_t most;
};

Status check_bounded(const Bounded& each) {
    const std::string key = "group.consumer." + std::string(each.what) + ".ms";
    if (each.least <= each.value && each.value <= each.most) return {};
    return bad(
        key + " is " + std::to_string(each.value) + ", which is not between group.consumer.min." +
        std::string(each.what) + ".ms (" + std::to_string(each.least) +
        ") and group.consumer.max." + std::string(each.what) + ".ms (" + std::to_string(each.most) +
        ")"
    );
}

Status check_consumer_groups(const ConsumerGroupOptions& options) {
    SEALANE_CHECK(check_bounded(
        {"session.timeout",
         options.session_timeout_ms,
         options.min_session_timeout_ms,
         options.max_session_timeout_ms}
    ));
    SEALANE_CHECK(check_bounded(
        {"heartbeat.interval",
         options.heartbeat_interval_ms,
         options.min_heartbeat_interval_ms,
         options.max_heartbeat_interval_ms}
    ));
    if (options.heartbeat_interval_ms >= options.session_timeout_ms)
        return bad(
            "group.consumer.heartbeat.interval.ms must be less than "
            "group.consumer.session.timeout.ms, or every member is taken for dead"
        );
    if (options.assignors.empty())
        return bad("group.consumer.assignors needs at least one of uniform and range");
    std::set<std::string> names;
    for (const std::string& name : options.assignors) {
        if (name != "uniform" && name != "range")
            return bad(
                "group.consumer.assignors names '" + name + "'; there are uniform and range"
            );
        if (!names.insert(name).second)
            return bad("group.consumer.assignors names " + name + " twice");
    }
    return {};
}

}  // namespace

Status resolve(BrokerConfig& config) {
    constexpr std::string_view kStandard =
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    AuthorizerConfig& authorizer = config.authorizer;
    const std::string& name = authorizer.class_name;
    authorizer.enabled = name == kStandard || name == "StandardAuthorizer";
    if (!authorizer.enabled && !name.empty()) {
        return bad(
            "authorizer.class.name '" + name + "' is not known here: write " +
            std::string(kStandard)
        );
    }
    if (authorizer.allow_without_acl && !authorizer.enabled) {
        return bad("allow.everyone.if.no.acl.found means something with authorizer.class.name only"
        );
    }
    SEALANE_TRY(config.principal_rules, identity::PrincipalRules::parse(config.principal_mapping));
    return {};
}

Status validate(const BrokerConfig& config) {
    if (config.node_id.value < 0) return bad("node.id must not be negative");
    if (config.log_dir.empty()) return bad("log.dir is needed: the directory of the data");
    if (!config.cluster_id.empty() && !Uuid::parse(config.cluster_id)) {
        return bad("cluster.id must be 22 characters of URL-safe base64; leave it out for a new one"
        );
    }
    if (config.listeners.empty()) return bad("listeners needs at least one");
    std::set<std::string> names;
    for (const ListenerConfig& listener : config.listeners) {
        if (listener.name.empty()) return bad("every listener needs a name");
        if (!names.insert(listener.name).second) {
            return bad("two listeners are named " + listener.name);
        }
        SEALANE_CHECK(check_listener(listener));
    }
    if (config.num_partitions < 1) return bad("num.partitions must be at least 1");
    const double ratio = config.topic_defaults.min_cleanable_dirty_ratio;
    if (!(ratio >= 0 && ratio <= 1)) {
        return bad("log.cleaner.min.cleanable.ratio must be from 0 to 1");
    }
    SEALANE_CHECK(check_cluster(config));
    SEALANE_CHECK(check_security(config));
    SEALANE_CHECK(check_consumer_groups(config.group_consumer));
    for (const auto* list :
         {&config.super_users, &config.mirror_principals, &config.cluster.broker_principals}) {
        for (const std::string& principal : *list) {
            if (!principal.starts_with("User:")) {
                return bad("'" + principal + "' is no principal: write User:NAME");
            }
        }
    }
    return {};
}

}  // namespace sealane::broker
