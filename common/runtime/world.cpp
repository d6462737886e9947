#include "common/runtime/world.hpp"

namespace sealane::runtime {

Task<void> World::sleep_until(Instant at) {
    (void)co_await waits().wait(at, nullptr);
}

Task<void> World::sleep(Duration delay) {
    co_await sleep_until(now() + delay);
}

}  // namespace sealane::runtime
