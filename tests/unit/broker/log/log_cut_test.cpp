// Truncation, deletion, retention, restarting elsewhere.

#include "tests/unit/broker/log/log_bench.hpp"

namespace sealane::broker {
namespace {

LogConfig small_segments() {
    LogConfig config;
    config.segment_bytes = 1000;
    config.index_interval_bytes = 200;
    return config;
}

void fill(LogBench& bench, int count, std::string_view text = "v") {
    for (int i = 0; i < count; ++i) {
        ASSERT_TRUE(bench.append(
            make_batch(std::string(text) + std::to_string(i), 2, FakeWorld::kEpoch + i * 10),
            LeaderEpoch(i / 10)
        ));
    }
}

TEST(LogCut, TruncatesAtBatchBoundariesEverywhere) {
    for (std::int64_t to = 0; to <= 60; ++to) {
        LogBench bench(small_segments());
        ASSERT_TRUE(bench.open());
        fill(bench, 30);
        ASSERT_TRUE(bench.world.run(bench.log->truncate_to(Offset(to)))) << to;
        const std::int64_t end = to / 2 * 2;
        EXPECT_EQ(bench.log->end_offset(), Offset(end)) << to;
        EXPECT_EQ(bench.state.records, end);
        EXPECT_LE(bench.log->durable_offset(), Offset(end));
        const auto records = bench.all();
        ASSERT_TRUE(records) << records.error().to_string();
        EXPECT_EQ(records->size(), static_cast<std::size_t>(end));
        const auto latest = bench.log->epochs().latest();
        EXPECT_EQ(latest.value, end == 0 ? -1 : (end - 1) / 20) << to;
        const auto again = bench.append(make_batch("new"));
        ASSERT_TRUE(again) << again.error().to_string();
        EXPECT_EQ(again->base_offset, Offset(end));
        ASSERT_TRUE(bench.open());
        EXPECT_EQ(bench.log->end_offset(), Offset(end + 1));
        EXPECT_EQ(bench.all()->back().value, "new#0");
        EXPECT_FALSE(bench.log->offline_cause());
    }
}

TEST(LogCut, TruncationLowersTheRecoveryPointThatWasPromised) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 30);
    ASSERT_TRUE(bench.sync());
    const auto point = bench.world.run(bench.log->prepare_checkpoint());
    EXPECT_EQ(*point, Offset(60));
    ASSERT_TRUE(bench.world.run(bench.log->truncate_to(Offset(31))));
    ASSERT_TRUE(bench.open(*point));
    EXPECT_FALSE(bench.log->offline_cause());
    EXPECT_EQ(bench.log->end_offset(), Offset(30));
    // What was found after an unclean stop counts when a leader has confirmed it, not before.
    EXPECT_EQ(bench.log->trusted_end(), Offset(28));
    EXPECT_EQ(*bench.world.run(bench.log->prepare_checkpoint()), Offset(28));
    bench.log->trust_to(Offset(30));
    // Once the checkpoint is written again, missing records are missed.
    const auto next = bench.world.run(bench.log->prepare_checkpoint());
    EXPECT_EQ(*next, Offset(30));
    ASSERT_TRUE(bench.world.run(bench.log->note_checkpointed()));
    ASSERT_TRUE(bench.open(Offset(40)));
    EXPECT_TRUE(bench.log->offline_cause());
}

TEST(LogCut, APromiseThatWasTakenBackIsCheckpointedAfterARestart) {
    // simulation: replicated 213. Else the limit goes and the old promise comes back.
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 30);
    ASSERT_TRUE(bench.sync());
    const auto promised = bench.world.run(bench.log->prepare_checkpoint());
    ASSERT_TRUE(bench.world.run(bench.log->truncate_to(Offset(31))));
    ASSERT_TRUE(bench.open(*promised));
    EXPECT_TRUE(bench.log->needs_checkpoint());
}

