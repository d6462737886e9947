#include "tests/bench/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sys/resource.h>

namespace sealane::bench {
namespace {

// The smallest sample that `share` of all samples do not exceed.
double quantile_ms(const std::vector<std::int64_t>& sorted, double share) {
    if (sorted.empty()) return 0;
    const double rank = std::ceil(share * static_cast<double>(sorted.size()));
    const auto at = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    return static_cast<double>(sorted[std::min(at, sorted.size() - 1)]) / 1e6;
}

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void Report::add_throughput(std::int64_t bytes, std::int64_t records, double seconds) {
    const double span = std::max(seconds, 1e-9);
    add("bytes", static_cast<double>(bytes));
    add("records", static_cast<double>(records));
    add("seconds", seconds);
    add("mb_per_s", static_cast<double>(bytes) / 1e6 / span);
    add("records_per_s", static_cast<double>(records) / span);
}

std::string Report::to_json() const {
    std::string text = "{";
    for (const auto& [name, value] : values_) {
        char number[64];
        (void)std::snprintf(number, sizeof(number), "%.9g", value);
        if (text.size() > 1) text += ", ";
        text.append("\"").append(name).append("\": ").append(number);
    }
    return text + "}";
}

void Latencies::add_to(Report& report, const std::string& prefix) {
    std::ranges::sort(samples_);
    report.add(prefix + "count", static_cast<double>(samples_.size()));
    report.add(prefix + "p50_ms", quantile_ms(samples_, 0.50));
    report.add(prefix + "p90_ms", quantile_ms(samples_, 0.90));
    report.add(prefix + "p99_ms", quantile_ms(samples_, 0.99));
    report.add(prefix + "p999_ms", quantile_ms(samples_, 0.999));
    report.add(prefix + "max_ms", quantile_ms(samples_, 1.0));
}

double own_cpu_seconds() {
    rusage usage{};
    (void)::getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

}  // namespace sealane::bench
