#pragma once
// Help, shell completion and the reference page: all made from the command table.

#include <string>
#include <string_view>
#include <vector>

namespace sealane::topology {

// Help on everything (no words), on a noun ("topic") or on one command ("topic create"). Empty
// when nothing starts with these words.
[[nodiscard]] std::string help_text(const std::vector<std::string>& words);
// A completion script for "bash", "zsh" or "fish"; empty for other shells.
[[nodiscard]] std::string completion_script(std::string_view shell);
// The command reference as Markdown (ops/docs/reference/commands.md; a test compares).
[[nodiscard]] std::string reference_markdown();

}  // namespace sealane::topology
