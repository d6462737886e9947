#pragma once
// The monotonic clock as Instants.

#include "common/base/time.hpp"

#include <chrono>

namespace sealane::asio_runtime {

[[nodiscard]] inline Instant steady_now() {
    static_assert(std::chrono::steady_clock::period::den == 1'000'000'000);
    return Instant{std::chrono::steady_clock::now().time_since_epoch().count()};
}

}  // namespace sealane::asio_runtime
