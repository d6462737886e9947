// sealane demo up, status, env, down.

#include "topology/cli/cluster_session.hpp"
#include "topology/cli/commands.hpp"
#include "topology/cli/demo_daemons.hpp"
#include "topology/cli/demo_env.hpp"
#include "topology/cli/demo_feed.hpp"
#include "topology/cli/demo_topology.hpp"
#include "topology/cli/demo_up.hpp"
#include "topology/cli/link_report.hpp"
#include "topology/cli/mirror_word.hpp"
#include "topology/cli/topology_source.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <csignal>
#include <filesystem>

namespace sealane::topology {
namespace {

using runtime::Task;

// Enough to see; a machine has thousands of changelogs.
constexpr std::size_t kChangelogsMax = 200;

Result<std::vector<LogFile>> files_to_feed(const Invocation& invocation) {
    const auto named = invocation.flags.find("feed");
    if (named != invocation.flags.end()) return named_logs(named->second);
    return find_machine_logs(kChangelogsMax);
}

// Waits until no link lags, as long as the lag still shrinks or the deadline allows.
Task<Result<std::vector<LinkStatus>>> wait_until_equal(
    DemoRun& run, ClusterPool& pool, Instant deadline
) {
    while (true) {
        std::vector<LinkStatus> all;
        std::int64_t lag = 0;
        bool all_ok = true;
        for (const Link& link : run.topology.links) {
            all.push_back(co_await link_status(pool, link, deadline));
            lag += all.back().lag();
            const std::string& verdict = all.back().verdict;
            all_ok = all_ok && (verdict == "OK" || verdict == "PROMOTED" || verdict == "PAUSED");
        }
        if (all_ok && lag == 0) co_return all;
        if (run.context.interrupted()) co_return fail(Error::stopped());
        if (run.context.world.now() >= deadline) {
            co_return fail(
                ErrorCode::kDeadlineExceeded,
                "the mirrors are still behind:\n" + link_status_text(all)
            );
        }
        run.progress.update("mirroring: " + count_text(lag) + " records behind");
        co_await run.context.world.sleep(100ms);
    }
}

Task<Status> show_that_it_works(DemoRun& run, FeedReport fed, Instant deadline) {
    ClusterPool pool(run.context.world, run.topology);
    const auto links = co_await wait_until_equal(run, pool, deadline);
    Result<std::vector<LinkVerdict>> verdicts = std::vector<LinkVerdict>();
    if (links) {
        run.progress.done("every link is up to date");
        std::vector<const Link*> all;
        for (const Link& link : run.topology.links) all.push_back(&link);
        // Mirrors look for new topics every few seconds: the newest may not be at the last one yet.
        const auto is_coming = [&verdicts] {
            return !verdicts && verdicts.error().code() == ErrorCode::kUnknownTopicOrPartition;
        };
        do {
            verdicts = co_await verify_links(pool, all, run.progress, deadline);
            if (is_coming()) co_await run.context.world.sleep(200ms);
        } while (is_coming() && run.context.world.now() < deadline && !run.context.interrupted());
    }
    co_await pool.stop();
    if (!links) co_return fail(links.error());
    if (!verdicts) co_return fail(verdicts.error());
    Table table({"CLUSTER", "TOPIC", "FED RECORDS", "FED BYTES"});
    for (const auto& [cluster, topics] : fed) {
        for (const auto& [topic, counts] : topics) {
            table.row(
                {cluster,
                 topic,
                 count_text(counts.records),
                 bytes_text(static_cast<double>(counts.bytes))}
            );
        }
    }
    if (!fed.empty()) print("\n" + table.text());
    print("\n" + link_status_text(*links) + "\n" + link_verdicts_text(*verdicts));
    for (const LinkVerdict& verdict : *verdicts) {
        if (verdict.different() != 0)
            co_return fail(
                ErrorCode::kCorrupt, "link " + verdict.link + ": source and target differ"
            );
    }
    co_return Status{};
}

std::string next_steps(const Topology& topology) {
    std::string text =
        "\nNext\n"
        "  sealane demo status                 how it stands\n"
        "  sealane demo env                    addresses and certificates for kcat and other "
        "clients\n";
    if (!topology.links.empty()) {
        const std::string cluster = topology.links.front().to.value;
        text += "  sealane topic list --cluster=" + cluster + "\n";
        const Cluster* found = topology.find_cluster(cluster);
        if (found != nullptr && found->brokers.size() > 1) {
            text += "  sealane cluster health --cluster=" + cluster + "\n  sealane demo kill " +
                    cluster + "-" + std::to_string(found->brokers.back().id) +
                    "            the cluster goes on without it\n";
        }
    }
    return text +
           "  sealane topology graph --format=svg --to=demo.svg\n"
           "  sealane drill run                   kill the primary of the replica link and "
           "measure\n"
           "  sealane demo down --purge           stop and remove everything\n";
}

Task<Status> bring_up(DemoRun& run, std::vector<LogFile> files, Instant deadline) {
    SEALANE_CO_CHECK(prepare_demo(run));
    SEALANE_CO_CHECK(co_await start_demo(run, deadline));
    FeedReport fed;
    if (!run.state.fed || run.context.invocation.has("feed")) {
        SEALANE_CO_TRY(
            fed,
            co_await feed_clusters(
                run.context.world, run.topology, std::move(files), run.progress, deadline
            )
        );
    }
    run.state.fed = true;
    SEALANE_CO_CHECK(run.home.save(run.state));
    SEALANE_CO_CHECK(co_await show_that_it_works(run, std::move(fed), deadline));
    print(next_steps(run.topology));
    co_return Status{};
}

Task<ExitCode> up(CommandContext context) {
    const auto deadline = command_deadline(context);
    if (!deadline) co_return refused(deadline.error());
    const std::int64_t brokers = context.invocation.number("brokers");
    if (brokers < 1 || brokers > kDemoBrokersMax) {
        print_error({ErrorCode::kBadConfig, "--brokers is 1 to " + std::to_string(kDemoBrokersMax)}
        );
        co_return ExitCode::kUsage;
    }
    auto files = files_to_feed(context.invocation);
    if (!files) co_return refused(files.error());
    DemoRun run{
        context,
        DemoHome::from(context.invocation),
        Progress(context.invocation.enabled("quiet")),
        {},
        {}
    };
    // Starting, feeding and comparing take longer than a single question.
    const Instant limit =
        context.invocation.has("timeout") ? *deadline : context.world.now() + 10min;
    const Status status = co_await bring_up(run, *std::move(files), limit);
    if (status) co_return ExitCode::kOk;
    print_error(status.error());
    note("logs are below " + run.home.directory() + "; stop it with: sealane demo down");
    co_return exit_code_for(status.error());
}

Task<ExitCode> status(CommandContext context) {
    const DemoHome home = DemoHome::from(context.invocation);
    const auto state = home.load();
    const auto deadline = command_deadline(context);
    if (!state || !deadline) co_return refused(!state ? state.error() : deadline.error());
    const auto topology = load_topology(home.topology_file());
    if (!topology) co_return refused(topology.error());
    Table table({"PROCESS", "NAME", "PID", "RUNS", "MEMORY", "ADMIN"});
    boost::json::array processes;
    bool healthy = true;
    for (const DemoProcess& process : state->processes) {
        const bool runs = is_running(process.pid, process.program);
        const bool paused = runs && is_paused(process.pid);
        healthy = healthy && runs && !paused;
        const std::string kind = process.kind == DemoProcess::Kind::kBroker ? "broker" : "mirror";
        const auto memory = runs ? resident_bytes(process.pid) : 0;
        table.row(
            {kind,
             process.name,
             std::to_string(process.pid),
             paused ? "PAUSED"
             : runs ? "yes"
                    : "NO",
             bytes_text(static_cast<double>(memory)),
             process.admin}
        );
        processes.push_back(boost::json::object{
            {"kind", kind},
            {"name", process.name},
            {"cluster", process.cluster},
            {"pid", process.pid},
            {"runs", runs},
            {"paused", paused},
            {"resident_bytes", memory},
            {"admin", process.admin}
        });
    }
    ClusterPool pool(context.world, *topology);
    const auto addresses = mirror_addresses(*topology, context.invocation);
    std::vector<LinkStatus> links;
    for (const Link& link : topology->links) {
        // A cluster that is down must not use up the time for the others.
        links.push_back(
            co_await link_status(pool, link, std::min(*deadline, context.world.now() + 3s))
        );
        co_await add_mirror_word(context.world, *topology, addresses, links.back(), *deadline);
        healthy = healthy && links.back().verdict == "OK";
    }
    co_await pool.stop();
    if (context.invocation.json()) {
        print_json(boost::json::object{
            {"processes", std::move(processes)}, {"links", link_status_json(links).at("links")}
        });
    } else {
        print(table.text() + "\n" + link_status_text(links));
    }
    co_return healthy || !context.invocation.enabled("exit-code") ? ExitCode::kOk
                                                                  : ExitCode::kUnhealthy;
}

Task<ExitCode> env(CommandContext context) {
    const DemoHome home = DemoHome::from(context.invocation);
    if (!home.exists())
        co_return refused(
            {ErrorCode::kNotFound, "no demo in " + home.directory() + "; start one: sealane demo up"
            }
        );
    const auto topology = load_topology(home.topology_file());
    if (!topology) co_return refused(topology.error());
    if (context.invocation.json()) {
        print_json(demo_env_json(*topology));
    } else {
        print(demo_env_text(*topology));
    }
    co_return ExitCode::kOk;
}

Result<int> chosen_signal(const Invocation& invocation) {
    constexpr std::pair<std::string_view, int> kSignals[] = {
        {"KILL", SIGKILL}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}, {"TERM", SIGTERM}
    };
    for (const auto& [name, number] : kSignals) {
        if (name == invocation.text("signal")) return number;
    }
    return fail(
        ErrorCode::kBadConfig,
        "--signal is KILL, STOP, CONT or TERM, not '" + invocation.text("signal") + "'"
    );
}

// A fault on demand: any process of the demo, killed, paused or asked to stop.
Task<ExitCode> kill_process(CommandContext context) {
    const auto signal = chosen_signal(context.invocation);
    if (!signal) {
        print_error(signal.error());
        co_return ExitCode::kUsage;
    }
    const auto state = DemoHome::from(context.invocation).load();
    if (!state) co_return refused(state.error());
    const std::string& wanted = context.invocation.arguments.front();
    std::string names;
    for (const DemoProcess& process : state->processes) {
        const bool mirror = process.kind == DemoProcess::Kind::kMirror;
        const std::string name = mirror ? "mirror-" + process.name : process.name;
        names += (names.empty() ? "" : ", ") + name;
        if (name != wanted) continue;
        if (!is_running(process.pid, process.program)) {
            co_return refused(
                {ErrorCode::kNotFound, name + " does not run; start it: sealane demo up"}
            );
        }
        signal_child(process.pid, process.program, *signal);
        note(
            "sent " + context.invocation.text("signal") + " to " + name + ", process " +
            std::to_string(process.pid)
        );
        co_return ExitCode::kOk;
    }
    co_return refused({ErrorCode::kNotFound, "no process '" + wanted + "'; there are " + names});
}

Task<ExitCode> down(CommandContext context) {
    const DemoHome home = DemoHome::from(context.invocation);
    const bool purge = context.invocation.enabled("purge");
    const auto state = home.load();
    // Without its state a demo's processes cannot be told from others: refuse to remove under them.
    const bool unreadable = !state && state.error().code() != ErrorCode::kNotFound;
    if (!state && (!purge || unreadable)) co_return refused(state.error());
    if (state) {
        co_await stop_daemons(context.world, *state, context.world.now() + 10s);
        note("stopped " + std::to_string(state->processes.size()) + " processes");
    }
    if (!purge) co_return ExitCode::kOk;
    // Only what a demo made: a folder that holds a demo's topology and state.
    const bool is_demo = home.exists() || std::filesystem::exists(home.topology_file());
    if (!is_demo) {
        note("nothing to remove in " + home.directory());
        co_return ExitCode::kOk;
    }
    std::error_code failure;
    std::filesystem::remove_all(home.directory(), failure);
    if (failure)
        co_return refused(
            {ErrorCode::kIo, "cannot remove " + home.directory() + ": " + failure.message()}
        );
    note("removed " + home.directory());
    co_return ExitCode::kOk;
}

}  // namespace

