#include "topology/drill/probe_log.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

Instant at_ms(std::int64_t ms) {
    return Instant{ms * 1'000'000};
}

// `count` probes, one every 10 ms, acknowledged by the primary 1 ms later, stored in order.
DrillLog healthy(std::int64_t count) {
    DrillLog log;
    log.times.start = at_ms(0);
    log.times.killed = at_ms(10 * count);
    log.times.end = at_ms(10 * count + 1000);
    for (std::int64_t n = 0; n < count; ++n) {
        Probe probe;
        probe.sent = at_ms(10 * n);
        probe.acked = at_ms(10 * n + 1);
        probe.acked_by_primary = true;
        probe.seen_at_standby = at_ms(10 * n + 4);
        probe.delivered = 1;
        log.probes.push_back(probe);
        log.stored.push_back({PartitionId(0), Offset(n), n});
    }
    return log;
}

TEST(DrillAnalysis, FindsNothingWrongInAHealthyMove) {
    const auto findings = analyze(healthy(50));
    EXPECT_EQ(findings.acked, 50);
    EXPECT_TRUE(findings.lost.empty());
    EXPECT_EQ(findings.duplicates, 0);
    EXPECT_EQ(findings.reordered, 0);
    EXPECT_EQ(findings.skipped_by_consumer, 0);
    EXPECT_EQ(findings.rpo, Duration{});
    EXPECT_EQ(findings.mirror_latency(0.5), Duration(3ms));
}

TEST(DrillAnalysis, ListsExactlyTheAcknowledgedRecordsThatAreGone) {
    DrillLog log = healthy(50);
    log.stored.resize(47);         // 47, 48 and 49 never arrived
    log.probes[49].acked.reset();  // nobody was promised this one
    const auto findings = analyze(log);
    EXPECT_EQ(findings.lost, (std::vector<std::int64_t>{47, 48}));
    EXPECT_EQ(findings.rpo, Duration(500ms - 471ms));
}

TEST(DrillAnalysis, CountsCopiesAsDuplicatesAndNotAsReordering) {
    DrillLog log = healthy(10);
    log.stored.push_back({PartitionId(0), Offset(10), 3});
    log.stored.push_back({PartitionId(0), Offset(11), 3});
    const auto findings = analyze(log);
    EXPECT_EQ(findings.duplicated, (std::vector<std::int64_t>{3}));
    EXPECT_EQ(findings.duplicates, 2);
    EXPECT_EQ(findings.reordered, 0);
}

TEST(DrillAnalysis, CountsRecordsBehindALaterOneOfTheSamePartition) {
    DrillLog log = healthy(4);
    std::swap(log.stored[1], log.stored[2]);
    EXPECT_EQ(analyze(log).reordered, 1);
    log.stored[1].partition = PartitionId(1);  // other partitions have no order between them
    EXPECT_EQ(analyze(log).reordered, 0);
}

TEST(DrillAnalysis, SplitsTheRecoveryTimeIntoItsParts) {
    DrillLog log = healthy(10);
    log.times.detected = at_ms(100 + 3000);
    log.times.promoted = at_ms(100 + 3200);
    log.times.first_write = at_ms(100 + 3250);
    log.times.first_read = at_ms(100 + 3300);
    const auto findings = analyze(log);
    EXPECT_EQ(findings.detect, Duration(3000ms));
    EXPECT_EQ(findings.promote, Duration(200ms));
    EXPECT_EQ(findings.move_writers, Duration(50ms));
    EXPECT_EQ(findings.rto_write, Duration(3250ms));
    EXPECT_EQ(findings.rto_read, Duration(3300ms));
}

TEST(DrillAnalysis, SeesWhatTheConsumerMissedOrGotTwice) {
    DrillLog log = healthy(10);
    log.probes[4].delivered = 0;
    log.probes[5].delivered = 3;
    const auto findings = analyze(log);
    EXPECT_EQ(findings.skipped_by_consumer, 1);
    EXPECT_EQ(findings.redelivered, 2);
}

}  // namespace
}  // namespace sealane::topology
