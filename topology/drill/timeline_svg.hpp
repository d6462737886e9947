#pragma once
// The picture of a drill: acknowledgements a tenth of a second over time, with the events.

#include "topology/drill/drill_run.hpp"

#include <string>

namespace sealane::topology {

[[nodiscard]] std::string timeline_svg(const DrillResult& result);

}  // namespace sealane::topology
