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

void FaultInjector::strike(Fault fault) {
    if (healed_) return;
    if (fault.victim != Victim::kHost && fault.kind != FaultKind::kAssassin) {
        const std::string found = find_victim(fault);
        if (!found.empty()) fault.host = found;
    }
    simulator_.schedule(fault.at + fault.lasts, [this, fault] { relieve(fault); });
    simulator_.trace().line(simulator_.now(), "scenario", to_string(fault));
    SimProcess* target = server(fault.host);
    switch (fault.kind) {
        case FaultKind::kCrash:
            crash(*target);
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
            hurt_.insert(fault.host);
            target->disk().faults.capacity = target->disk().used() + 2'000;
            return;
        case FaultKind::kBadDisk:
            target->disk().faults.sync_fails = true;
            target->disk().faults.write_fails = simulator_.rng().chance(1, 2);
            worn_.insert(fault.host);
            hurt_.insert(fault.host);
            return;
        case FaultKind::kSlowNetwork:
            network_.latency_max = 150ms;
            return;
        case FaultKind::kPause:
            target->pause();
            return;
        case FaultKind::kIsolate:
            network_.isolate(fault.host, SimNetwork::Way::kIn);
            [[fallthrough]];
        case FaultKind::kIsolateOut:
            network_.isolate(fault.host, SimNetwork::Way::kOut);
            return;
        case FaultKind::kIsolateIn:
            network_.isolate(fault.host, SimNetwork::Way::kIn);
            return;
        case FaultKind::kBlackout:
            for (auto& one : servers_) crash(*one);
            return;
        case FaultKind::kClockJump:
            target->clock().jump(fault.amount);
            return;
        case FaultKind::kClockDrift:
            target->clock().drift(simulator_.now(), fault.amount);
            return;
        case FaultKind::kBitRot:
            rot_when_safe(*target, simulator_.now() + fault.lasts);
            return;
        case FaultKind::kWipe:
            wipe_when_safe(*target, simulator_.now() + 10s, fault.lasts);
            return;
        case FaultKind::kBrownout:
            slow_disks();
            return;
        case FaultKind::kSurge:
            surge_when_safe(*target, simulator_.now() + 10s);
            return;
        case FaultKind::kStopPowerLoss:
            stop_and_lose_power(*target);
            return;
        case FaultKind::kWornDisk:
            // What is on a disk that fails is reported lost: never all copies.
            if (!worn_.empty() || !may_surge(fault.host)) return;
            target->disk().faults.bad_paths = "/t";
            worn_.insert(fault.host);
            hurt_.insert(fault.host);
            return;
        case FaultKind::kAssassin:
            silence_next(fault, simulator_.now() + fault.lasts, "");
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
        case FaultKind::kCutBoth:
            network_.mend(fault.other, fault.host);
            [[fallthrough]];
        case FaultKind::kCutOneWay:
            network_.mend(fault.host, fault.other);
            return;
        case FaultKind::kReset:
        case FaultKind::kClockJump:
        case FaultKind::kBitRot:
        case FaultKind::kWipe:
        case FaultKind::kSurge:
        case FaultKind::kStopPowerLoss:
        case FaultKind::kAssassin:
            return;
        case FaultKind::kBrownout:
            lose_power();
            return;
        case FaultKind::kWornDisk:
            if (!target->running()) target->disk().faults = {};
            stop_and_lose_power(*target);
            return;
        case FaultKind::kPause:
            target->resume();
            return;
        case FaultKind::kIsolate:
            network_.rejoin(fault.host, SimNetwork::Way::kIn);
            [[fallthrough]];
        case FaultKind::kIsolateOut:
            network_.rejoin(fault.host, SimNetwork::Way::kOut);
            return;
        case FaultKind::kIsolateIn:
            network_.rejoin(fault.host, SimNetwork::Way::kIn);
            return;
        case FaultKind::kBlackout:
            for (auto& one : servers_) {
                if (!one->running()) restart(*one);
            }
            return;
        case FaultKind::kClockDrift:
            target->clock().drift(simulator_.now(), 0);
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

void FaultInjector::crash(SimProcess& target) {
    if (!target.running()) return;
    target.crash();
    ++crashes_;
}

// The metadata log is a voter's memory, and Raft assumes that voters keep theirs: damage there is
// an operator's matter, not a fault to survive by itself.
void FaultInjector::rot_when_safe(SimProcess& target, Instant until) {
    if (healed_ || simulator_.now() >= until) return;
    if (!may_destroy(target.host())) {
        simulator_.schedule(simulator_.now() + 100ms, [this, &target, until] {
            rot_when_safe(target, until);
        });
        return;
    }
    const std::string where = target.disk().rot(simulator_.rng(), [](const std::string& path) {
        return path.ends_with(".log") && path.find("__cluster_metadata") == std::string::npos;
    });
    if (where.empty()) return;
    simulator_.trace().line(simulator_.now(), target.host(), "ROT " + where);
    hurt_.insert(target.host());
    on_destroyed(target.host(), where);
}

void FaultInjector::wipe_when_safe(SimProcess& target, Instant until, Duration down) {
    if (healed_ || simulator_.now() >= until) return;
    if (!may_destroy(target.host())) {
        simulator_.schedule(simulator_.now() + 100ms, [this, &target, until, down] {
            wipe_when_safe(target, until, down);
        });
        return;
    }
    crash(target);
    target.disk().wipe();
    simulator_.trace().line(simulator_.now(), target.host(), "WIPE");
    on_destroyed(target.host(), "");
    simulator_.schedule(simulator_.now() + down, [&target] {
        if (!target.running()) target.start();
    });
}

void FaultInjector::restart_politely(const std::string& host, Duration patience) {
    SimProcess* target = server(host);
    if (!target->running()) return;
    target->ask_to_stop();
    wait_for_end(*target, target->starts(), simulator_.now() + patience);
}

void FaultInjector::wait_for_end(SimProcess& target, int start, Instant limit) {
    // A fault came in between, and its end brings it back.
    if (!target.running() || target.starts() != start) return;
    if (target.ended()) {
        target.reap();
        target.start();
        return;
    }
    if (simulator_.now() >= limit) {
        crash(target);
        target.start();
        return;
    }
    simulator_.schedule(simulator_.now() + 20ms, [this, &target, start, limit] {
        wait_for_end(target, start, limit);
    });
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
        one->resume();
        one->clock().drift(simulator_.now(), 0);
        replace_disk(*one);
        if (!one->running()) one->start();
    }
}

}  // namespace sealane::simulation
