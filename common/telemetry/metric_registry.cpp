#include "common/telemetry/metric_registry.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <map>

namespace sealane::telemetry {

namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

struct Family {
    std::string help;
    prometheus::MetricType type = prometheus::MetricType::Untyped;
    std::map<Labels, prometheus::ClientMetric> series;
};

// Sorts what the sources say into families.
class Collector final : public runtime::MetricSink {
 public:
    void counter(
        std::string_view name, std::string_view help, double value, runtime::MetricLabels labels
    ) override {
        prometheus::ClientMetric metric;
        metric.counter.value = value;
        add(name, help, prometheus::MetricType::Counter, std::move(metric), labels);
    }
    void gauge(
        std::string_view name, std::string_view help, double value, runtime::MetricLabels labels
    ) override {
        prometheus::ClientMetric metric;
        metric.gauge.value = value;
        add(name, help, prometheus::MetricType::Gauge, std::move(metric), labels);
    }
    void histogram(
        std::string_view name,
        std::string_view help,
        const runtime::HistogramBuckets& value,
        runtime::MetricLabels labels
    ) override {
        prometheus::ClientMetric metric;
        metric.histogram.sample_count = value.count;
        metric.histogram.sample_sum = value.sum;
        for (const auto& bucket : value.buckets) {
            metric.histogram.bucket.push_back({bucket.cumulative, bucket.upper_bound});
        }
        add(name, help, prometheus::MetricType::Histogram, std::move(metric), labels);
    }

    [[nodiscard]] std::vector<prometheus::MetricFamily> take() {
        std::vector<prometheus::MetricFamily> all;
        for (auto& [name, family] : families_) {
            prometheus::MetricFamily out;
            out.name = name;
            out.help = std::move(family.help);
            out.type = family.type;
            for (auto& [labels, metric] : family.series) out.metric.push_back(std::move(metric));
            all.push_back(std::move(out));
        }
        return all;
    }

 private:
    void add(
        std::string_view name,
        std::string_view help,
        prometheus::MetricType type,
        prometheus::ClientMetric metric,
        runtime::MetricLabels labels
    ) {
        auto found = families_.find(name);
        if (found == families_.end()) {
            found = families_.emplace(std::string(name), Family{std::string(help), type, {}}).first;
        }
        if (found->second.type != type) return;  // the first source's kind holds
        for (const auto& [key, value] : labels) metric.label.push_back({std::string(key), value});
        std::sort(metric.label.begin(), metric.label.end());
        Labels key = metric.label;
        found->second.series.insert_or_assign(std::move(key), std::move(metric));
    }

    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace

void MetricRegistry::add(const runtime::MetricSource& source) {
    sources_.push_back(&source);
}

void MetricRegistry::remove(const runtime::MetricSource& source) {
    std::erase(sources_, &source);
}

std::string MetricRegistry::to_text() const {
    Collector collector;
    for (const runtime::MetricSource* source : sources_) source->collect(collector);
    return prometheus::TextSerializer().Serialize(collector.take());
}

}  // namespace sealane::telemetry
