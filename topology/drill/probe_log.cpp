#include "topology/drill/probe_log.hpp"

#include <algorithm>
#include <map>

namespace sealane::topology {
namespace {

std::vector<int> count_copies(const DrillLog& log) {
    std::vector<int> copies(log.probes.size());
    for (const StoredProbe& stored : log.stored) {
        if (stored.number < 0) continue;
        const auto index = static_cast<std::size_t>(stored.number);
        if (index < copies.size()) ++copies[index];
    }
    return copies;
}

std::int64_t count_reordered(const DrillLog& log) {
    std::int64_t reordered = 0;
    std::map<PartitionId, std::int64_t> highest;
    std::vector<bool> met(log.probes.size());
    for (const StoredProbe& stored : log.stored) {
        if (stored.number < 0 || static_cast<std::size_t>(stored.number) >= met.size()) continue;
        const auto index = static_cast<std::size_t>(stored.number);
        if (met[index]) continue;  // a copy: counted as a duplicate
        met[index] = true;
        const auto [at, first] = highest.emplace(stored.partition, stored.number);
        if (!first && stored.number < at->second) ++reordered;
        at->second = std::max(at->second, stored.number);
    }
    return reordered;
}

std::optional<Duration> between(std::optional<Instant> from, std::optional<Instant> to) {
    if (!from || !to) return std::nullopt;
    return *to - *from;
}

}  // namespace

Duration DrillFindings::mirror_latency(double share) const {
    if (mirror_latencies.empty()) return {};
    const auto at = static_cast<std::size_t>(share * static_cast<double>(mirror_latencies.size()));
    return mirror_latencies[std::min(at, mirror_latencies.size() - 1)];
}

DrillFindings analyze(const DrillLog& log) {
    DrillFindings findings;
    const auto copies = count_copies(log);
    findings.sent = static_cast<std::int64_t>(log.probes.size());
    for (std::size_t i = 0; i < log.probes.size(); ++i) {
        const Probe& probe = log.probes[i];
        if (probe.acked) ++findings.acked;
        if (probe.acked && copies[i] == 0) {
            findings.lost.push_back(static_cast<std::int64_t>(i));
            findings.rpo = std::max(findings.rpo, log.times.killed - *probe.acked);
        }
        if (copies[i] > 1) {
            findings.duplicated.push_back(static_cast<std::int64_t>(i));
            findings.duplicates += copies[i] - 1;
        }
        if (copies[i] > 0 && probe.delivered == 0) ++findings.skipped_by_consumer;
        if (probe.delivered > 1) findings.redelivered += probe.delivered - 1;
        if (probe.acked && probe.acked_by_primary && probe.seen_at_standby) {
            findings.mirror_latencies.push_back(
                std::max(Duration{}, *probe.seen_at_standby - *probe.acked)
            );
        }
    }
    std::ranges::sort(findings.mirror_latencies);
    findings.reordered = count_reordered(log);
    const DrillTimes& times = log.times;
    findings.detect = between(times.killed, times.detected);
    findings.promote = between(times.detected, times.promoted);
    findings.move_writers = between(times.promoted, times.first_write);
    findings.rto_write = between(times.killed, times.first_write);
    findings.rto_read = between(times.killed, times.first_read);
    return findings;
}

}  // namespace sealane::topology
