#pragma once
// LineBudget: how many lines of one kind may go to the log, so that nobody fills a disk with
// refusals. A token bucket; time is an input.

#include "common/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace sealane::broker {

class LineBudget {
 public:
    static constexpr double kPerSecond = 10;
    static constexpr double kMost = 50;  // at once

    // Whether one more line may be written now: then how many were not, since the last one.
    [[nodiscard]] std::optional<std::uint64_t> take(Instant now) {
        const double passed =
            filled_ ? std::chrono::duration<double>(now - refilled_).count() : kMost;
        tokens_ = std::min(kMost, tokens_ + passed * kPerSecond);
        refilled_ = now;
        filled_ = true;
        if (tokens_ < 1) {
            ++unwritten_;
            return std::nullopt;
        }
        tokens_ -= 1;
        return std::exchange(unwritten_, 0);
    }

 private:
    Instant refilled_;
    double tokens_ = 0;
    bool filled_ = false;
    std::uint64_t unwritten_ = 0;
};

}  // namespace sealane::broker
