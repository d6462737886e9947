#pragma once
// Makes the faults of a plan happen to a run's servers and network, restarts what crashed or could
// not start, and ends it all with heal().

#include "tests/simulation/scenario/fault_plan.hpp"
#include "tests/simulation/scenario/sim_process.hpp"

#include <functional>
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

    // Whether the durable data of this server may be destroyed now, because healthy copies of all
    // of it are elsewhere. Until it may, bit rot and wiping wait; when their time is over they
    // spare it.
    std::function<bool(const std::string& host)> may_destroy = [](const std::string&) {
        return false;
    };
    // Whether what the others have on their disks is enough when all lose power and this server's
    // disk comes back empty.
    std::function<bool(const std::string& host)> may_surge = [](const std::string&) {
        return false;
    };
    // Told of every server whose durable data was hurt, with the file of rotten bits (else empty).
    std::function<void(const std::string& host, const std::string& file)> on_destroyed =
        [](const std::string&, const std::string&) {};

    // The host that holds the office which a fault is for; empty: nobody does.
    std::function<std::string(const Fault& fault)> find_victim = [](const Fault&) {
        return std::string();
    };

    // Who elects the active controller: the hosts whose talk assassins disturb.
    std::vector<std::string> electors;

    void schedule(const std::vector<Fault>& faults);
    // Starts a server again whenever its start failed, as a service manager does.
    void supervise();
    // Ends all faults, for good; everything runs afterwards.
    void heal();
    // Kills a server now and starts it again after `pause`.
    void bounce(const std::string& host, Duration pause);
    // SIGTERM, then starts it again when it has ended (or has not after `patience`: kills it).
    void restart_politely(const std::string& host, Duration patience);
    [[nodiscard]] int crashes() const { return crashes_; }
    [[nodiscard]] bool healed() const { return healed_; }
    // Whether the disk of this server has failed, was full, or has rotted in this run.
    [[nodiscard]] bool hurt(const std::string& host) const { return hurt_.contains(host); }

 private:
    [[nodiscard]] SimProcess* server(const std::string& host);
    void strike(Fault fault);
    void relieve(const Fault& fault);
    void crash(SimProcess& target);
    void rot_when_safe(SimProcess& target, Instant until);
    void wipe_when_safe(SimProcess& target, Instant until, Duration down);
    void wait_for_end(SimProcess& target, int start, Instant limit);
    void restart(SimProcess& target);
    // fault_sequences.cpp
    void slow_disks();
    void lose_power();
    void return_later(SimProcess& target, Duration pause_max);
    void surge_when_safe(SimProcess& target, Instant until);
    void stop_and_lose_power(SimProcess& target);
    void lose_power_when_ended(SimProcess& target, int start, Instant limit);
    void silence_next(Fault fault, Instant until, std::string last);
    void silence(SimProcess& target);
    void disturb_election();
    void replace_disk(SimProcess& target);

    Simulator& simulator_;
    SimNetwork& network_;
    Servers& servers_;
    std::set<std::string> worn_;  // servers whose disk failed since they were started
    std::set<std::string> hurt_;
    bool healed_ = false;
    int crashes_ = 0;
};

}  // namespace sealane::simulation
