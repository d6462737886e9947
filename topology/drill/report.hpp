#pragma once
// The report of a drill, for people (one HTML file, no outside resources, with a picture of the
// time line) and for programs (JSON). Pure: the same result gives the same text.

#include "topology/drill/drill_run.hpp"

#include <string>

namespace sealane::topology {

[[nodiscard]] std::string report_json(const DrillResult& result);
[[nodiscard]] std::string report_html(const DrillResult& result);
// A few lines for the terminal.
[[nodiscard]] std::string report_text(const DrillResult& result);

}  // namespace sealane::topology
