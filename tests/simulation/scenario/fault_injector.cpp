#include "tests/simulation/scenario/fault_injector.hpp"

namespace sealane::simulation {

SimProcess* FaultInjector::server(const std::string& host) {
    for (auto& one : servers_) {
        if (one->host() == host) return one.get();
    }
    return nullptr;
}

void FaultInjector::schedule(const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
        simulator_.schedule(fault.at, [this, fault] { strike(fault); });
        simulator_.schedule(fault.at + fault.lasts, [this, fault] { relieve(fault); });
    }
}

void FaultInjector::bounce(const std::string& host, Duration pause) {
    SimProcess* target = server(host);
    if (target->running()) target->crash();
    ++crashes_;
    simulator_.schedule(simulator_.now() + pause, [target] {
        if (!target->running()) target->start();
    });
}

void FaultInjector::strike(const Fault& fault) {
    if (healed_) return;
    simulator_.trace().line(simulator_.now(), "scenario", to_string(fault));
    SimProcess* target = server(fault.host);
    switch (fault.kind) {
        case FaultKind::kCrash:
            if (!target->running()) return;
            target->crash();
            ++crashes_;
            return;
        case FaultKind::kCutBoth:
            network_.cut(fault.other, fault.host);
            [[fallthrough]];
        case FaultKind::kCutOneWay:
            network_.cut(fault.host, fault.other);
            return;
        case FaultKind::kReset:
            network_.reset_between(fault.host, fault.other);
            return;
        case FaultKind::kSlowDisk:
            target->disk().faults.sync_latency = 200ms;
            return;
        case FaultKind::kFullDisk:
            target->disk().faults.capacity = target->disk().used() + 2'000;
            return;
        case FaultKind::kBadDisk:
            target->disk().faults.sync_fails = true;
            target->disk().faults.write_fails = simulator_.rng().chance(1, 2);
            worn_.insert(fault.host);
            return;
        case FaultKind::kSlowNetwork:
            network_.latency_max = 150ms;
            return;
    }
}

void FaultInjector::relieve(const Fault& fault) {
    if (healed_) return;
    SimProcess* target = server(fault.host);
    switch (fault.kind) {
        case FaultKind::kCrash:
            if (!target->running()) restart(*target);
            return;
        // Cuts overlap; healing one heals all, which is a fault pattern like any other.
        case FaultKind::kCutBoth:
        case FaultKind::kCutOneWay:
            network_.heal_all();
            return;
        case FaultKind::kReset:
            return;
        case FaultKind::kSlowDisk:
        case FaultKind::kFullDisk:
            target->disk().faults = {};
            return;
        case FaultKind::kBadDisk:
            replace_disk(*target);
            return;
        case FaultKind::kSlowNetwork:
            network_.latency_max = 2ms;
            return;
    }
}

// Some die again while they recover.
void FaultInjector::restart(SimProcess& target) {
    target.start();
    if (!simulator_.rng().chance(1, 3)) return;
    const Duration after(simulator_.rng().between(0, 4'000'000));
    simulator_.schedule(simulator_.now() + after, [this, &target] {
        if (healed_ || !target.running()) return;
        target.crash();
        ++crashes_;
        restart(target);
    });
}

// What an operator does about a log that is offline: mends the disk, starts the server anew.
void FaultInjector::replace_disk(SimProcess& target) {
    target.disk().faults = {};
    if (worn_.erase(target.host()) == 0 || !target.running()) return;
    target.crash();
    target.start();
    ++crashes_;
}

// A service manager: a server whose start failed is started again.
void FaultInjector::supervise() {
    for (auto& one : servers_) {
        if (!one->running() || !one->failed()) continue;
        simulator_.trace().line(
            simulator_.now(), one->host(), "start failed: " + one->failed()->to_string()
        );
        one->crash();
        one->start();
    }
    simulator_.schedule(simulator_.now() + 500ms, [this] { supervise(); });
}

void FaultInjector::heal() {
    healed_ = true;
    simulator_.trace().line(simulator_.now(), "scenario", "HEAL");
    network_.heal_all();
    network_.latency_max = 2ms;
    for (auto& one : servers_) {
        replace_disk(*one);
        if (!one->running()) one->start();
    }
}

}  // namespace sealane::simulation
