#pragma once
// Histogram: counts of non-negative integers (usually nanoseconds) in log-linear cells: 128 cells
// for each power of two above 256, so that every value is known to within 1/128 (two significant
// digits) whatever its size. Adding is a few instructions and no allocation after the first use of
// a size class; histograms of many sources merge exactly. A core: standard library only.

#include "common/base/time.hpp"
#include "common/runtime/metrics.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sealane::telemetry {

class Histogram {
 public:
    // Values above the largest (2^47 - 1, 39 hours in nanoseconds) are counted as the largest;
    // negative ones as zero.
    static constexpr std::int64_t kLargest = (std::int64_t{1} << 47) - 1;

    void add(std::int64_t value, std::uint64_t times = 1);
    void add(Duration value, std::uint64_t times = 1) { add(value.count(), times); }
    void merge(const Histogram& other);
    void clear();

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] double sum() const { return sum_; }
    // Zero when empty; min and max are exact.
    [[nodiscard]] double mean() const { return count_ == 0 ? 0 : sum_ / double(count_); }
    [[nodiscard]] std::int64_t min() const { return count_ == 0 ? 0 : min_; }
    [[nodiscard]] std::int64_t max() const { return max_; }
    // The smallest value v such that at least `percent` (0..100) of all are <= v, to within the
    // precision of a cell (never below the true value, never above max). Zero when empty.
    [[nodiscard]] std::int64_t percentile(double percent) const;
    // How many values are <= `value`, to within the precision of a cell.
    [[nodiscard]] std::uint64_t count_up_to(std::int64_t value) const;

    // For a scrape: cumulative counts at `bounds` (ascending, in this histogram's unit), everything
    // multiplied by `scale` (1e-9 turns nanoseconds into seconds).
    [[nodiscard]] runtime::HistogramBuckets buckets(
        std::span<const std::int64_t> bounds, double scale
    ) const;
    // The same with bounds that suit latencies in nanoseconds: 100 us to 60 s in steps of about
    // 1, 2.5, 5; in seconds.
    [[nodiscard]] runtime::HistogramBuckets latency_seconds() const;

 private:
    [[nodiscard]] static std::size_t cell_of(std::int64_t value);
    [[nodiscard]] static std::int64_t highest_of(std::size_t cell);

    std::vector<std::uint64_t> cells_;
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::int64_t min_ = 0;
    std::int64_t max_ = 0;
};

// "n=1200 mean=1.2ms p50=1.1ms p99=3.0ms p99.9=7.7ms max=9.1ms" of a histogram of nanoseconds.
[[nodiscard]] std::string describe_latency(const Histogram& histogram);

}  // namespace sealane::telemetry
