#pragma once
// World: the only door to time, randomness, network and disk. One per shard of a process. The
// real one is in common/runtime_asio, the simulated one in tests/simulation.

#include "common/base/rng.hpp"
#include "common/base/time.hpp"
#include "common/runtime/files.hpp"
#include "common/runtime/log.hpp"
#include "common/runtime/network.hpp"
#include "common/runtime/wait_queue.hpp"

namespace sealane::runtime {

class World {
 public:
    virtual ~World() = default;
    [[nodiscard]] virtual Instant now() const = 0;    // monotonic
    [[nodiscard]] virtual WallTime wall() const = 0;  // may jump
    [[nodiscard]] virtual Rng& rng() = 0;             // not for secrets
    // 16 bytes that nobody can guess (cluster and topic ids); from the seed in simulation.
    [[nodiscard]] virtual Uuid random_uuid() = 0;
    [[nodiscard]] virtual Network& network() = 0;
    [[nodiscard]] virtual FileSystem& files() = 0;
    [[nodiscard]] virtual WaitQueue& waits() = 0;
    [[nodiscard]] virtual Executor executor() = 0;
    [[nodiscard]] virtual LogSink& log_sink() = 0;

    [[nodiscard]] Log log(std::string_view module) { return {log_sink(), module}; }
    [[nodiscard]] Task<void> sleep_until(Instant at);
    [[nodiscard]] Task<void> sleep(Duration delay);
};

}  // namespace sealane::runtime
