#pragma once
// Histories as JSON lines, one operation a line, so that test programs in any language can be
// checked by the same code. README.md has the table of lines.

#include "common/base/result.hpp"
#include "tests/checker/cluster_facts.hpp"
#include "tests/checker/history.hpp"

#include <iosfwd>
#include <string_view>

namespace sealane::checker {

// One line into `history` or `facts`. kCorrupt names what is wrong with it.
[[nodiscard]] Status read_line(std::string_view line, History& history, ClusterFacts& facts);
// All lines; empty ones are skipped. The error names the line's number.
[[nodiscard]] Status read_lines(std::istream& in, History& history, ClusterFacts& facts);
// What read_lines reads back as an equal history. Polls come out record by record.
void write_lines(const History& history, std::ostream& out);

}  // namespace sealane::checker
