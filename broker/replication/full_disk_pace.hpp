#pragma once
// FullDiskPace: when a disk that was full is tried again, so that replicas do not go in and out of
// in-sync sets with every few bytes that come free. A core.
//
//   has room --on_full()--> full --on_tried(kRoom)--> has room
//                             \--on_tried(kNone)---> full, tried again after the same pause

#include "common/base/time.hpp"

namespace sealane::broker {

class FullDiskPace {
 public:
    static constexpr Duration kFirstPause = 1s;
    static constexpr Duration kLongestPause = 10s;
    // A disk that is full again so soon after there was room waits twice as long.
    static constexpr Duration kCalm = 60s;

    // Something did not fit. Also called while it is known.
    void on_full(Instant now);
    enum class Found : std::uint8_t { kRoom, kNone };
    void on_tried(Instant now, Found found);
    // Instant::never(): not known to be full.
    [[nodiscard]] Instant try_at() const { return try_at_; }

 private:
    Duration pause_ = kFirstPause;
    Instant try_at_ = Instant::never();
    Instant had_room_;  // when it was found
    bool tried_ = false;
};

}  // namespace sealane::broker
