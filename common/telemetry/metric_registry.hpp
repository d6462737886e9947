#pragma once
// MetricRegistry: asks the registered sources for their figures when somebody scrapes and writes
// them in the Prometheus text format 0.0.4. Sources keep plain counters; nothing is counted here.

#include "common/runtime/metrics.hpp"

#include <string>
#include <vector>

namespace sealane::telemetry {

class MetricRegistry {
 public:
    // The source must outlive the registry or be removed before it dies.
    void add(const runtime::MetricSource& source);
    void remove(const runtime::MetricSource& source);

    // Families in name order, series in label order: the same figures give the same text. Two
    // sources may give series of one family; the first one's help and kind hold. A second value
    // for one name and set of labels replaces the first.
    [[nodiscard]] std::string to_text() const;
    // The content type of to_text().
    static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
    std::vector<const runtime::MetricSource*> sources_;
};

struct BuildInfo {
    std::string program;  // "sealane-broker"
    std::string version;  // "0.1.0"
    std::string revision;
};

// The process's own figures under their usual names (process_resident_memory_bytes,
// process_open_fds, process_max_fds, process_cpu_seconds_total, process_start_time_seconds) and
// sealane_build_info. Reads /proc; programs register it in app/, simulated processes do not.
class ProcessMetrics final : public runtime::MetricSource {
 public:
    explicit ProcessMetrics(BuildInfo build) : build_(std::move(build)) {}
    void collect(runtime::MetricSink& sink) const override;

 private:
    BuildInfo build_;
};

}  // namespace sealane::telemetry
