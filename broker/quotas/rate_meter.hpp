#pragma once
// RateMeter: how much a second, over the last ten to eleven seconds, as Kafka measures quotas
// (quota.window.num 11, quota.window.size.seconds 1). A decider: time is an input.

#include "common/base/time.hpp"

#include <array>

namespace sealane::broker::quotas {

class RateMeter {
 public:
    static constexpr std::size_t kSamples = 11;
    static constexpr Duration kSample = std::chrono::seconds(1);

    void record(Instant now, double amount);
    void take_back(double amount);  // of what was recorded last
    // Amount a second.
    [[nodiscard]] double rate(Instant now) const;
    // How long to rest so that the rate falls to `limit` (above zero); zero: it is not above it.
    [[nodiscard]] Duration excess(Instant now, double limit) const;
    [[nodiscard]] Instant last_used() const { return last_used_; }

 private:
    struct Sample {
        Instant begin;
        double amount = 0;
        bool used = false;
    };
    [[nodiscard]] bool expired(const Sample& sample, Instant now) const;
    [[nodiscard]] double seconds(Instant now) const;

    std::array<Sample, kSamples> samples_{};
    std::size_t current_ = 0;
    Instant last_used_;
};

}  // namespace sealane::broker::quotas
