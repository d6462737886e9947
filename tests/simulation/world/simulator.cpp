#include "tests/simulation/world/simulator.hpp"

#include <algorithm>

namespace sealane::simulation {

void Simulator::schedule(Instant at, std::function<void()> event) {
    events_.emplace(std::pair(std::max(at, now_), next_order_++), std::move(event));
}

void Simulator::settle() {
    io_.restart();
    io_.poll();
}

bool Simulator::run_until(const std::function<bool()>& done, Instant limit) {
    settle();
    while (!done()) {
        if (events_.empty() || events_.begin()->first.first > limit) {
            now_ = std::max(now_, limit);
            return done();
        }
        auto node = events_.extract(events_.begin());
        now_ = node.key().first;
        node.mapped()();
        settle();
    }
    return true;
}

}  // namespace sealane::simulation
