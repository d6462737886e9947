// Faults that are sequences: what operators and outages do one after the other. Each draws what
// it needs when it needs it, from the run's generator.

#include "tests/simulation/scenario/fault_injector.hpp"

namespace sealane::simulation {

// Two thirds of the disks: what is acknowledged has reached the others.
void FaultInjector::slow_disks() {
    for (auto& one : servers_) {
        if (simulator_.rng().chance(2, 3)) one->disk().faults.sync_latency = 200ms;
    }
}

void FaultInjector::lose_power() {
    for (auto& one : servers_) {
        crash(*one);
        one->disk().faults.sync_latency = Disk::Faults{}.sync_latency;
        return_later(*one, 1'500ms);
    }
}

void FaultInjector::return_later(SimProcess& target, Duration pause_max) {
    const Duration pause(simulator_.rng().between(0, pause_max.count()));
    simulator_.schedule(simulator_.now() + pause, [this, &target] {
        if (!healed_ && !target.running()) restart(target);
    });
}

void FaultInjector::surge_when_safe(SimProcess& target, Instant until) {
    if (healed_ || simulator_.now() >= until) return;
    if (!may_surge(target.host())) {
        simulator_.schedule(simulator_.now() + 50ms, [this, &target, until] {
            surge_when_safe(target, until);
        });
        return;
    }
    lose_power();
    target.disk().wipe();
    simulator_.trace().line(simulator_.now(), target.host(), "WIPE");
    on_destroyed(target.host(), "");
}

void FaultInjector::stop_and_lose_power(SimProcess& target) {
    if (!target.running()) return;
    target.ask_to_stop();
    lose_power_when_ended(target, target.starts(), simulator_.now() + 10s);
}

// What a clean stop left must survive that. Half of the servers die again soon after.
void FaultInjector::lose_power_when_ended(SimProcess& target, int start, Instant limit) {
    if (!target.running() || target.starts() != start) return;
    if (!target.ended() && simulator_.now() < limit) {
        simulator_.schedule(simulator_.now() + 10ms, [this, &target, start, limit] {
            lose_power_when_ended(target, start, limit);
        });
        return;
    }
    crash(target);
    if (worn_.erase(target.host()) != 0) target.disk().faults = {};
    target.start();
    if (healed_ || !simulator_.rng().chance(1, 2)) return;
    const Duration after(simulator_.rng().between(0, 3'000'000'000));
    simulator_.schedule(simulator_.now() + after, [this, &target] {
        if (healed_ || !target.running()) return;
        crash(target);
        return_later(target, 500ms);
    });
}

// Looks until `until` who holds the office, and silences whoever has just got it.
void FaultInjector::silence_next(Fault fault, Instant until, std::string last) {
    if (healed_ || simulator_.now() >= until) return;
    const std::string found = find_victim(fault);
    if (!found.empty() && found != last) {
        const Duration after(simulator_.rng().between(0, 300'000'000));
        simulator_.schedule(simulator_.now() + after, [this, found] {
            if (!healed_) silence(*server(found));
        });
    }
    if (found.empty() && !last.empty()) disturb_election();
    simulator_.schedule(simulator_.now() + 20ms, [this, fault, until, found] {
        silence_next(fault, until, found);
    });
}

// The office is vacant: those who may get it hear each other late, and soon two of them not at all.
void FaultInjector::disturb_election() {
    Rng& rng = simulator_.rng();
    if (electors.empty()) return;
    Fault slow;
    slow.at = simulator_.now();
    slow.kind = FaultKind::kSlowNetwork;
    slow.host = electors.front();
    slow.lasts = 3s;
    if (rng.chance(1, 2)) strike(slow);
    Fault apart = slow;
    apart.kind = FaultKind::kCutBoth;
    apart.host = electors[rng.below(electors.size())];
    apart.other = electors[rng.below(electors.size())];
    if (apart.host == apart.other) return;
    apart.lasts = std::chrono::milliseconds(rng.between(200, 4'000));
    simulator_.schedule(
        simulator_.now() + Duration(rng.between(0, 1'200'000'000)),
        [this, apart]() mutable {
            apart.at = simulator_.now();
            strike(apart);
        }
    );
}

void FaultInjector::silence(SimProcess& target) {
    Rng& rng = simulator_.rng();
    Fault blow;
    blow.at = simulator_.now();
    blow.host = target.host();
    blow.lasts = std::chrono::milliseconds(rng.between(50, 3'000));
    blow.other = servers_[rng.below(servers_.size())]->host();
    switch (rng.below(4)) {
        case 0:
            blow.kind = FaultKind::kPause;
            break;
        case 1:
            blow.kind = FaultKind::kIsolate;
            break;
        case 2:
            blow.kind = blow.other == blow.host ? FaultKind::kIsolateOut : FaultKind::kCutBoth;
            break;
        default:
            blow.kind = FaultKind::kCrash;
            break;
    }
    strike(std::move(blow));
}

}  // namespace sealane::simulation
