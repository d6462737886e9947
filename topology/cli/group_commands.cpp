// sealane group list, describe.

#include "common/client/admin.hpp"
#include "topology/cli/cluster_session.hpp"
#include "topology/cli/commands.hpp"
#include "topology/cli/output.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace sealane::topology {
namespace {

using runtime::Task;

Task<Result<ExitCode>> list(ClusterSession& session) {
    client::Admin admin(session.cluster);
    SEALANE_CO_TRY(const auto groups, co_await admin.list_groups(session.deadline));
    Table table({"GROUP", "STATE", "PROTOCOL"});
    boost::json::array rows;
    for (const auto& group : groups) {
        table.row({group.group_id, group.group_state, group.protocol_type});
        rows.push_back(boost::json::object{
            {"group", group.group_id},
            {"state", group.group_state},
            {"protocol", group.protocol_type}
        });
    }
    if (session.context.invocation.json()) {
        print_json(boost::json::object{{"cluster", session.name}, {"groups", std::move(rows)}});
    } else {
        print(table.text());
    }
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> describe(ClusterSession& session) {
    client::Admin admin(session.cluster);
    const std::string& name = session.context.invocation.arguments.front();
    SEALANE_CO_TRY(const auto group, co_await admin.describe_group(name, session.deadline));
    SEALANE_CO_TRY(
        const auto committed,
        co_await client::fetch_committed(session.cluster, name, std::nullopt, session.deadline)
    );
    std::map<TopicPartition, client::StartAt> latest;
    for (const auto& [partition, offset] : committed)
        latest.emplace(partition, client::StartAt::latest());
    auto ends = co_await client::list_offsets(session.cluster, latest, false, session.deadline);
    Table table({"TOPIC", "PARTITION", "COMMITTED", "END", "LAG"});
    boost::json::array rows;
    for (const auto& [partition, offset] : committed) {
        const auto& end = ends.at(partition);
        const std::int64_t lag = end ? end->offset - offset.offset : -1;
        table.row(
            {partition.topic,
             std::to_string(partition.partition.value),
             count_text(offset.offset.value),
             end ? count_text(end->offset.value) : end.error().to_string(),
             end ? count_text(lag) : "-"}
        );
        rows.push_back(boost::json::object{
            {"topic", partition.topic},
            {"partition", partition.partition.value},
            {"committed", offset.offset.value},
            {"end", end ? end->offset.value : -1},
            {"lag", lag},
        });
    }
    if (session.context.invocation.json()) {
        print_json(boost::json::object{
            {"cluster", session.name},
            {"group", name},
            {"state", group.group_state},
            {"members", group.members.size()},
            {"offsets", std::move(rows)}
        });
    } else {
        print(
            name + "  " + group.group_state + ", " + std::to_string(group.members.size()) +
            " member(s) in " + session.name + "\n" + table.text()
        );
    }
    co_return ExitCode::kOk;
}

}  // namespace

std::vector<CommandSpec> group_commands() {
    const std::vector<std::string> access = with_access();
    return {
        {.words = "group list",
         .arguments = "",
         .summary = "List consumer groups",
         .details = "",
         .flags = access,
         .body = [](CommandContext context) { return with_cluster(context, list); }},
        {.words = "group describe",
         .arguments = "GROUP",
         .summary = "Show a group's committed offsets and lag",
         .details = "",
         .flags = access,
         .arguments_min = 1,
         .arguments_max = 1,
         .body = [](CommandContext context) { return with_cluster(context, describe); }},
    };
}

}  // namespace sealane::topology
