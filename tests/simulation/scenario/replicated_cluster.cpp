#include "tests/simulation/scenario/replicated_cluster.hpp"

#include "tests/simulation/scenario/single_cluster_run.hpp"

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

}  // namespace

ScenarioResult run_replicated_cluster(std::uint64_t seed, ScenarioOptions options) {
    return SingleClusterRun(seed, options, plan_of(seed, options)).run();
}

std::vector<std::string> describe_replicated_cluster(
    std::uint64_t seed, const ScenarioOptions& options
) {
    return plan_of(seed, options).describe();
}

}  // namespace sealane::simulation
