#pragma once
// What a measuring program found: named numbers, printed as one line of JSON for the driver, and
// latencies as percentiles.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sealane::bench {

class Report {
 public:
    void add(std::string name, double value) { values_.emplace_back(std::move(name), value); }
    // bytes, records, seconds, and the rates that follow from them.
    void add_throughput(std::int64_t bytes, std::int64_t records, double seconds);
    [[nodiscard]] std::string to_json() const;

 private:
    std::vector<std::pair<std::string, double>> values_;
};

// Nanoseconds, one a sample.
class Latencies {
 public:
    void add(std::int64_t nanoseconds) { samples_.push_back(nanoseconds); }
    [[nodiscard]] std::size_t count() const { return samples_.size(); }
    // count, p50_ms, p90_ms, p99_ms, p999_ms, max_ms, behind `prefix`.
    void add_to(Report& report, const std::string& prefix = "");

 private:
    std::vector<std::int64_t> samples_;
};

// User and system seconds of this process so far.
[[nodiscard]] double own_cpu_seconds();

}  // namespace sealane::bench
