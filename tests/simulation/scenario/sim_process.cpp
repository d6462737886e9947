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
        simulator_, network_, disk_, host_, host_ + "/" + std::to_string(starts_)
    );
    group_ = std::make_unique<runtime::TaskGroup>(*world_);
    program_ = factory_(*world_);
    group_->spawn([this]() -> runtime::Task<void> {
        const Status status = co_await program_->run();
        if (!status) failed_ = status.error();
    });
}

void SimProcess::end() {
    if (!world_) return;
    world_->drop_everything();
    program_.reset();
    group_.reset();
    world_.reset();
}

void SimProcess::crash() {
    simulator_.trace().line(simulator_.now(), host_, "CRASH");
    end();
    network_.reset_host(host_);
    disk_.crash(simulator_.rng());
}

}  // namespace sealane::simulation