TEST(LogCut, TheLogStartMayLieWithinABatchWhenABrokerIsKilledTwice) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 3);  // two records a batch
    ASSERT_TRUE(bench.world.run(bench.log->delete_records(Offset(3))));
    ASSERT_TRUE(bench.open());
    const auto point = bench.world.run(bench.log->prepare_checkpoint());
    ASSERT_TRUE(point);
    ASSERT_TRUE(bench.open(*point));
    EXPECT_FALSE(bench.log->offline_cause());
    EXPECT_EQ(bench.log->end_offset(), Offset(6));
}

TEST(LogCut, TruncatingBelowTheStartIsRefused) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 10);
    ASSERT_TRUE(bench.world.run(bench.log->delete_records(Offset(6))));
    const auto done = bench.world.run(bench.log->truncate_to(Offset(5)));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::kOffsetOutOfRange);
}

TEST(LogCut, DeleteRecordsIsDurableAndDropsWholeSegments) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 40);
    ASSERT_TRUE(bench.sync());
    const std::size_t before = bench.log->segment_count();
    const std::uint64_t bytes = bench.log->size_bytes();
    ASSERT_TRUE(bench.world.run(bench.log->delete_records(Offset(33))));
    EXPECT_EQ(bench.log->log_start_offset(), Offset(33));
    EXPECT_LT(bench.log->segment_count(), before);
    EXPECT_LT(bench.log->size_bytes(), bytes);
    EXPECT_FALSE(bench.world.run(bench.log->delete_records(Offset(81))));
    ASSERT_TRUE(bench.world.run(bench.log->delete_records(Offset(10))));  // never back
    bench.drop();
    Rng rng(3);
    bench.world.files().crash(rng);
    ASSERT_TRUE(bench.open(Offset(80)));
    EXPECT_EQ(bench.log->log_start_offset(), Offset(33));
    EXPECT_EQ(bench.all()->front().offset, Offset(33));
    EXPECT_EQ(bench.all()->size(), 47U);
}

TEST(LogCut, RetentionByTimeKeepsWhatIsYoungAndWhatIsNotReplicated) {
    LogConfig config = small_segments();
    config.retention_ms = 100;
    config.file_delete_delay_ms = 1000;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    fill(bench, 30);
    ASSERT_TRUE(bench.sync());
    const WallTime now{FakeWorld::kEpoch + 300};
    EXPECT_EQ(*bench.world.run(bench.log->apply_retention(now, Offset(0))), 0U);
    const auto gone = bench.world.run(bench.log->apply_retention(now, Offset(60)));
    ASSERT_TRUE(gone);
    EXPECT_GT(*gone, 0U);
    const Offset start = bench.log->log_start_offset();
    EXPECT_GT(start, Offset(20));
    EXPECT_LT(start, Offset(60));
    EXPECT_EQ(bench.all()->front().offset, start);
    // The files go in two steps.
    const auto count = [&bench] {
        return std::ranges::count_if(bench.world.files().paths(), [](const std::string& path) {
            return path.ends_with(".deleted");
        });
    };
    EXPECT_GT(count(), 0);
    ASSERT_TRUE(bench.world.run(bench.log->remove_deleted_files(bench.world.now())));
    EXPECT_GT(count(), 0);
    bench.world.advance(2s);
    ASSERT_TRUE(bench.world.run(bench.log->remove_deleted_files(bench.world.now())));
    EXPECT_EQ(count(), 0);
}

