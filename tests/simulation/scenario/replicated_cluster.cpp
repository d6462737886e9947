#include "tests/simulation/scenario/replicated_cluster.hpp"

#include "tests/checker/json_lines.hpp"
#include "tests/simulation/scenario/cluster_run.hpp"

#include <fstream>

namespace sealane::simulation {
namespace {

ReplicatedPlan plan_of(std::uint64_t seed, const ScenarioOptions& options) {
    PlanOptions planning;
    planning.brokers = options.brokers;
    planning.faults = options.faults;
    planning.outages = options.outages;
    ReplicatedPlan plan = draw_replicated_plan(seed, plan_start(), planning);
    plan.omit(Omissions::parse(options.without).value_or(Omissions{}));
    return plan;
}

class ReplicatedRun {
 public:
    ReplicatedRun(std::uint64_t seed, const ScenarioOptions& options)
        : options_(options),
          simulator_(seed, options.verbose),
          network_(simulator_),
          faults_(simulator_, network_, servers_),
          cluster_(
              simulator_, network_, faults_, servers_, plan_of(seed, options), options.lying_disks
          ) {
        result_.seed = seed;
        result_.plan = cluster_.plan().describe();
    }

    ScenarioResult run() {
        simulator_.trace().on_line = [this](std::string_view who, std::string_view text) {
            cluster_.on_line(who, text);
        };
        cluster_.start();
        if (cluster_.set_up()) {
            cluster_.start_clients();
            schedule_faults();
            cluster_.start_actions();
            const Instant until = cluster_.plan().until;
            simulator_.run_until(
                [&] { return simulator_.now() >= until && cluster_.actions_done(); }, until + 30s
            );
            faults_.heal();
            cluster_.finish_clients();
            if (cluster_.settle()) cluster_.check_liveness();
            cluster_.read_everything();
            cluster_.compare_disks();
        }
        cluster_.judge();
        return finish();
    }

 private:
    void schedule_faults() {
        faults_.may_destroy = [this](const std::string& host) {
            return cluster_.may_destroy(host);
        };
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

    ScenarioResult finish() {
        if (!options_.history.empty()) {
            std::ofstream out(options_.history);
            checker::write_lines(cluster_.history(), out);
        }
        const AdminControl& admin = cluster_.admin();
        result_.notes = std::to_string(cluster_.plan().nodes.size()) + " nodes";
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

    ScenarioOptions options_;
    Simulator simulator_;
    SimNetwork network_;
    ScenarioResult result_;
    FaultInjector::Servers servers_;
    FaultInjector faults_;
    ClusterRun cluster_;
};

}  // namespace

ScenarioResult run_replicated_cluster(std::uint64_t seed, ScenarioOptions options) {
    return ReplicatedRun(seed, options).run();
}

std::vector<std::string> describe_replicated_cluster(
    std::uint64_t seed, const ScenarioOptions& options
) {
    return plan_of(seed, options).describe();
}

}  // namespace sealane::simulation
