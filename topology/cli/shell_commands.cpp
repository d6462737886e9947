// sealane completion, reference, version: what the shell and the documentation ask for.

#include "topology/cli/commands.hpp"
#include "topology/cli/help.hpp"
#include "topology/cli/output.hpp"

namespace sealane::topology {
namespace {

runtime::Task<ExitCode> completion(CommandContext context) {
    const std::string script = completion_script(context.invocation.arguments.front());
    if (script.empty()) {
        print_error({ErrorCode::kBadConfig, "shells are bash, zsh and fish"});
        co_return ExitCode::kUsage;
    }
    print(script);
    co_return ExitCode::kOk;
}

runtime::Task<ExitCode> reference(CommandContext) {
    print(reference_markdown());
    co_return ExitCode::kOk;
}

runtime::Task<ExitCode> version(CommandContext context) {
    if (context.invocation.json()) {
        print_json({{"name", "sealane"}, {"version", SEALANE_VERSION}});
    } else {
        print("sealane " SEALANE_VERSION "\n");
    }
    co_return ExitCode::kOk;
}

}  // namespace

std::vector<CommandSpec> shell_commands() {
    return {
        {.words = "completion",
         .arguments = "bash|zsh|fish",
         .summary = "Print a completion script for a shell",
         .details = "Put into ~/.bashrc:  source <(sealane completion bash)",
         .flags = {},
         .arguments_min = 1,
         .arguments_max = 1,
         .body = completion},
        {.words = "reference",
         .arguments = "",
         .summary = "Print the reference of all commands as Markdown",
         .details = "",
         .flags = {},
         .body = reference},
        {.words = "version",
         .arguments = "",
         .summary = "Print the version",
         .details = "",
         .flags = {},
         .body = version},
    };
}

}  // namespace sealane::topology
