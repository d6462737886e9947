#pragma once
// How modules show their figures: plain counters in their own state, handed to a MetricSink when
// somebody scrapes. Names: sealane_<module>_<thing>_<unit>[_total], listed in one metrics file a
// module.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sealane::runtime {

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string>>;

// A distribution as scrapers want it: `cumulative` counts observations <= `upper_bound`; `count`
// covers all, also those above the last bound. telemetry/histogram.hpp makes one.
struct HistogramBuckets {
    struct Bucket {
        double upper_bound = 0;
        std::uint64_t cumulative = 0;
    };
    std::vector<Bucket> buckets;  // ascending bounds
    std::uint64_t count = 0;
    double sum = 0;
};

class MetricSink {
 public:
    virtual ~MetricSink() = default;
    virtual void counter(
        std::string_view name, std::string_view help, double value, MetricLabels labels = {}
    ) = 0;
    virtual void gauge(
        std::string_view name, std::string_view help, double value, MetricLabels labels = {}
    ) = 0;
    // A sink that has no use for distributions may leave this one out.
    virtual void histogram(
        std::string_view /*name*/,
        std::string_view /*help*/,
        const HistogramBuckets& /*value*/,
        MetricLabels /*labels*/ = {}
    ) {}
};

class MetricSource {
 public:
    virtual ~MetricSource() = default;
    virtual void collect(MetricSink& sink) const = 0;
};

}  // namespace sealane::runtime
