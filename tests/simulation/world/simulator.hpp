#pragma once
// The simulator: one thread, one io_context that never touches a real descriptor, and a queue of
// events ordered by (virtual time, order of scheduling). Nothing happens outside this queue, so a
// seed replays a run exactly.

#include "common/base/rng.hpp"
#include "common/base/time.hpp"
#include "common/runtime/task.hpp"
#include "tests/simulation/world/trace.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <map>

namespace sealane::simulation {

class Simulator {
 public:
    Simulator(std::uint64_t seed, bool verbose) : rng_(seed), trace_(verbose) {}

    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] Rng& rng() { return rng_; }
    [[nodiscard]] Trace& trace() { return trace_; }
    [[nodiscard]] runtime::Executor executor() { return io_.get_executor(); }

    // Runs `event` at `at` (not before now). Events must not throw.
    void schedule(Instant at, std::function<void()> event);
    // Runs events until `done()` holds (tested between events) or virtual time reaches `limit`.
    // True when done.
    bool run_until(const std::function<bool()>& done, Instant limit);
    bool run_for(Duration span) {
        return run_until([] { return false; }, now_ + span);
    }
    // Runs everything that is ready now.
    void settle();

 private:
    boost::asio::io_context io_{1};
    Instant now_{1'000'000'000};
    std::uint64_t next_order_ = 0;
    std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> events_;
    Rng rng_;
    Trace trace_;
};

}  // namespace sealane::simulation
