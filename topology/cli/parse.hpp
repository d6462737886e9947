#pragma once
// argv -> command and invocation. Unknown words and flags are refused with a suggestion.

#include "topology/cli/command.hpp"

#include <span>

namespace sealane::topology {

struct ParsedLine {
    const CommandSpec* command = nullptr;  // null: help was asked for
    Invocation invocation;
    std::vector<std::string> help_words;  // what help was asked about; empty: everything
};

// `words`: argv without the program's name. kBadConfig: a sentence for stderr with what to type.
[[nodiscard]] Result<ParsedLine> parse_line(std::span<const std::string> words);

}  // namespace sealane::topology
