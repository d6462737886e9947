#include "topology/cli/cluster_session.hpp"

#include "common/config/scalar.hpp"
#include "topology/cli/output.hpp"
#include "topology/cli/topology_source.hpp"
#include "topology/model/identity_files.hpp"

namespace sealane::topology {
namespace {

using runtime::Task;

Result<std::optional<client::SaslOptions>> sasl_options(const Invocation& invocation) {
    const bool any = invocation.has("sasl-mechanism") || invocation.has("sasl-user") ||
                     invocation.has("sasl-secret-file");
    if (!any) return std::nullopt;
    const auto mechanism = identity::sasl_mechanism(invocation.text("sasl-mechanism"));
    if (!mechanism) {
        return fail(
            ErrorCode::kBadConfig,
            "--sasl-mechanism is PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER"
        );
    }
    client::SaslOptions options;
    options.mechanism = *mechanism;
    options.user = invocation.text("sasl-user");
    options.secret_file = invocation.text("sasl-secret-file");
    const bool has_user = !options.user.empty();
    if (options.secret_file.empty() ||
        has_user == (*mechanism == client::SaslMechanism::kOauthBearer)) {
        return fail(
            ErrorCode::kBadConfig,
            "SASL needs --sasl-secret-file, and --sasl-user unless a token says who it is"
        );
    }
    return options;
}

Result<ChosenCluster> from_bootstrap(const Invocation& invocation) {
    ChosenCluster chosen;
    chosen.name = invocation.text("bootstrap");
    for (const std::string& address : invocation.list("bootstrap")) {
        SEALANE_TRY(chosen.options.bootstrap.emplace_back(), runtime::Endpoint::parse(address));
    }
    if (invocation.has("tls-ca") || invocation.has("tls-cert") || invocation.has("tls-key")) {
        if (!invocation.has("tls-ca")) {
            return fail(ErrorCode::kBadConfig, "TLS needs --tls-ca=FILE, whom to trust");
        }
        runtime::TlsIdentity identity;
        identity.domain = "command line";
        identity.ca_file = invocation.text("tls-ca");
        identity.certificate_file = invocation.text("tls-cert");
        identity.key_file = invocation.text("tls-key");
        chosen.options.tls = identity;
    }
    SEALANE_TRY(chosen.options.sasl, sasl_options(invocation));
    return chosen;
}

Error which_cluster(const Topology& topology) {
    std::string names;
    for (const Cluster& cluster : topology.clusters)
        names += (names.empty() ? "" : ", ") + cluster.name.value;
    return {ErrorCode::kBadConfig, "which cluster? --cluster=NAME, one of " + names};
}

}  // namespace

std::vector<std::string> with_access(std::vector<std::string> own) {
    for (const char* name :
         {"topology",
          "cluster",
          "listener",
          "bootstrap",
          "tls-ca",
          "tls-cert",
          "tls-key",
          "sasl-mechanism",
          "sasl-user",
          "sasl-secret-file"}) {
        own.emplace_back(name);
    }
    return own;
}

Result<client::ClientOptions> client_options(
    const Topology& topology, const Cluster& cluster, ListenerSecurity security
) {
    client::ClientOptions options;
    options.client_id = "sealane-cli";
    for (const Broker& broker : cluster.brokers) {
        for (const Listener& listener : broker.listeners) {
            const auto& address = listener.advertised ? listener.advertised : listener.address;
            if (listener.security == security && address)
                options.bootstrap.push_back({address->host, address->port, ""});
        }
    }
    if (cluster.kind == ClusterKind::kKafka && cluster.security == security) {
        for (const auto& address : cluster.bootstrap)
            options.bootstrap.push_back({address.host, address.port, ""});
    }
    if (options.bootstrap.empty()) {
        return fail(
            ErrorCode::kBadConfig,
            "cluster " + cluster.name.value + " has no " +
                (security == ListenerSecurity::kTls ? "TLS" : "plain") + " listener with an address"
        );
    }
    if (security == ListenerSecurity::kTls) {
        const Domain* domain = topology.find_domain(cluster.domain.value);
        if (domain == nullptr)
            return fail(ErrorCode::kBadConfig, "cluster " + cluster.name.value + " has no domain");
        const IdentityFiles files = operator_identity(*domain);
        options.tls = runtime::TlsIdentity{
            domain->name.value,
            files.ca,
            files.certificate,
            files.key,
            runtime::TlsIdentity::ClientAuth::kRequired
        };
    }
    return options;
}

Result<ChosenCluster> choose_cluster(const Invocation& invocation) {
    if (invocation.has("bootstrap")) return from_bootstrap(invocation);
    SEALANE_TRY(const std::string file, topology_file(invocation));
    SEALANE_TRY(const Topology topology, load_topology(file));
    if (!invocation.has("cluster")) return fail(which_cluster(topology));
    const Cluster* cluster = topology.find_cluster(invocation.text("cluster"));
    if (cluster == nullptr) return fail(which_cluster(topology));
    ListenerSecurity security =
        cluster->has_tls_listener() ? ListenerSecurity::kTls : ListenerSecurity::kPlain;
    if (invocation.has("listener")) {
        const std::string wanted = invocation.text("listener");
        if (wanted != "plain" && wanted != "tls") {
            return fail(ErrorCode::kBadConfig, "--listener is plain or tls, not '" + wanted + "'");
        }
        security = wanted == "tls" ? ListenerSecurity::kTls : ListenerSecurity::kPlain;
    }
    SEALANE_TRY(auto options, client_options(topology, *cluster, security));
    return ChosenCluster{cluster->name.value, std::move(options)};
}

Result<Instant> command_deadline(const CommandContext& context) {
    const auto span = config::parse_duration(context.invocation.text("timeout"));
    if (!span) return fail(span.error().in("--timeout"));
    return context.world.now() + *span;
}

Task<ExitCode> with_cluster(CommandContext context, ClusterBody body, Patience patience) {
    auto chosen = choose_cluster(context.invocation);
    const auto deadline = command_deadline(context);
    if (!chosen || !deadline) {
        print_error(!chosen ? chosen.error() : deadline.error());
        co_return ExitCode::kUsage;
    }
    if (patience == Patience::kLittle) {
        chosen->options.connect_timeout = 2s;
        chosen->options.request_timeout = 5s;
        chosen->options.reconnect_backoff_longest = 1s;
    }
    const std::string access =
        (context.invocation.has("bootstrap") ? "--bootstrap=" : "--cluster=") + chosen->name;
    client::ClusterClient cluster(context.world, std::move(chosen->options));
    ClusterSession session{context, chosen->name, access, cluster, *deadline};
    const Result<ExitCode> code = co_await body(session);
    co_await cluster.stop();
    if (code) co_return *code;
    print_error(code.error().in(chosen->name));
    co_return exit_code_for(code.error());
}

}  // namespace sealane::topology
