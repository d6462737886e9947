// sealane drill run: lose the primary of the demo's replica link, for real, and report.

#include "common/config/scalar.hpp"
#include "topology/cli/child_process.hpp"
#include "topology/cli/cluster_session.hpp"
#include "topology/cli/commands.hpp"
#include "topology/cli/demo_home.hpp"
#include "topology/cli/link_status.hpp"
#include "topology/cli/output.hpp"
#include "topology/cli/topology_source.hpp"
#include "topology/drill/report.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

namespace sealane::topology {
namespace {

using runtime::Task;

// --link, the link of the topology's first drill, or the only replica link.
Result<const Link*> drilled_link(const Topology& topology, const Invocation& invocation) {
    std::string name = invocation.text("link");
    if (name.empty() && !topology.drills.empty()) name = topology.drills.front().link.value;
    for (const Link& link : topology.links) {
        if (link.kind != LinkKind::kReplica) continue;
        if (name.empty() || link.name.value == name) return &link;
    }
    return fail(
        ErrorCode::kBadConfig,
        name.empty() ? "the topology has no replica link to drill"
                     : "no replica link '" + name + "'"
    );
}

Result<DrillPlan> make_plan(
    const CommandContext& context, const Topology& topology, const Link& link
) {
    DrillPlan plan;
    plan.link = link.name.value;
    plan.primary = link.from.value;
    plan.standby = link.to.value;
    plan.objectives = link.objectives;
    plan.detection.silence = link.detection;
    for (const Drill& drill : topology.drills) {
        if (drill.link.value != link.name.value) continue;
        plan.probes.records_per_second = drill.records_per_second;
        plan.probes.record_bytes = static_cast<std::size_t>(drill.record_bytes);
        plan.probes.partitions = drill.probe_partitions;
        plan.baseline = drill.baseline;
        plan.after = drill.after;
    }
    if (context.invocation.has("rate"))
        plan.probes.records_per_second = context.invocation.number("rate");
    if (plan.probes.records_per_second < 1 || plan.probes.records_per_second > 100'000) {
        return fail(ErrorCode::kBadConfig, "--rate is 1 to 100000 records a second");
    }
    if (context.invocation.has("baseline")) {
        SEALANE_TRY(plan.baseline, config::parse_duration(context.invocation.text("baseline")));
    }
    plan.probes.topic = "drill." + std::to_string(context.world.wall().ms);
    if (!link.topics.selects(plan.probes.topic)) {
        return fail(
            ErrorCode::kBadConfig,
            "link " + plan.link +
                " does not carry topics named drill.*; add that pattern to its topics"
        );
    }
    return plan;
}

Status write_report(const std::string& directory, const DrillResult& result) {
    std::error_code failure;
    std::filesystem::create_directories(directory, failure);
    if (failure) return fail(ErrorCode::kIo, "cannot make " + directory + ": " + failure.message());
    for (const auto& [name, text] :
         {std::pair{"report.json", report_json(result)},
          std::pair{"report.html", report_html(result)}}) {
        std::ofstream file(directory + "/" + name);
        file << text;
        file.close();
        if (!file) return fail(ErrorCode::kIo, "cannot write " + directory + "/" + name);
    }
    return {};
}

Task<Result<DrillResult>> drill(
    CommandContext context,
    const DemoHome& home,
    const Topology& topology,
    DrillPlan plan,
    Progress& progress
) {
    SEALANE_CO_TRY(DemoState state, home.load());
    // A lost datacenter loses every broker of its cluster.
    std::vector<DemoProcess> victims;
    for (const DemoProcess& process : state.processes) {
        if (process.cluster == plan.primary && is_running(process.pid, process.program))
            victims.push_back(process);
    }
    if (victims.empty()) {
        co_return fail(
            ErrorCode::kNotFound,
            "no broker of " + plan.primary + " runs; start the demo: sealane demo up"
        );
    }
    DrillHooks hooks;
    hooks.kill_primary = [victims]() -> Status {
        for (const DemoProcess& victim : victims) signal_child(victim.pid, victim.program, SIGKILL);
        return {};
    };
    hooks.tell = [&progress](const std::string& what) { progress.done(what); };
    hooks.interrupted = context.interrupted;
    ClusterPool pool(context.world, topology);
    SEALANE_CO_TRY(client::ClusterClient* const primary, pool.get(plan.primary));
    SEALANE_CO_TRY(client::ClusterClient* const standby, pool.get(plan.standby));
    auto result = co_await run_drill(*primary, *standby, std::move(plan), std::move(hooks));
    co_await pool.stop();
    co_return result;
}

Task<ExitCode> run(CommandContext context) {
    const DemoHome home = DemoHome::from(context.invocation);
    if (!home.exists())
        co_return refused(
            {ErrorCode::kNotFound, "no demo in " + home.directory() + "; start one: sealane demo up"
            }
        );
    const auto topology = load_topology(home.topology_file());
    if (!topology) co_return refused(topology.error());
    const auto link = drilled_link(*topology, context.invocation);
    if (!link) co_return refused(link.error());
    auto plan = make_plan(context, *topology, **link);
    if (!plan) co_return refused(plan.error());
    Progress progress(context.invocation.enabled("quiet"));
    const auto result = co_await drill(context, home, *topology, *std::move(plan), progress);
    if (!result) co_return refused(result.error());
    const std::string directory = context.invocation.has("report")
                                      ? context.invocation.text("report")
                                      : home.directory() + "/drills/" + result->plan.probes.topic;
    if (const Status written = write_report(directory, *result); !written)
        co_return refused(written.error());
    if (context.invocation.json()) {
        print(report_json(*result));
    } else {
        print(report_text(*result) + "report   " + directory + "/report.html\n");
        note(
            "the link is promoted and " + result->plan.primary +
            " is down; begin anew: sealane demo down --purge && sealane demo up"
        );
    }
    co_return missed_objectives(*result).empty() ? ExitCode::kOk : ExitCode::kObjectiveMissed;
}

}  // namespace

std::vector<CommandSpec> drill_commands() {
    return {
        {.words = "drill run",
         .arguments = "",
         .summary =
             "Kill the primary of the demo's replica link, fail over, and count what was lost",
         .details =
             "Writes probes to the primary, kills its broker with SIGKILL, waits until the loss "
             "is\n"
             "detected, promotes the standby, moves writers and readers, and compares every\n"
             "acknowledged record. Writes report.html and report.json. Exit code 3 when an "
             "objective\n"
             "of the link was missed. The demo is left promoted.",
         .flags = {"link", "rate", "baseline", "report"},
         .body = run},
    };
}

}  // namespace sealane::topology
