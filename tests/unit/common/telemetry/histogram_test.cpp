#include "common/telemetry/histogram.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace sealane::telemetry {
namespace {

TEST(Histogram, IsEmptyAtFirst) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.percentile(99), 0);
    EXPECT_EQ(histogram.min(), 0);
    EXPECT_EQ(histogram.mean(), 0);
    EXPECT_EQ(histogram.count_up_to(5), 0U);
}

TEST(Histogram, IsExactForSmallValues) {
    Histogram histogram;
    for (int i = 1; i <= 100; ++i) histogram.add(i);
    EXPECT_EQ(histogram.percentile(50), 50);
    EXPECT_EQ(histogram.percentile(99), 99);
    EXPECT_EQ(histogram.percentile(100), 100);
    EXPECT_EQ(histogram.percentile(0), 1);
    EXPECT_EQ(histogram.count_up_to(30), 30U);
    EXPECT_EQ(histogram.mean(), 50.5);
}

TEST(Histogram, KeepsTwoDigitsOfEverySize) {
    for (std::int64_t value = 1; value < Histogram::kLargest / 3; value = value * 3 + 1) {
        Histogram histogram;
        histogram.add(value);
        histogram.add(Histogram::kLargest);
        const std::int64_t median = histogram.percentile(50);
        EXPECT_GE(median, value);
        EXPECT_LE(median, value + value / 100 + 1);
    }
}

TEST(Histogram, AgreesWithSortedValues) {
    Rng rng(3);
    Histogram histogram;
    std::vector<std::int64_t> values;
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t value = rng.between(0, std::int64_t{1} << rng.between(0, 40));
        values.push_back(value);
        histogram.add(value);
    }
    std::sort(values.begin(), values.end());
    for (const double percent : {1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
        const auto rank =
            static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(values.size())));
        const std::int64_t exact = values[rank - 1];
        EXPECT_GE(histogram.percentile(percent), exact);
        EXPECT_LE(histogram.percentile(percent), exact + exact / 100 + 1);
    }
    EXPECT_EQ(histogram.max(), values.back());
    EXPECT_EQ(histogram.min(), values.front());
}

TEST(Histogram, MergingIsAddingAll) {
    Rng rng(4);
    std::array<Histogram, 3> parts;
    Histogram whole;
    for (int i = 0; i < 3000; ++i) {
        const std::int64_t value = rng.between(0, 1'000'000'000);
        parts[static_cast<std::size_t>(i) % 3].add(value);
        whole.add(value);
    }
    Histogram merged;
    for (const Histogram& part : parts) merged.merge(part);
    EXPECT_EQ(merged.count(), whole.count());
    for (const double percent : {0.0, 50.0, 99.0, 100.0})
        EXPECT_EQ(merged.percentile(percent), whole.percentile(percent));
    EXPECT_EQ(merged.min(), whole.min());
    merged.clear();
    EXPECT_TRUE(merged.empty());
}

TEST(Histogram, ClampsWhatIsOutOfRange) {
    Histogram histogram;
    histogram.add(-5);
    histogram.add(INT64_MAX);
    EXPECT_EQ(histogram.min(), 0);
    EXPECT_EQ(histogram.max(), Histogram::kLargest);
    EXPECT_EQ(histogram.percentile(100), Histogram::kLargest);
}

TEST(Histogram, GivesCumulativeBucketsInSeconds) {
    Histogram histogram;
    histogram.add(Duration(50us));
    histogram.add(Duration(3ms), 2);
    histogram.add(Duration(90s));
    const runtime::HistogramBuckets buckets = histogram.latency_seconds();
    EXPECT_EQ(buckets.count, 4U);
    EXPECT_NEAR(buckets.sum, 90.00605, 1e-6);
    EXPECT_EQ(buckets.buckets.front().cumulative, 1U);
    EXPECT_NEAR(buckets.buckets.front().upper_bound, 0.0001, 1e-12);
    EXPECT_EQ(buckets.buckets.back().cumulative, 3U);
    for (std::size_t i = 1; i < buckets.buckets.size(); ++i) {
        EXPECT_LT(buckets.buckets[i - 1].upper_bound, buckets.buckets[i].upper_bound);
        EXPECT_LE(buckets.buckets[i - 1].cumulative, buckets.buckets[i].cumulative);
    }
}

TEST(Histogram, DescribesItselfForPeople) {
    Histogram histogram;
    histogram.add(Duration(1500us));
    EXPECT_EQ(
        describe_latency(histogram), "n=1 mean=1.50ms p50=1.50ms p99=1.50ms p99.9=1.50ms max=1.50ms"
    );
}

}  // namespace
}  // namespace sealane::telemetry
