#include "tests/simulation/scenario/scenario_result.hpp"

namespace sealane::simulation {

void take_trace(ScenarioResult& result, Simulator& simulator) {
    result.hash = simulator.trace().hash();
    result.events = simulator.trace().events();
    result.virtual_seconds = static_cast<double>(simulator.now().ns) / 1e9;
    if (result.violations.empty()) return;
    const auto& lines = simulator.trace().last_lines();
    result.last_lines.assign(lines.begin(), lines.end());
}

}  // namespace sealane::simulation
