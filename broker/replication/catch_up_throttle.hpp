#pragma once
// CatchUpThrottle: how fast replicas that are not in sync may copy, on either side (Kafka's
// follower.replication.throttled.rate and leader.replication.throttled.rate).

#include "common/base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace sealane::broker {

class CatchUpThrottle {
 public:
    // After `bytes` were copied, at this rate a second; 0: no limit.
    void spend(Instant now, std::size_t bytes, std::int64_t rate) {
        if (rate <= 0 || bytes == 0) return;
        const double seconds = static_cast<double>(bytes) / static_cast<double>(rate);
        const Duration cost(static_cast<std::int64_t>(seconds * 1e9));
        free_at_ = std::max(now, free_at_) + cost;
    }
    // When they may go on.
    [[nodiscard]] Instant free_at() const { return free_at_; }

 private:
    Instant free_at_;
};

}  // namespace sealane::broker
