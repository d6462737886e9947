// sealane cluster info, brokers, health. What changes a cluster is in reassign_commands.cpp and
// membership_commands.cpp.

#include "common/client/admin_cluster.hpp"
#include "topology/cli/cluster_command.hpp"
#include "topology/cli/cluster_report.hpp"
#include "topology/cli/commands.hpp"
#include "topology/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace sealane::topology {
namespace {

using runtime::Task;

Task<Result<ExitCode>> info(ClusterSession& session) {
    ClusterInfo shown;
    shown.name = session.name;
    SEALANE_CO_TRY(shown.state, co_await read_cluster_state(session, session.deadline));
    client::ClusterAdmin admin(session.cluster);
    if (const auto served = co_await admin.features(std::nullopt, session.deadline)) {
        for (const auto& feature : served->finalized_features)
            shown.features[feature.name] = feature.max_version_level;
    }
    if (session.context.invocation.json()) {
        print_json(cluster_info_json(shown));
    } else {
        print(cluster_info_text(shown));
    }
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> brokers(ClusterSession& session) {
    SEALANE_CO_TRY(
        const ClusterState state, co_await read_cluster_state(session, session.deadline)
    );
    const auto disks = co_await read_disks(session, state, session.deadline);
    if (session.context.invocation.json()) {
        print_json(
            boost::json::object{{"cluster", session.name}, {"brokers", brokers_json(state, disks)}}
        );
    } else {
        print(brokers_text(state, disks));
    }
    co_return ExitCode::kOk;
}

// The answer of one moment; the exit code that fits it.
struct HealthAnswer {
    std::string text;
    boost::json::value json;
    std::string verdict;
    ExitCode code = ExitCode::kOk;
};

Task<HealthAnswer> ask_health(ClusterSession& session, Instant deadline) {
    const auto state = co_await read_cluster_state(session, deadline);
    HealthAnswer answer;
    if (!state) {
        // A cluster of which nobody answers has a verdict as well.
        answer.verdict = name_of(ClusterVerdict::kUnavailable);
        const std::string why = state.error().to_string();
        answer.text = answer.verdict + "  " + session.name + ": no broker answers: " + why + "\n";
        answer.json = boost::json::object{
            {"cluster", session.name}, {"verdict", answer.verdict}, {"error", why}
        };
        answer.code = exit_code_for(state.error());
        co_return answer;
    }
    const ClusterHealth health = judge_health(*state);
    answer.verdict = name_of(health.verdict);
    answer.text = health_text(session.name, *state, health);
    answer.json = health_json(session.name, *state, health);
    answer.code = health.healthy() ? ExitCode::kOk : ExitCode::kUnhealthy;
    co_return answer;
}

Task<Result<ExitCode>> health(ClusterSession& session) {
    const CommandContext& context = session.context;
    const bool watch = context.invocation.enabled("watch");
    const bool wait = context.invocation.enabled("exit-when-healthy");
    const bool bounded = wait || !watch;
    Progress progress(context.invocation.enabled("quiet"));
    while (true) {
        // A watcher asks again rather than wait long for one answer.
        const Instant limit = watch || wait ? context.world.now() + 10s : session.deadline;
        const HealthAnswer answer =
            co_await ask_health(session, bounded ? std::min(limit, session.deadline) : limit);
        const bool last = !watch && !wait;
        const bool healthy = answer.code == ExitCode::kOk;
        const bool late = wait && context.world.now() >= session.deadline;
        const bool ends = last || late || (wait && healthy) || context.interrupted();
        if (watch || ends) {
            if (context.invocation.json()) {
                print_json(answer.json);
            } else {
                print(answer.text);
            }
        } else {
            progress.update(session.name + " is " + answer.verdict);
        }
        if (ends) co_return answer.code;
        co_await context.world.sleep(wait && !watch ? 200ms : 1s);
        if (watch && !context.invocation.json()) print("\n");
    }
}

}  // namespace

Result<BrokerId> parse_broker(const std::string& text) {
    std::int32_t id = -1;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, id);
    if (read.ec != std::errc{} || read.ptr != end || id < 0)
        return fail(ErrorCode::kBadConfig, "'" + text + "' is no broker's number");
    return BrokerId(id);
}

CommandSpec cluster_command(ClusterCommand command) {
    return {
        .words = "cluster " + command.words,
        .arguments = command.arguments,
        .summary = command.summary,
        .details = command.details,
        .flags = with_access(std::move(command.flags)),
        .arguments_min = command.arguments_min,
        .arguments_max = command.arguments_max,
        .body = [body = command.body](CommandContext context
                ) { return with_cluster(context, body, Patience::kLittle); },
    };
}

std::vector<CommandSpec> cluster_commands() {
    std::vector<CommandSpec> all{
        cluster_command({
            .words = "info",
            .summary = "Show a cluster's controller, metadata quorum and brokers",
            .details = "LAG is the metadata records that a node of the quorum has still to fetch. "
                       "A node that has\n"
                       "not asked the leader for five seconds is SILENT.",
            .body = info,
        }),
        cluster_command({
            .words = "brokers",
            .summary = "List the brokers with their load and disks",
            .details = "LEADS and HOLDS count partitions and replicas. A broker that is fenced has "
                       "not sent a\n"
                       "heartbeat for its session time; one that is gone holds replicas and is not "
                       "registered.",
            .body = brokers,
        }),
        cluster_command({
            .words = "health",
            .summary = "Say whether a cluster is HEALTHY, DEGRADED or UNAVAILABLE, and why",
            .details =
                "UNAVAILABLE: a partition has no leader or refuses acks=all, or the metadata "
                "quorum "
                "does not\n"
                "answer. DEGRADED: all is served, but a replica is out of sync, or a broker or "
                "voter is away.\n"
                "Exit code 0 when healthy, 10 when not, 4 when no broker answers. "
                "--exit-when-healthy waits,\n"
                "at most for --timeout.",
            .flags = {"watch", "exit-when-healthy"},
            .body = health,
        }),
    };
    for (auto* rows : {&reassign_commands, &membership_commands}) {
        auto more = (*rows)();
        std::ranges::move(more, std::back_inserter(all));
    }
    return all;
}

}  // namespace sealane::topology
