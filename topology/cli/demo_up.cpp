#include "topology/cli/demo_up.hpp"

#include "topology/cli/demo_daemons.hpp"
#include "topology/cli/demo_domains.hpp"
#include "topology/cli/demo_topology.hpp"
#include "topology/cli/topology_source.hpp"
#include "topology/plan/render.hpp"
#include "topology/rules/rules.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <unistd.h>
#include <utility>

namespace sealane::topology {
namespace {

using runtime::Task;

Status write_text(const std::string& path, const std::string& text) {
    std::ofstream file(path + ".tmp");
    file << text;
    file.close();
    if (!file || std::rename((path + ".tmp").c_str(), path.c_str()) != 0) {
        return fail(ErrorCode::kIo, "cannot write " + path);
    }
    return {};
}

DomainUser user_of(const Topology& topology, std::string_view domain) {
    const auto at = std::ranges::find_if(topology.domains, [&](const Domain& d) {
        return d.name.value == domain;
    });
    return demo_domain_user(static_cast<std::size_t>(at - topology.domains.begin()));
}

// The topology file of this demo: kept from the first run on, so that addresses stay.
Status make_topology_file(DemoRun& run) {
    const Invocation& invocation = run.context.invocation;
    if (access(run.home.topology_file().c_str(), F_OK) == 0) return {};
    std::string text = shipped_topology();
    std::string name = "ops/demo/topology.yaml";
    if (invocation.has("topology")) {
        name = invocation.text("topology");
        SEALANE_TRY(text, read_text_file(name));
    }
    const DemoScale scale{
        static_cast<std::int32_t>(invocation.has("brokers") ? invocation.number("brokers") : 0),
        [&run] { return run.context.world.random_uuid(); }
    };
    SEALANE_TRY(const std::string complete, complete_topology(text, name, run.home, scale));
    return write_text(run.home.topology_file(), complete);
}

Status refuse_bad_topology(const Topology& topology) {
    std::string errors;
    for (const Finding& finding : judge(topology)) {
        if (finding.severity == Severity::kError)
            errors += "\n" + to_string(finding, topology.file);
    }
    if (errors.empty()) return {};
    return fail(ErrorCode::kBadConfig, "the topology breaks rules:" + errors);
}

// A demo keeps its size: data and voters are there already.
Status refuse_other_size(const DemoRun& run) {
    const Invocation& invocation = run.context.invocation;
    if (!invocation.has("brokers")) return {};
    for (const Cluster& cluster : run.topology.clusters) {
        if (cluster.kind != ClusterKind::kSealane ||
            std::cmp_equal(cluster.brokers.size(), invocation.number("brokers")))
            continue;
        return fail(
            ErrorCode::kBadConfig,
            "the demo in " + run.home.directory() + " has " +
                std::to_string(cluster.brokers.size()) +
                " broker(s) in each cluster; remove it first: sealane demo down --purge"
        );
    }
    return {};
}

Status prepare_broker(DemoRun& run, const Cluster& cluster, const Broker& broker) {
    const std::size_t count = cluster.brokers.size();
    const std::string directory = run.home.broker_directory(cluster.name.value, broker.id, count);
    const DomainUser user = user_of(run.topology, cluster.domain.value);
    if (count > 1)
        SEALANE_CHECK(make_owned_directory(run.home.cluster_directory(cluster.name.value), user));
    SEALANE_CHECK(make_owned_directory(directory, user));
    SEALANE_CHECK(make_owned_directory(run.topology.data_dir_of(cluster, broker), user));
    SEALANE_TRY(
        const std::string config, render_broker(run.topology, cluster.name.value, broker.id)
    );
    SEALANE_CHECK(write_text(directory + "/config.yaml", config));
    if (run.state.find_by_directory(directory) == nullptr) {
        DemoProcess process;
        process.name = cluster.name.value;
        if (count > 1) process.name += "-" + std::to_string(broker.id);
        process.cluster = cluster.name.value;
        process.directory = directory;
        run.state.processes.push_back(std::move(process));
    }
    return {};
}

Status prepare_mirror(DemoRun& run, const std::string& domain) {
    const std::string directory = run.home.mirror_directory(domain);
    const DomainUser user = user_of(run.topology, domain);
    SEALANE_CHECK(make_owned_directory(directory, user));
    SEALANE_CHECK(make_owned_directory(run.home.directory() + "/mirror-" + domain, user));
    SEALANE_TRY(const std::string config, render_mirror(run.topology, domain));
    SEALANE_CHECK(write_text(directory + "/config.yaml", config));
    if (run.state.find(DemoProcess::Kind::kMirror, domain) == nullptr) {
        run.state.processes.push_back({DemoProcess::Kind::kMirror, domain, "", "", directory, 0, ""}
        );
    }
    return {};
}

Status prepare_home(const DemoHome& home) {
    std::error_code failure;
    std::filesystem::create_directories(home.run_directory(), failure);
    if (failure)
        return fail(ErrorCode::kIo, "cannot make " + home.directory() + ": " + failure.message());
    if (geteuid() == 0 && !reachable_by_others(home.topology_file())) {
        return fail(
            ErrorCode::kBadConfig,
            home.directory() +
                " lies in a folder closed to the users that the demo's processes run under; "
                "choose another: --home=/var/lib/sealane/demo"
        );
    }
    // Where two domains' halves meet: the shared group makes and reaches sockets there.
    const DomainUser shared = demo_domain_user(0);
    if (shared.separate) {
        if (chown(home.run_directory().c_str(), 0, shared.group) != 0)
            return fail(ErrorCode::kIo, "chown " + home.run_directory());
        std::filesystem::permissions(home.run_directory(), std::filesystem::perms(0770), failure);
    }
    return {};
}

std::string title(const DemoProcess& process) {
    const bool broker = process.kind == DemoProcess::Kind::kBroker;
    return (broker ? "broker " : "mirror of domain ") + process.name;
}

// True when it was started, false when it runs already.
Result<bool> start_one(DemoRun& run, DemoProcess& process) {
    const bool broker = process.kind == DemoProcess::Kind::kBroker;
    SEALANE_TRY(
        process.program,
        runnable_program(
            run.home, broker ? "sealane-broker" : "sealane-mirror", demo_domain_user(0).separate
        )
    );
    if (is_running(process.pid, process.program)) return false;
    run.progress.update("starting " + title(process));
    const std::string domain =
        broker ? std::string(run.topology.domain_of(process.cluster)) : process.name;
    SEALANE_CHECK(start_daemon(process, user_of(run.topology, domain)));
    SEALANE_CHECK(run.home.save(run.state));
    return true;
}

// All that do not run, then their ready lines: brokers of one cluster need each other to be ready.
Task<Status> start_all(DemoRun& run, DemoProcess::Kind kind, Instant deadline) {
    std::set<pid_t> started;
    for (DemoProcess& process : run.state.processes) {
        if (process.kind != kind) continue;
        SEALANE_CO_TRY(const bool fresh, start_one(run, process));
        if (fresh) started.insert(process.pid);
    }
    // Also those of an earlier run that was interrupted before they were ready.
    for (DemoProcess& process : run.state.processes) {
        if (process.kind != kind) continue;
        SEALANE_CO_CHECK(co_await await_daemon(run.context.world, process, deadline));
        SEALANE_CO_CHECK(run.home.save(run.state));
        if (!started.contains(process.pid)) continue;
        run.progress.done(title(process) + " runs, process " + std::to_string(process.pid));
    }
    co_return Status{};
}

}  // namespace

Status prepare_demo(DemoRun& run) {
    SEALANE_CHECK(prepare_home(run.home));
    SEALANE_CHECK(make_topology_file(run));
    SEALANE_TRY(run.topology, load_topology(run.home.topology_file()));
    SEALANE_CHECK(refuse_bad_topology(run.topology));
    SEALANE_CHECK(refuse_other_size(run));
    if (run.home.exists()) {
        SEALANE_TRY(run.state, run.home.load());
    }
    for (const Domain& domain : run.topology.domains) {
        const DomainUser user = user_of(run.topology, domain.name.value);
        SEALANE_CHECK(make_demo_domain(run.topology, domain, user, run.context.world.wall()));
    }
    for (const Cluster& cluster : run.topology.clusters) {
        if (cluster.kind != ClusterKind::kSealane) continue;
        for (const Broker& broker : cluster.brokers)
            SEALANE_CHECK(prepare_broker(run, cluster, broker));
    }
    for (const std::string& domain : mirror_domains(run.topology))
        SEALANE_CHECK(prepare_mirror(run, domain));
    return run.home.save(run.state);
}

Task<Status> start_demo(DemoRun& run, Instant deadline) {
    for (const auto kind : {DemoProcess::Kind::kBroker, DemoProcess::Kind::kMirror}) {
        SEALANE_CO_CHECK(co_await start_all(run, kind, deadline));
    }
    co_return Status{};
}

}  // namespace sealane::topology
