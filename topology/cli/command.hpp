#pragma once
// One declarative table of commands: parsing, help, completion and the reference page all come
// from it. A command names the flags it takes (flags.hpp has the one shared vocabulary).

#include "common/runtime/world.hpp"
#include "topology/cli/exit_code.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::topology {

// The parsed command line of one command.
class Invocation {
 public:
    std::vector<std::string> arguments;                     // after the command's words
    std::map<std::string, std::vector<std::string>> flags;  // only those given

    [[nodiscard]] bool has(std::string_view flag) const {
        return flags.contains(std::string(flag));
    }
    // The last value given, or the flag's default.
    [[nodiscard]] std::string text(std::string_view flag) const;
    [[nodiscard]] std::int64_t number(std::string_view flag) const;
    [[nodiscard]] bool enabled(std::string_view flag) const;
    // All values of a repeated flag; a value may itself hold several, separated by commas.
    [[nodiscard]] std::vector<std::string> list(std::string_view flag) const;
    [[nodiscard]] bool json() const { return text("output") == "json"; }
};

// What a running command may use.
struct CommandContext {
    runtime::World& world;
    const Invocation& invocation;
    // Becomes true at Ctrl-C; long work ends soon after.
    std::function<bool()> interrupted;
};

using CommandBody = std::function<runtime::Task<ExitCode>(CommandContext)>;

struct CommandSpec {
    std::string words;      // "topic create"
    std::string arguments;  // "TOPIC [PARTITION]"; as shown in help
    std::string summary;    // one line
    std::string details;    // paragraphs: what it does, what it prints, examples
    std::vector<std::string> flags;
    std::size_t arguments_min = 0;
    std::size_t arguments_max = 0;
    CommandBody body;
};

// Every command, in the order help shows them.
[[nodiscard]] const std::vector<CommandSpec>& command_table();

}  // namespace sealane::topology
