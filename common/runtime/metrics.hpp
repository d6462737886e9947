#pragma once
// How modules show their figures: plain counters in their own state, handed to a MetricSink when
// somebody scrapes. Names: sealane_<module>_<thing>_<unit>[_total], listed in one metrics file a
// module.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace sealane::runtime {

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string>>;

class MetricSink {
 public:
    virtual ~MetricSink() = default;
    virtual void counter(
        std::string_view name, std::string_view help, double value, MetricLabels labels = {}
    ) = 0;
    virtual void gauge(
        std::string_view name, std::string_view help, double value, MetricLabels labels = {}
    ) = 0;
};

class MetricSource {
 public:
    virtual ~MetricSource() = default;
    virtual void collect(MetricSink& sink) const = 0;
};

}  // namespace sealane::runtime
