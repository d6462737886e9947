#include "tests/simulation/scenario/sim_process.hpp"

namespace sealane::simulation {

SimProcess::SimProcess(Simulator& simulator, SimNetwork& network, std::string host, Factory factory)
    : simulator_(simulator),
      network_(network),
      host_(std::move(host)),
      factory_(std::move(factory)) {}

SimProcess::~SimProcess() {
    end();
}

void SimProcess::start() {
    SEALANE_ASSERT(!running());
    ++starts_;
    failed_.reset();
    world_ = std::make_unique<SimWorld>(
        simulator_, network_, disk_, host_, host_ + "/" + std::to_string(starts_), &clock_
    );
    ended_ = false;
    group_ = std::make_unique<runtime::TaskGroup>(*world_);
    program_ = factory_(*world_);
    group_->spawn([this]() -> runtime::Task<void> {
        const Status status = co_await program_->run();
        if (!status) failed_ = status.error();
        ended_ = true;
    });
}

void SimProcess::end() {
    if (!world_) return;
    world_->drop_everything();
    program_.reset();
    group_.reset();
    world_.reset();
    paused_ = false;
    network_.resume(host_);
}

void SimProcess::ask_to_stop() {
    simulator_.trace().line(simulator_.now(), host_, "STOP");
    if (running()) program_->ask_to_stop();
}

void SimProcess::reap() {
    SEALANE_ASSERT(ended());
    end();
    network_.reset_host(host_);
}

void SimProcess::pause() {
    if (!running() || paused_) return;
    paused_ = true;
    world_->pause();
    network_.pause(host_);
}

void SimProcess::resume() {
    if (!paused_) return;
    paused_ = false;
    network_.resume(host_);
    world_->resume();
}

void SimProcess::crash() {
    simulator_.trace().line(simulator_.now(), host_, "CRASH");
    end();
    network_.reset_host(host_);
    disk_.crash(simulator_.rng());
}

}  // namespace sealane::simulation
