#include "common/telemetry/histogram.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdio>

namespace sealane::telemetry {

namespace {

// Values below 256 have cells of their own; above, each power of two is cut into 128 cells.
constexpr unsigned kLinearBits = 8;
constexpr std::int64_t kLinear = std::int64_t{1} << kLinearBits;
constexpr std::int64_t kHalf = kLinear / 2;

std::string short_time(std::int64_t ns) {
    struct Unit {
        double ns;
        const char* name;
    };
    constexpr std::array kUnits{Unit{1e9, "s"}, Unit{1e6, "ms"}, Unit{1e3, "us"}};
    for (const Unit& unit : kUnits) {
        const double value = static_cast<double>(ns) / unit.ns;
        if (value < 1) continue;
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), value < 10 ? "%.2f%s" : "%.1f%s", value, unit.name);
        return text.data();
    }
    return std::to_string(ns) + "ns";
}

}  // namespace

std::size_t Histogram::cell_of(std::int64_t value) {
    if (value < kLinear) return static_cast<std::size_t>(value);
    const auto bits = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(value)));
    const unsigned shift = bits - kLinearBits;
    // (value >> shift) lies in [128, 256): its offset in the block of this power of two.
    return static_cast<std::size_t>(
        kLinear + std::int64_t{shift - 1} * kHalf + (value >> shift) - kHalf
    );
}

std::int64_t Histogram::highest_of(std::size_t cell) {
    const auto index = static_cast<std::int64_t>(cell);
    if (index < kLinear) return index;
    const std::int64_t shift = (index - kLinear) / kHalf + 1;
    const std::int64_t within = (index - kLinear) % kHalf + kHalf;
    return ((within + 1) << shift) - 1;
}

void Histogram::add(std::int64_t value, std::uint64_t times) {
    if (times == 0) return;
    value = std::clamp<std::int64_t>(value, 0, kLargest);
    const std::size_t cell = cell_of(value);
    if (cell >= cells_.size()) {
        // Whole powers of two at a time, so that growing is rare.
        const auto half = static_cast<std::size_t>(kHalf);
        cells_.resize((cell / half + 1) * half);
    }
    cells_[cell] += times;
    min_ = count_ == 0 ? value : std::min(min_, value);
    max_ = std::max(max_, value);
    count_ += times;
    sum_ += static_cast<double>(value) * static_cast<double>(times);
}

void Histogram::merge(const Histogram& other) {
    if (other.empty()) return;
    if (cells_.size() < other.cells_.size()) cells_.resize(other.cells_.size());
    for (std::size_t i = 0; i < other.cells_.size(); ++i) cells_[i] += other.cells_[i];
    min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
    count_ += other.count_;
    sum_ += other.sum_;
}

void Histogram::clear() {
    *this = Histogram();
}

std::int64_t Histogram::percentile(double percent) const {
    if (count_ == 0) return 0;
    const double share = std::clamp(percent, 0.0, 100.0) / 100.0;
    const auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_) - 1e-9))
    );
    std::uint64_t seen = 0;
    for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
        seen += cells_[cell];
        if (seen >= wanted) return std::clamp(highest_of(cell), min_, max_);
    }
    return max_;
}

std::uint64_t Histogram::count_up_to(std::int64_t value) const {
    if (value < 0) return 0;
    if (value >= max_) return count_;
    const std::size_t last = cell_of(std::min(value, kLargest));
    std::uint64_t seen = 0;
    for (std::size_t cell = 0; cell <= last && cell < cells_.size(); ++cell) seen += cells_[cell];
    return seen;
}

runtime::HistogramBuckets Histogram::buckets(std::span<const std::int64_t> bounds, double scale)
    const {
    runtime::HistogramBuckets out;
    out.buckets.reserve(bounds.size());
    for (const std::int64_t bound : bounds) {
        out.buckets.push_back({static_cast<double>(bound) * scale, count_up_to(bound)});
    }
    out.count = count_;
    out.sum = sum_ * scale;
    return out;
}

runtime::HistogramBuckets Histogram::latency_seconds() const {
    constexpr std::int64_t kUs = 1'000;
    constexpr std::int64_t kMs = 1'000'000;
    constexpr std::int64_t kS = 1'000'000'000;
    constexpr std::array<std::int64_t, 18> kBounds{
        100 * kUs,
        250 * kUs,
        500 * kUs,
        kMs,
        5 * kMs / 2,
        5 * kMs,
        10 * kMs,
        25 * kMs,
        50 * kMs,
        100 * kMs,
        250 * kMs,
        500 * kMs,
        kS,
        5 * kS / 2,
        5 * kS,
        10 * kS,
        30 * kS,
        60 * kS,
    };
    runtime::HistogramBuckets out = buckets(kBounds, 1e-9);
    return out;
}

std::string describe_latency(const Histogram& histogram) {
    return "n=" + std::to_string(histogram.count()) +
           " mean=" + short_time(static_cast<std::int64_t>(histogram.mean())) +
           " p50=" + short_time(histogram.percentile(50)) +
           " p99=" + short_time(histogram.percentile(99)) +
           " p99.9=" + short_time(histogram.percentile(99.9)) +
           " max=" + short_time(histogram.max());
}

}  // namespace sealane::telemetry
