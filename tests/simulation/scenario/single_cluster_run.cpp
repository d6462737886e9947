#include "tests/simulation/scenario/single_cluster_run.hpp"

#include "tests/checker/json_lines.hpp"

#include <fstream>

namespace sealane::simulation {

SingleClusterRun::SingleClusterRun(
    std::uint64_t seed, const ScenarioOptions& options, ReplicatedPlan plan
)
    : options_(options),
      simulator_(seed, options.verbose),
      network_(simulator_),
      faults_(simulator_, network_, servers_),
      cluster_(simulator_, network_, faults_, servers_, std::move(plan), options.lying_disks) {
    result_.seed = seed;
    result_.plan = cluster_.plan().describe();
}

ScenarioResult SingleClusterRun::run() {
    simulator_.trace().on_line = [this](std::string_view who, std::string_view text) {
        cluster_.on_line(who, text);
    };
    cluster_.start();
    if (cluster_.set_up()) {
        cluster_.start_clients();
        start_more();
        schedule_faults();
        cluster_.start_actions();
        const Instant until = cluster_.plan().until;
        simulator_.run_until(
            [&] { return simulator_.now() >= until && cluster_.actions_done(); }, until + 30s
        );
        faults_.heal();
        cluster_.finish_clients();
        finish_more();
        if (cluster_.settle()) cluster_.check_liveness();
        check_more();
        cluster_.read_everything();
        cluster_.compare_disks();
    }
    cluster_.judge();
    return finish();
}

void SingleClusterRun::schedule_faults() {
    faults_.may_destroy = [this](const std::string& host) { return cluster_.may_destroy(host); };
    faults_.may_surge = [this](const std::string& host) { return cluster_.may_surge(host); };
    faults_.on_destroyed = [this](const std::string& host, const std::string& file) {
        cluster_.note_destroyed(host, file);
    };
    faults_.find_victim = [this](const Fault& fault) { return cluster_.find_victim(fault); };
    for (const NodePlan& node : cluster_.plan().nodes) {
        if (node.config.cluster.has(broker::NodeRole::kController))
            faults_.electors.push_back(node.host);
    }
    faults_.schedule(cluster_.plan().faults);
    faults_.supervise();
}

std::string SingleClusterRun::notes() const {
    return std::to_string(cluster_.plan().nodes.size()) + " nodes";
}

ScenarioResult SingleClusterRun::finish() {
    if (!options_.history.empty()) {
        std::ofstream out(options_.history);
        checker::write_lines(cluster_.history(), out);
    }
    const AdminControl& admin = cluster_.admin();
    result_.notes = notes();
    if (admin.performed + admin.refused > 0) {
        result_.notes += ", " + std::to_string(admin.performed) + " of " +
                         std::to_string(admin.performed + admin.refused) + " actions";
    }
    result_.faults = static_cast<int>(cluster_.plan().faults.size());
    result_.crashes = faults_.crashes();
    result_.acknowledged = cluster_.acknowledged();
    result_.violations = std::move(cluster_.violations());
    take_trace(result_, simulator_);
    return std::move(result_);
}

}  // namespace sealane::simulation
