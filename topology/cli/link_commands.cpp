// sealane link list, status, verify, pause, resume, promote.

#include "common/kafka/messages/mirror.hpp"
#include "topology/cli/cluster_session.hpp"
#include "topology/cli/commands.hpp"
#include "topology/cli/link_report.hpp"
#include "topology/cli/link_status.hpp"
#include "topology/cli/mirror_word.hpp"
#include "topology/cli/output.hpp"
#include "topology/cli/topology_source.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace sealane::topology {
namespace {

using runtime::Task;

Result<Topology> command_topology(const CommandContext& context) {
    SEALANE_TRY(const std::string file, topology_file(context.invocation));
    return load_topology(file);
}

Result<const Link*> named_link(const Topology& topology, const std::string& name) {
    if (const Link* link = topology.find_link(name)) return link;
    std::string names;
    for (const Link& link : topology.links) names += (names.empty() ? "" : ", ") + link.name.value;
    return fail(ErrorCode::kBadConfig, "no link '" + name + "'; the topology has " + names);
}

Task<ExitCode> list(CommandContext context) {
    const auto topology = command_topology(context);
    if (!topology) co_return refused(topology.error());
    Table table({"LINK", "KIND", "FROM", "TO", "TOPICS"});
    boost::json::array rows;
    for (const Link& link : topology->links) {
        std::string topics;
        for (const Text& pattern : link.topics.include)
            topics += (topics.empty() ? "" : ",") + pattern.value;
        table.row(
            {link.name.value,
             std::string(name_of(link.kind)),
             link.from.value,
             link.to.value,
             topics}
        );
        rows.push_back(boost::json::object{
            {"link", link.name.value},
            {"kind", std::string(name_of(link.kind))},
            {"from", link.from.value},
            {"to", link.to.value},
            {"topics", topics}
        });
    }
    if (context.invocation.json()) {
        print_json(boost::json::object{{"links", std::move(rows)}});
    } else {
        print(table.text());
    }
    co_return ExitCode::kOk;
}

Task<ExitCode> status_once(CommandContext context, const Topology& topology) {
    const auto deadline = command_deadline(context);
    if (!deadline) co_return refused(deadline.error());
    ClusterPool pool(context.world, topology);
    const auto addresses = mirror_addresses(topology, context.invocation);
    std::vector<LinkStatus> all;
    for (const Link& link : topology.links) {
        if (context.invocation.has("link") && context.invocation.text("link") != link.name.value)
            continue;
        all.push_back(co_await link_status(pool, link, *deadline));
        co_await add_mirror_word(context.world, topology, addresses, all.back(), *deadline);
    }
    co_await pool.stop();
    if (context.invocation.json()) {
        print_json(link_status_json(all));
    } else {
        print(link_status_text(all));
    }
    bool healthy = true;
    for (const LinkStatus& one : all) healthy = healthy && one.verdict == "OK";
    co_return healthy || !context.invocation.enabled("exit-code") ? ExitCode::kOk
                                                                  : ExitCode::kUnhealthy;
}

Task<ExitCode> status(CommandContext context) {
    const auto topology = command_topology(context);
    if (!topology) co_return refused(topology.error());
    if (context.invocation.has("link")) {
        const auto link = named_link(*topology, context.invocation.text("link"));
        if (!link) co_return refused(link.error());
    }
    while (true) {
        const ExitCode code = co_await status_once(context, *topology);
        if (!context.invocation.enabled("watch") || context.interrupted()) co_return code;
        co_await context.world.sleep(1s);
        print("\n");
    }
}

Task<ExitCode> verify(CommandContext context) {
    const auto topology = command_topology(context);
    const auto deadline = command_deadline(context);
    if (!topology || !deadline) co_return refused(!topology ? topology.error() : deadline.error());
    std::vector<const Link*> links;
    for (const std::string& name : context.invocation.arguments) {
        const auto link = named_link(*topology, name);
        if (!link) co_return refused(link.error());
        links.push_back(*link);
    }
    if (links.empty()) {
        for (const Link& link : topology->links) links.push_back(&link);
    }
    Progress progress(context.invocation.enabled("quiet"));
    ClusterPool pool(context.world, *topology);
    const auto verdicts = co_await verify_links(pool, links, progress, *deadline);
    co_await pool.stop();
    if (!verdicts) co_return refused(verdicts.error());
    if (context.invocation.json()) {
        print_json(link_verdicts_json(*verdicts));
    } else {
        print(link_verdicts_text(*verdicts));
    }
    for (const LinkVerdict& verdict : *verdicts) {
        if (verdict.different() != 0) co_return ExitCode::kBadData;
    }
    co_return ExitCode::kOk;
}

Task<Result<kafka::AlterMirrorLinkResponse>> alter(
    CommandContext context, const Topology& topology, const Link& link, std::int8_t operation
) {
    SEALANE_CO_TRY(const Instant deadline, command_deadline(context));
    ClusterPool pool(context.world, topology);
    SEALANE_CO_TRY(client::ClusterClient* const target, pool.get(link.to.value));
    kafka::AlterMirrorLinkRequest request;
    request.link_name = link.name.value;
    request.operation = operation;
    auto answer = co_await target->send_any(request, deadline);
    co_await pool.stop();
    if (!answer) co_return fail(answer.error().in(link.to.value));
    if (answer->error_code != ErrorCode::kNone) {
        co_return fail(
            answer->error_code, answer->error_message.value_or("link " + link.name.value)
        );
    }
    co_return *std::move(answer);
}

Task<ExitCode> change(CommandContext context, std::int8_t operation) {
    const auto topology = command_topology(context);
    if (!topology) co_return refused(topology.error());
    const auto link = named_link(*topology, context.invocation.arguments.front());
    if (!link) co_return refused(link.error());
    if (operation == kafka::kLinkPromote && !context.invocation.enabled("yes")) {
        print_error(
            {ErrorCode::kBadConfig,
             "promoting makes the topics of " + (*link)->to.value +
                 " writable and ends the link; to do it: sealane link promote '" +
                 (*link)->name.value + "' --yes"}
        );
        co_return ExitCode::kUsage;
    }
    const auto answer = co_await alter(context, *topology, **link, operation);
    if (!answer) co_return refused(answer.error());
    if (context.invocation.json()) {
        print_json(boost::json::object{
            {"link", (*link)->name.value},
            {"state", link_state_text(answer->link_state)},
            {"epoch", answer->link_epoch},
            {"promoted_partitions", answer->promoted.size()}
        });
        co_return ExitCode::kOk;
    }
    print(
        "link " + (*link)->name.value + " is " + link_state_text(answer->link_state) + ", epoch " +
        std::to_string(answer->link_epoch) + "\n"
    );
    for (const auto& partition : answer->promoted) {
        print(
            "  " + partition.topic + "-" + std::to_string(partition.partition_index.value) +
            " writable from offset " + std::to_string(partition.end_offset.value) +
            ", leader epoch " + std::to_string(partition.leader_epoch.value) + "\n"
        );
    }
    co_return ExitCode::kOk;
}

CommandSpec change_command(
    std::string words, std::string summary, std::int8_t operation, std::vector<std::string> flags
) {
    flags.insert(flags.begin(), "topology");
    return {
        .words = std::move(words),
        .arguments = "LINK",
        .summary = std::move(summary),
        .details = "",
        .flags = std::move(flags),
        .arguments_min = 1,
        .arguments_max = 1,
        .body = [operation](CommandContext context) { return change(context, operation); }
    };
}

}  // namespace

