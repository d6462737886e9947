// The command table: each noun's file contributes its rows.

#include "topology/cli/commands.hpp"

#include <iterator>

namespace sealane::topology {
namespace {

std::vector<CommandSpec> all_commands() {
    std::vector<CommandSpec> table;
    for (auto* rows :
         {&demo_commands,
          &cluster_commands,
          &topic_commands,
          &group_commands,
          &link_commands,
          &topology_commands,
          &drill_commands,
          &shell_commands}) {
        auto more = (*rows)();
        std::ranges::move(more, std::back_inserter(table));
    }
    return table;
}

}  // namespace

const std::vector<CommandSpec>& command_table() {
    static const std::vector<CommandSpec> table = all_commands();
    return table;
}

}  // namespace sealane::topology
