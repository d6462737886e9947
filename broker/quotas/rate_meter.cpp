#include "broker/quotas/rate_meter.hpp"

#include "common/base/assert.hpp"

#include <algorithm>

namespace sealane::broker::quotas {

namespace {

double to_seconds(Duration time) {
    return std::chrono::duration<double>(time).count();
}

// No client is kept waiting for longer than this at once, whatever the arithmetic says.
constexpr double kLongestSeconds = 3600;

}  // namespace

bool RateMeter::expired(const Sample& sample, Instant now) const {
    return !sample.used || now - sample.begin >= kSample * static_cast<int>(kSamples);
}

void RateMeter::record(Instant now, double amount) {
    last_used_ = now;
    Sample* sample = &samples_.at(current_);
    if (!sample->used || now - sample->begin >= kSample) {
        if (sample->used) current_ = (current_ + 1) % kSamples;
        sample = &samples_.at(current_);
        *sample = Sample{.begin = now, .amount = 0, .used = true};
    }
    sample->amount += amount;
}

void RateMeter::take_back(double amount) {
    Sample& sample = samples_.at(current_);
    sample.amount = std::max(0.0, sample.amount - amount);
}

// From the oldest sample on, but as if at least ten had passed: a first burst is not a high rate.
double RateMeter::seconds(Instant now) const {
    Instant oldest = now;
    for (const Sample& sample : samples_) {
        if (!expired(sample, now)) oldest = std::min(oldest, sample.begin);
    }
    const Duration elapsed = now - oldest;
    const auto full = elapsed / kSample;
    const auto least = static_cast<std::int64_t>(kSamples) - 1;
    return to_seconds(elapsed + kSample * std::max<std::int64_t>(0, least - full));
}

double RateMeter::rate(Instant now) const {
    double sum = 0;
    for (const Sample& sample : samples_) {
        if (!expired(sample, now)) sum += sample.amount;
    }
    return sum / seconds(now);
}

Duration RateMeter::excess(Instant now, double limit) const {
    SEALANE_ASSERT(limit > 0);
    const double observed = rate(now);
    if (observed <= limit) return Duration::zero();
    const double rest = std::min(kLongestSeconds, (observed - limit) / limit * seconds(now));
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(rest));
}

}  // namespace sealane::broker::quotas
