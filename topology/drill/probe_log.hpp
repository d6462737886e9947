#pragma once
// What a drill observed, and what follows from it, exactly: which acknowledged records were lost,
// which are there twice, which changed their order, how much time of data that is (RPO) and how
// long nobody could write or read (RTO) with its parts. Pure.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::topology {

// One probe record, by its number.
struct Probe {
    PartitionId partition{};
    Instant sent;                  // first handed to the producer
    std::optional<Instant> acked;  // by whichever cluster
    bool acked_by_primary = false;
    int attempts = 0;  // 2: sent again to the standby, its outcome was unknown
    std::optional<Instant> seen_at_standby;  // while the primary lived: mirror latency
    int delivered = 0;                       // times the probe consumer received it
};

// One record of the probe topic on the promoted standby, in log order.
struct StoredProbe {
    PartitionId partition{};
    Offset offset = kNoOffset;
    std::int64_t number = -1;
};

// When things happened; those that did not are missing.
struct DrillTimes {
    Instant start;
    Instant killed;
    std::optional<Instant> detected;
    std::optional<Instant> promoted;
    std::optional<Instant> first_write;  // acknowledged by the standby
    std::optional<Instant> first_read;   // a record that the consumer had not received before
    Instant end;
};

struct DrillLog {
    DrillTimes times;
    std::vector<Probe> probes;  // index: number
    std::vector<StoredProbe> stored;
};

struct DrillFindings {
    std::int64_t sent = 0;
    std::int64_t acked = 0;
    std::vector<std::int64_t> lost;        // acknowledged by the primary, not on the standby
    std::vector<std::int64_t> duplicated;  // numbers that are there more than once
    std::int64_t duplicates = 0;           // surplus copies
    std::int64_t reordered = 0;            // records behind one with a higher number, copies aside
    std::int64_t skipped_by_consumer = 0;  // stored, never delivered
    std::int64_t redelivered = 0;          // deliveries beyond the first
    // RPO: how long before the kill the oldest lost record was acknowledged; 0 when none is lost.
    Duration rpo{};
    // RTO of writers and readers since the kill, and its parts.
    std::optional<Duration> detect;
    std::optional<Duration> promote;
    std::optional<Duration> move_writers;
    std::optional<Duration> rto_write;
    std::optional<Duration> rto_read;
    std::vector<Duration> mirror_latencies;  // acknowledgement to standby, sorted
    [[nodiscard]] Duration mirror_latency(double share) const;
};

[[nodiscard]] DrillFindings analyze(const DrillLog& log);

}  // namespace sealane::topology
