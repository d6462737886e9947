#pragma once
// SingleClusterRun: a run of one cluster of many brokers, from its start to its judgement.
// Scenarios add to it what they have besides.

#include "tests/simulation/scenario/cluster_run.hpp"

namespace sealane::simulation {

class SingleClusterRun {
 public:
    SingleClusterRun(std::uint64_t seed, const ScenarioOptions& options, ReplicatedPlan plan);
    virtual ~SingleClusterRun() = default;
    SingleClusterRun(const SingleClusterRun&) = delete;
    SingleClusterRun& operator=(const SingleClusterRun&) = delete;

    [[nodiscard]] ScenarioResult run();

 protected:
    // The scenario's part, each beside the cluster's own: clients, before anything breaks; their
    // end, after healing; what they left, when the cluster has settled.
    virtual void start_more() {}
    virtual void finish_more() {}
    virtual void check_more() {}
    // A few words about what happened.
    [[nodiscard]] virtual std::string notes() const;

    ScenarioOptions options_;
    Simulator simulator_;
    SimNetwork network_;
    ScenarioResult result_;
    FaultInjector::Servers servers_;
    FaultInjector faults_;
    ClusterRun cluster_;

 private:
    void schedule_faults();
    ScenarioResult finish();
};

}  // namespace sealane::simulation
