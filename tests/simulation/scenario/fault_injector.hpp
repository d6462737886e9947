#pragma once
// Makes the faults of a plan happen to a run's servers and network, restarts what crashed or could
// not start, and ends it all with heal().

#include "tests/simulation/scenario/fault_plan.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sealane::simulation {

class FaultInjector {
 public:
    using Servers = std::vector<std::unique_ptr<SimProcess>>;
    FaultInjector(Simulator& simulator, SimNetwork& network, Servers& servers)
        : simulator_(simulator), network_(network), servers_(servers) {}

    void schedule(const std::vector<Fault>& faults);
    // Starts a server again whenever its start failed, as a service manager does.
    void supervise();
    // Ends all faults, for good; everything runs afterwards.
    void heal();
    // Kills a server now and starts it again after `pause`.
    void bounce(const std::string& host, Duration pause);
    [[nodiscard]] int crashes() const { return crashes_; }

 private:
    [[nodiscard]] SimProcess* server(const std::string& host);
    void strike(const Fault& fault);
    void relieve(const Fault& fault);
    void restart(SimProcess& target);
    void replace_disk(SimProcess& target);

    Simulator& simulator_;
    SimNetwork& network_;
    Servers& servers_;
    std::set<std::string> worn_;  // servers whose disk failed since they were started
    bool healed_ = false;
    int crashes_ = 0;
};

}  // namespace sealane::simulation
