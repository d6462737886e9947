#pragma once
// One simulated process: a program on a host with a disk, crashed and restarted by the scenario.

#include "common/runtime/task_group.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <functional>
#include <memory>
#include <string>

namespace sealane::simulation {

// What runs inside. Destroyed without stop(): that is a crash.
class Program {
 public:
    virtual ~Program() = default;
    // Runs from start to the end of the process. An error is a failed start: the process ends and
    // the scenario's supervisor starts it again.
    [[nodiscard]] virtual runtime::Task<Status> run() = 0;
    // SIGTERM: run() shall end by itself soon.
    virtual void ask_to_stop() {}
    // Its state in words, for people who read a failed run.
    [[nodiscard]] virtual std::string describe() const { return {}; }
};

class SimProcess {
 public:
    using Factory = std::function<std::unique_ptr<Program>(SimWorld&)>;
    SimProcess(Simulator& simulator, SimNetwork& network, std::string host, Factory factory);
    SimProcess(const SimProcess&) = delete;
    SimProcess& operator=(const SimProcess&) = delete;
    ~SimProcess();

    // From an event of the simulator, never from a coroutine.
    void start();
    // Kills it: pending work vanishes, streams break, the disk loses what it had not synced.
    void crash();
    // SIGTERM: returns at once; ended() holds later, and reap() then frees the process, whose disk
    // lost nothing. A crash in between is a crash.
    void ask_to_stop();
    [[nodiscard]] bool ended() const { return running() && ended_; }
    void reap();
    // SIGSTOP, SIGCONT.
    void pause();
    void resume();
    [[nodiscard]] bool paused() const { return paused_; }
    [[nodiscard]] bool running() const { return program_ != nullptr; }
    [[nodiscard]] const std::string& host() const { return host_; }
    [[nodiscard]] Disk& disk() { return disk_; }
    [[nodiscard]] HostClock& clock() { return clock_; }
    // The program, while it runs.
    [[nodiscard]] Program* program() { return program_.get(); }
    // Why the last start failed; nothing when it did not.
    [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }
    [[nodiscard]] int starts() const { return starts_; }

 private:
    void end();

    Simulator& simulator_;
    SimNetwork& network_;
    std::string host_;
    Factory factory_;
    Disk disk_;
    HostClock clock_;
    int starts_ = 0;
    bool ended_ = false;
    bool paused_ = false;
    std::optional<Error> failed_;
    std::unique_ptr<SimWorld> world_;
    std::unique_ptr<Program> program_;
    std::unique_ptr<runtime::TaskGroup> group_;
};

}  // namespace sealane::simulation