TEST(LogCut, RetentionMayEmptyTheLogAndOffsetsGoOn) {
    LogConfig config = small_segments();
    config.retention_ms = 100;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    fill(bench, 30);
    ASSERT_TRUE(bench.sync());
    ASSERT_TRUE(bench.world.run(
        bench.log->apply_retention(WallTime{FakeWorld::kEpoch + 100'000}, Offset(60))
    ));
    EXPECT_EQ(bench.log->log_start_offset(), Offset(60));
    EXPECT_EQ(bench.log->size_bytes(), 0U);
    ASSERT_TRUE(bench.open(Offset(60)));
    EXPECT_EQ(bench.log->end_offset(), Offset(60));
    EXPECT_EQ(bench.append(make_batch("x"))->base_offset, Offset(60));
    EXPECT_EQ(bench.all()->size(), 1U);
}

TEST(LogCut, RetentionBySize) {
    LogConfig config = small_segments();
    config.retention_ms = -1;
    config.retention_bytes = 2500;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    fill(bench, 60);
    ASSERT_TRUE(bench.sync());
    ASSERT_TRUE(bench.world.run(bench.log->apply_retention(bench.world.wall(), Offset(120))));
    EXPECT_GE(bench.log->size_bytes(), 2500U);
    EXPECT_LT(bench.log->size_bytes(), 3600U);
}

TEST(LogCut, RestartsAtAnotherOffset) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 20);
    ASSERT_TRUE(bench.sync());
    ASSERT_TRUE(bench.world.run(bench.log->restart_at(Offset(1000))));
    EXPECT_EQ(bench.log->log_start_offset(), Offset(1000));
    EXPECT_EQ(bench.log->end_offset(), Offset(1000));
    EXPECT_EQ(bench.state.records, 0);
    EXPECT_TRUE(bench.log->epochs().entries().empty());
    EXPECT_EQ(bench.append(make_batch("x"))->base_offset, Offset(1000));
    ASSERT_TRUE(bench.sync());
    ASSERT_TRUE(bench.open(Offset(40)));  // a checkpoint of before
    EXPECT_FALSE(bench.log->offline_cause());
    EXPECT_EQ(bench.all()->front(), (StoredRecord{Offset(1000), "x#0"}));
}

TEST(LogCut, ReadersGoOnWhileSegmentsAreDeletedUnderThem) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 40);
    ASSERT_TRUE(bench.open());  // nothing in memory: reads come from files
    runtime::TaskGroup group(bench.world);
    int answered = 0;
    for (int i = 0; i < 80; ++i) {
        group.spawn([&bench, &answered, i]() -> runtime::Task<void> {
            const auto got = co_await bench.log->read({Offset(i), 100, Offset(80)});
            if (!got) EXPECT_EQ(got.error().code(), ErrorCode::kOffsetOutOfRange);
            ++answered;
        });
    }
    group.spawn([&bench]() -> runtime::Task<void> {
        EXPECT_TRUE(co_await bench.log->delete_records(Offset(50)));
        EXPECT_TRUE(co_await bench.log->truncate_to(Offset(60)));
    });
    bench.world.run(group.join());
    EXPECT_EQ(answered, 80);
}

TEST(LogCut, ClosingEndsWhatIsUnderWayFirst) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    fill(bench, 40);
    ASSERT_TRUE(bench.open());
    runtime::TaskGroup group(bench.world);
    int ended = 0;
    for (int i = 0; i < 30; ++i) {
        group.spawn([&bench, &ended, i]() -> runtime::Task<void> {
            const auto got = co_await bench.log->read({Offset(i), 100, Offset(80)});
            if (!got) EXPECT_TRUE(got.error().is_stopped());
            const auto done =
                co_await bench.log->append(make_batch("x"), LeaderEpoch(9), AppendOrigin::kClient);
            if (!done) EXPECT_TRUE(done.error().is_stopped());
            ++ended;
        });
    }
    group.spawn([&bench, &ended]() -> runtime::Task<void> {
        const auto waited = co_await bench.log->wait_synced(Offset(1000), Instant::never());
        EXPECT_TRUE(waited.error().is_stopped());
        ++ended;
    });
    bench.world.settle();
    EXPECT_TRUE(bench.world.run(bench.log->close()));
    bench.world.run(group.join());
    EXPECT_EQ(ended, 31);
}

}  // namespace
}  // namespace sealane::broker
