#pragma once
// Backoff: exponentially growing pauses between attempts, each drawn from the upper half of its
// step so that many clients do not return at once.

#include "common/base/rng.hpp"
#include "common/base/time.hpp"

#include <algorithm>

namespace sealane::client {

class Backoff {
 public:
    Backoff(Duration first, Duration longest) : first_(first), longest_(longest), step_(first) {}

    // The pause before the next attempt.
    [[nodiscard]] Duration next(Rng& rng) {
        const Duration step = step_;
        step_ = std::min(longest_, step_ * 2);
        return Duration(rng.between(step.count() / 2, step.count()));
    }
    void reset() { step_ = first_; }

 private:
    Duration first_;
    Duration longest_;
    Duration step_;
};

}  // namespace sealane::client
