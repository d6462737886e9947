// sealane topology validate, graph, status, explain.

#include "topology/cli/cluster_session.hpp"
#include "topology/cli/commands.hpp"
#include "topology/cli/link_report.hpp"
#include "topology/cli/mirror_word.hpp"
#include "topology/cli/topology_source.hpp"
#include "topology/model/graph.hpp"
#include "topology/rules/rules.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fstream>

namespace sealane::topology {
namespace {

using runtime::Task;

Result<Topology> argument_topology(const CommandContext& context) {
    if (!context.invocation.arguments.empty())
        return load_topology(context.invocation.arguments.front());
    SEALANE_TRY(const std::string file, topology_file(context.invocation));
    return load_topology(file);
}

Task<ExitCode> validate(CommandContext context) {
    const auto topology = argument_topology(context);
    if (!topology) co_return refused(topology.error());
    const Findings findings = judge(*topology);
    if (context.invocation.json()) {
        boost::json::array rows;
        for (const Finding& finding : findings) {
            rows.push_back(boost::json::object{
                {"rule", finding.rule},
                {"severity", finding.severity == Severity::kError ? "error" : "warning"},
                {"line", finding.mark.line},
                {"column", finding.mark.column},
                {"where", finding.where},
                {"what", finding.what},
                {"mend", finding.mend}
            });
        }
        print_json(boost::json::object{{"file", topology->file}, {"findings", std::move(rows)}});
    } else {
        for (const Finding& finding : findings) print(to_string(finding, topology->file) + "\n");
        if (findings.empty()) {
            print(
                topology->file + ": " + std::to_string(topology->clusters.size()) + " clusters, " +
                std::to_string(topology->links.size()) + " links, no findings by " +
                std::to_string(all_rules().size()) + " rules\n"
            );
        } else {
            print("more on a rule: sealane topology explain " + findings.front().rule + "\n");
        }
    }
    co_return has_errors(findings) ? ExitCode::kBadConfig : ExitCode::kOk;
}

Task<ExitCode> explain(CommandContext context) {
    const std::string& id = context.invocation.arguments.front();
    const Rule* rule = find_rule(id);
    if (rule == nullptr) {
        std::string ids;
        for (const Rule& known : all_rules())
            ids += (ids.empty() ? "" : ", ") + std::string(known.id);
        print_error({ErrorCode::kBadConfig, "no rule '" + id + "'; there are " + ids});
        co_return ExitCode::kUsage;
    }
    print(
        std::string(rule->id) + ": " + std::string(rule->title) + "\n\n" +
        std::string(rule->explanation) + "\n\nTo mend: " + std::string(rule->mend) + "\n"
    );
    co_return ExitCode::kOk;
}

Task<ExitCode> graph(CommandContext context) {
    const auto topology = argument_topology(context);
    if (!topology) co_return refused(topology.error());
    const std::string format = context.invocation.text("format");
    std::string picture;
    if (format == "svg") {
        picture = draw_svg(*topology);
    } else if (format == "mermaid") {
        picture = draw_mermaid(*topology);
    } else if (format == "ascii") {
        picture = draw_ascii(*topology);
    } else {
        print_error(
            {ErrorCode::kBadConfig, "--format is svg, mermaid or ascii, not '" + format + "'"}
        );
        co_return ExitCode::kUsage;
    }
    if (!context.invocation.has("to")) {
        print(picture);
        co_return ExitCode::kOk;
    }
    const std::string path = context.invocation.text("to");
    std::ofstream file(path);
    file << picture;
    file.close();
    if (!file) co_return refused({ErrorCode::kIo, "cannot write " + path});
    note("written to " + path);
    co_return ExitCode::kOk;
}

Task<ExitCode> status(CommandContext context) {
    const auto topology = argument_topology(context);
    const auto deadline = command_deadline(context);
    if (!topology || !deadline) co_return refused(!topology ? topology.error() : deadline.error());
    ClusterPool pool(context.world, *topology);
    const auto addresses = mirror_addresses(*topology, context.invocation);
    std::vector<LinkStatus> links;
    LinkNotes notes;
    bool healthy = true;
    for (const Link& link : topology->links) {
        links.push_back(
            co_await link_status(pool, link, std::min(*deadline, context.world.now() + 5s))
        );
        co_await add_mirror_word(context.world, *topology, addresses, links.back(), *deadline);
        const LinkStatus& one = links.back();
        notes[one.link] = one.verdict + ", " + count_text(one.lag()) + " behind";
        healthy = healthy && one.verdict == "OK";
    }
    co_await pool.stop();
    if (context.invocation.json()) {
        print_json(link_status_json(links));
    } else {
        print(draw_ascii(*topology, notes) + "\n" + link_status_text(links));
    }
    co_return healthy || !context.invocation.enabled("exit-code") ? ExitCode::kOk
                                                                  : ExitCode::kUnhealthy;
}

CommandSpec command(
    std::string words, std::string summary, std::vector<std::string> flags, CommandBody body
) {
    flags.insert(flags.begin(), "topology");
    return {
        .words = std::move(words),
        .arguments = "[FILE]",
        .summary = std::move(summary),
        .details = "",
        .flags = std::move(flags),
        .arguments_min = 0,
        .arguments_max = 1,
        .body = std::move(body)
    };
}

}  // namespace

std::vector<CommandSpec> topology_commands() {
    return {
        command(
            "topology validate", "Check a topology file: syntax, names and rules", {}, validate
        ),
        command("topology graph", "Draw a topology", {"format", "to"}, graph),
        command(
            "topology status", "Show how the live clusters and links stand", {"exit-code"}, status
        ),
        {.words = "topology explain",
         .arguments = "RULE",
         .summary = "Explain a rule of the verifier",
         .details = "",
         .flags = {},
         .arguments_min = 1,
         .arguments_max = 1,
         .body = explain},
    };
}

}  // namespace sealane::topology