std::vector<CommandSpec> demo_commands() {
    return {
        {.words = "demo up",
         .arguments = "",
         .summary =
             "Start clusters, mirrors and security domains on this machine and feed real logs",
         .details =
             "Makes a certificate authority for every domain, starts a broker for every "
             "cluster and a\n"
             "mirror process for every domain, feeds this machine's logs and package "
             "changelogs (or\n"
             "the files named with --feed) into the local clusters, waits until every link "
             "is up to\n"
             "date and compares both ends record by record. Run again, it starts what does "
             "not run.\n"
             "With --brokers=3 each cluster has three brokers that replicate and elect among "
             "themselves;\n"
             "a demo keeps the size that it was made with.",
         .flags = {"brokers", "feed", "topology"},
         .body = up},
        {.words = "demo status",
         .arguments = "",
         .summary = "Show the demo's processes and links",
         .details = "",
         .flags = {"exit-code"},
         .body = status},
        {.words = "demo env",
         .arguments = "",
         .summary = "Print addresses and certificates for other clients",
         .details = "Shell variables:  eval \"$(sealane demo env)\"  then  kcat -b $SEOUL_PLAIN -L",
         .flags = {},
         .body = env},
        {.words = "demo kill",
         .arguments = "PROCESS",
         .summary = "Kill, pause or stop one process of the demo",
         .details = "PROCESS is a name of sealane demo status: korea-2 for a broker (korea where a "
                    "cluster has\n"
                    "one), mirror-korea for a mirror. sealane demo up starts it again.",
         .flags = {"signal"},
         .arguments_min = 1,
         .arguments_max = 1,
         .body = kill_process},
        {.words = "demo down",
         .arguments = "",
         .summary = "Stop the demo; with --purge remove its data and keys",
         .details = "",
         .flags = {"purge"},
         .body = down},
    };
}

}  // namespace sealane::topology