std::vector<CommandSpec> link_commands() {
    return {
        {.words = "link list",
         .arguments = "",
         .summary = "List the links of the topology",
         .details = "",
         .flags = {"topology"},
         .body = list},
        {.words = "link status",
         .arguments = "",
         .summary = "Show state and lag of links, asked from both ends",
         .details =
             "Lag is counted in records from the source's log end to the position that the target\n"
             "continues from, so that a mirror that does not run shows as growing lag.",
         .flags = {"topology", "link", "watch", "exit-code"},
         .body = status},
        {.words = "link verify",
         .arguments = "[LINK ...]",
         .summary = "Compare source and target record by record",
         .details =
             "Replica links compare equal offsets, aggregate links go through the exact offset "
             "map.\n"
             "Exit code 65 when anything differs. Records that the target does not have yet are\n"
             "counted as behind, not as different.",
         .flags = {"topology"},
         .arguments_min = 0,
         .arguments_max = 100,
         .body = verify},
        change_command(
            "link pause", "Stop carrying records; positions are kept", kafka::kLinkPause, {}
        ),
        change_command(
            "link resume",
            "Carry records again after a pause or a mended cause",
            kafka::kLinkResume,
            {}
        ),
        change_command(
            "link promote",
            "Make the target of a replica link writable (failover)",
            kafka::kLinkPromote,
            {"yes"}
        ),
    };
}

}  // namespace sealane::topology
