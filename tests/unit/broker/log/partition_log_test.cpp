#include "broker/log/partition_log.hpp"

#include "tests/unit/broker/log/log_bench.hpp"

namespace sealane::broker {
namespace {

constexpr std::string_view kFirst = "00000000000000000000.log";

TEST(PartitionLog, AssignsOffsetsAndEpochAndServesWhatWasAppended) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    const auto first = bench.append(make_batch("a", 3), LeaderEpoch(5));
    ASSERT_TRUE(first) << first.error().to_string();
    EXPECT_EQ(first->base_offset, Offset(0));
    EXPECT_EQ(first->last_offset, Offset(2));
    const auto second = bench.append(make_batch("b", 2), LeaderEpoch(6));
    ASSERT_TRUE(second);
    EXPECT_EQ(second->base_offset, Offset(3));
    EXPECT_EQ(bench.log->end_offset(), Offset(5));
    EXPECT_EQ(bench.state.records, 5);
    EXPECT_EQ(
        bench.log->end_offset_for_epoch(LeaderEpoch(5)), (EpochEnd{LeaderEpoch(5), Offset(3)})
    );

    const auto records = bench.all();
    ASSERT_TRUE(records) << records.error().to_string();
    const std::vector<StoredRecord> expected{
        {Offset(0), "a#0"},
        {Offset(1), "a#1"},
        {Offset(2), "a#2"},
        {Offset(3), "b#0"},
        {Offset(4), "b#1"}
    };
    EXPECT_EQ(*records, expected);
}

TEST(PartitionLog, AppendsThatOverlapKeepTheirOrder) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    runtime::TaskGroup group(bench.world);
    for (int i = 0; i < 20; ++i) {
        group.spawn([&bench, i]() -> runtime::Task<void> {
            const auto done = co_await bench.log->append(
                make_batch("n" + std::to_string(i)), LeaderEpoch(0), AppendOrigin::kClient
            );
            EXPECT_TRUE(done);
            EXPECT_EQ(done->base_offset, Offset(i));
        });
    }
    bench.world.run(group.join());
    EXPECT_EQ(bench.log->end_offset(), Offset(20));
}

TEST(PartitionLog, GroupCommitSharesSyncs) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 50; ++i) {
        bench.world.run([](LogBench& b) -> runtime::Task<void> {
            (void)co_await b.log->append(make_batch("x"), LeaderEpoch(0), AppendOrigin::kClient);
        }(bench));
    }
    ASSERT_TRUE(bench.world.run(bench.log->wait_synced(Offset(50), Instant::never())));
    EXPECT_EQ(bench.log->durable_offset(), Offset(50));
    EXPECT_LE(bench.log->figures().syncs, 50U);
}

TEST(PartitionLog, OsFlushSyncsOnlyWhenAsked) {
    LogConfig config;
    config.flush = FlushMode::kOs;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch("x")));
    bench.world.advance(1s);
    EXPECT_EQ(bench.log->figures().syncs, 0U);
    EXPECT_EQ(bench.log->durable_offset(), Offset(0));
    ASSERT_TRUE(bench.sync());
    EXPECT_EQ(bench.log->durable_offset(), Offset(1));
}

TEST(PartitionLog, WaitSyncedEndsAtItsDeadline) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    const auto waited =
        bench.world.run(bench.log->wait_synced(Offset(7), bench.world.now() + Duration(5s)));
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().code(), ErrorCode::kDeadlineExceeded);
}

TEST(PartitionLog, OffsetsOutsideTheLogAreOutOfRange) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch("x", 4)));
    ASSERT_TRUE(bench.world.run(bench.log->delete_records(Offset(2))));
    for (const std::int64_t offset : {-1, 0, 1, 5}) {
        const auto got = bench.read(Offset(offset));
        ASSERT_FALSE(got) << offset;
        EXPECT_EQ(got.error().code(), ErrorCode::kOffsetOutOfRange);
    }
    const auto at_end = bench.read(Offset(4));
    ASSERT_TRUE(at_end);
    EXPECT_TRUE(at_end->records.empty());
    // Whole batches: the one that holds offset 2 begins at 0.
    EXPECT_EQ(bench.read(Offset(2))->next_offset, Offset(4));
}

TEST(PartitionLog, ReadStopsAtItsUpperBoundAndByteLimit) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    std::size_t batch_size = 0;
    for (int i = 0; i < 10; ++i) {
        const auto batch = make_batch("0123456789", 2);
        batch_size = batch.size();
        ASSERT_TRUE(bench.append(batch));
    }
    for (const bool from_file : {false, true}) {
        if (from_file) ASSERT_TRUE(bench.open());
        const auto bounded = bench.world.run(bench.log->read({Offset(4), 1U << 20U, Offset(9)}));
        ASSERT_TRUE(bounded) << bounded.error().to_string();
        EXPECT_EQ(bounded->next_offset, Offset(8));  // the batch [8, 10) does not end below 9
        const auto limited =
            bench.world.run(bench.log->read({Offset(0), batch_size * 3 + 5, Offset(20)}));
        ASSERT_TRUE(limited);
        EXPECT_EQ(limited->records.size(), batch_size * 3);
        const auto one = bench.world.run(bench.log->read({Offset(0), 1, Offset(20)}));
        ASSERT_TRUE(one);
        EXPECT_EQ(one->records.size(), batch_size);
        const auto none = bench.world.run(bench.log->read({Offset(0), 1, Offset(20), false}));
        ASSERT_TRUE(none);
        EXPECT_TRUE(none->records.empty());
        EXPECT_EQ(none->next_offset, Offset(0));
    }
}

LogConfig small_segments() {
    LogConfig config;
    config.segment_bytes = 2000;
    config.index_interval_bytes = 200;
    return config;
}

TEST(PartitionLog, RollsBySizeAndReadsAcrossSegments) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    EXPECT_GT(bench.log->segment_count(), 3U);
    for (const std::size_t max_bytes : {std::size_t{1}, std::size_t{300}, std::size_t{100'000}}) {
        const auto records = bench.all(max_bytes);
        ASSERT_TRUE(records) << records.error().to_string();
        ASSERT_EQ(records->size(), 100U);
        for (std::size_t i = 0; i < 100; ++i) {
            EXPECT_EQ((*records)[i].value, "v" + std::to_string(i) + "#0");
        }
    }
}

TEST(PartitionLog, ReadsEveryOffsetFromSealedSegmentsAfterARestart) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    ASSERT_TRUE(bench.world.run(bench.log->close()));
    ASSERT_TRUE(bench.open(Offset(100), true));
    EXPECT_EQ(bench.log->figures().recovered_bytes, 0U);
    EXPECT_EQ(bench.state.records, 100);
    EXPECT_EQ(bench.log->durable_offset(), Offset(100));
    for (int i = 99; i >= 0; --i) {
        const auto got = bench.read(Offset(i), 1);
        ASSERT_TRUE(got) << i << " " << got.error().to_string();
        EXPECT_EQ(got->next_offset, Offset(i + 1));
    }
    ASSERT_TRUE(bench.append(make_batch("more")));
    EXPECT_EQ(bench.all()->size(), 101U);
}

TEST(PartitionLog, RollsByTimeOfItsRecords) {
    LogConfig config;
    config.segment_ms = 1000;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch("a", 1, 5000)));
    ASSERT_TRUE(bench.append(make_batch("b", 1, 6000)));
    EXPECT_EQ(bench.log->segment_count(), 1U);
    ASSERT_TRUE(bench.append(make_batch("c", 1, 6001)));
    EXPECT_EQ(bench.log->segment_count(), 2U);
}

TEST(PartitionLog, RefusesMoreThanASegmentHolds) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    const auto done = bench.append(make_batch(std::string(3000, 'x')));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::kRecordListTooLarge);
}

TEST(PartitionLog, StampsAppendTimeWhenToldTo) {
    LogConfig config;
    config.timestamp_type = kafka::TimestampType::kLogAppendTime;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    bench.world.advance(5s);
    const auto done = bench.append(make_batch("x", 1, 1));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->append_time, bench.world.wall());
    const auto got = bench.read(Offset(0));
    const auto batch = kafka::RecordBatch::parse(got->records.joined());
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->view().check_crc());
    EXPECT_EQ(batch->view().max_timestamp(), bench.world.wall());
    EXPECT_EQ(batch->view().timestamp_type(), kafka::TimestampType::kLogAppendTime);
}

TEST(PartitionLog, RecoversEverythingAfterTheProcessWasKilled) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    ASSERT_TRUE(bench.open());
    EXPECT_EQ(bench.log->end_offset(), Offset(60));
    EXPECT_EQ(bench.log->durable_offset(), Offset(60));
    EXPECT_EQ(bench.all()->size(), 60U);
    EXPECT_EQ(bench.state.records, 60);
    EXPECT_EQ(bench.log->figures().cut_bytes, 0U);
}

TEST(PartitionLog, ScansOnlyFromTheRecoveryPoint) {
    LogConfig config;
    config.index_interval_bytes = 200;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    ASSERT_TRUE(bench.sync());
    const auto point = bench.world.run(bench.log->prepare_checkpoint());
    ASSERT_TRUE(point);
    EXPECT_EQ(*point, Offset(200));
    for (int i = 200; i < 210; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    const std::uint64_t size = bench.log->size_bytes();
    ASSERT_TRUE(bench.open(*point));
    EXPECT_EQ(bench.log->end_offset(), Offset(210));
    EXPECT_LT(bench.log->figures().recovered_bytes, size / 8);
    EXPECT_EQ(bench.all()->size(), 210U);
}

TEST(PartitionLog, CutsATornTail) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    const std::string whole = bench.world.files().content(bench.path(kFirst));
    const std::size_t batch = whole.size() / 5;
    for (std::size_t size = whole.size() - batch; size < whole.size(); size += 7) {
        bench.drop();
        bench.world.files().content(bench.path(kFirst)) = whole.substr(0, size);
        ASSERT_TRUE(bench.open());
        EXPECT_EQ(bench.log->end_offset(), Offset(4)) << size;
        EXPECT_FALSE(bench.log->offline_cause());
        EXPECT_EQ(bench.world.files().content(bench.path(kFirst)).size(), batch * 4);
    }
    ASSERT_TRUE(bench.append(make_batch("again")));
    EXPECT_EQ(bench.all()->back(), (StoredRecord{Offset(4), "again#0"}));
}

TEST(PartitionLog, DamageBelowTheRecoveryPointIsNeverCut) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    ASSERT_TRUE(bench.sync());
    bench.drop();
    std::string& bytes = bench.world.files().content(bench.path(kFirst));
    const std::size_t size = bytes.size();
    bytes[size / 10 * 4 + 70] ^= 1;
    ASSERT_TRUE(bench.open(Offset(10)));
    ASSERT_TRUE(bench.log->offline_cause());
    const std::string cause = bench.log->offline_cause()->to_string();
    EXPECT_NE(cause.find(kFirst), std::string::npos) << cause;
    EXPECT_NE(cause.find("position " + std::to_string(size / 10 * 4)), std::string::npos) << cause;
    EXPECT_EQ(bench.world.files().content(bench.path(kFirst)).size(), size);
    const auto refused = bench.append(make_batch("x"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kKafkaStorageError);
    // What lies before the damage is still served.
    EXPECT_EQ(bench.all()->size(), 4U);
}

TEST(PartitionLog, DamageAboveTheRecoveryPointIsCutButKept) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    bench.drop();
    std::string& bytes = bench.world.files().content(bench.path(kFirst));
    const std::size_t at = bytes.size() / 10 * 4;
    const std::string tail = bytes.substr(at);
    bytes[at + 70] ^= 1;
    ASSERT_TRUE(bench.open(Offset(2)));
    EXPECT_FALSE(bench.log->offline_cause());
    EXPECT_EQ(bench.log->end_offset(), Offset(4));
    const std::string kept = bench.path(std::string(kFirst) + ".damaged-" + std::to_string(at));
    ASSERT_TRUE(bench.world.files().has(kept));
    EXPECT_EQ(bench.world.files().content(kept).size(), tail.size());
    EXPECT_FALSE(bench.world.log_sink().warnings.empty());
}

TEST(PartitionLog, MissingDurableRecordsTakeTheLogOffline) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    bench.drop();
    std::string& bytes = bench.world.files().content(bench.path(kFirst));
    bytes.resize(bytes.size() / 10 * 7);
    ASSERT_TRUE(bench.open(Offset(10)));
    ASSERT_TRUE(bench.log->offline_cause());
    EXPECT_EQ(bench.all()->size(), 7U);

    bench.drop();
    bench.world.run([](FakeFileSystem& files, std::string path) -> runtime::Task<void> {
        (void)co_await files.remove(std::move(path));
    }(bench.world.files(), bench.path(kFirst)));
    const auto opened = bench.open(Offset(10));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), ErrorCode::kCorrupt);
}

TEST(PartitionLog, CorruptColdBatchIsRefusedNotServed) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    ASSERT_TRUE(bench.world.run(bench.log->close()));
    bench.world.files().content(bench.path(kFirst))[70] ^= 4;
    ASSERT_TRUE(bench.open(Offset(60), true));
    const auto got = bench.read(Offset(0));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code(), ErrorCode::kCorrupt);
    EXPECT_TRUE(bench.read(Offset(30)));
}

// The checksum of a batch leaves its offset out.
TEST(PartitionLog, AnOffsetThatRotsBelowTheRecoveryPointTakesTheLogOffline) {
    for (const std::size_t byte : {3U, 6U, 7U}) {
        LogBench bench;
        ASSERT_TRUE(bench.open());
        for (int i = 0; i < 6; ++i) ASSERT_TRUE(bench.append(make_batch("x")));
        ASSERT_TRUE(bench.sync());
        const std::size_t size = bench.log->size_bytes() / 6;
        bench.drop();
        bench.world.files().content(bench.path(kFirst))[3 * size + byte] ^= 0x10;
        ASSERT_TRUE(bench.open(Offset(6)));
        ASSERT_TRUE(bench.log->offline_cause()) << byte;
        const auto records = bench.all();
        ASSERT_TRUE(records);
        EXPECT_EQ(records->size(), 3U);
    }
}

TEST(PartitionLog, AnOffsetThatRotsIsRefusedWhenItIsRead) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(bench.append(make_batch("x")));
    ASSERT_TRUE(bench.world.run(bench.log->close()));
    const std::size_t size = bench.log->size_bytes() / 6;
    ASSERT_TRUE(bench.open(Offset(6), true));
    bench.world.files().content(bench.path(kFirst))[3 * size + 6] ^= 0x10;
    const auto before = bench.read(Offset(0));
    ASSERT_TRUE(before);
    EXPECT_EQ(before->next_offset, Offset(3));
    const auto rotten = bench.read(Offset(3));
    ASSERT_FALSE(rotten);
    EXPECT_EQ(rotten.error().code(), ErrorCode::kCorrupt);
}

// Each batch has a good checksum, and the one that was asked for is not among them.
TEST(PartitionLogRead, ADroppedOrRepeatedBatchIsNoticed) {
    for (const bool sealed : {true, false})
        for (const bool dropped : {true, false}) {
            for (const bool live : {true, false}) {
                LogBench bench;
                ASSERT_TRUE(bench.open());
                for (int i = 0; i < 6; ++i) ASSERT_TRUE(bench.append(make_batch("x")));
                if (sealed) ASSERT_TRUE(bench.world.run(bench.log->roll()));
                const std::size_t size = bench.world.files().content(bench.path(kFirst)).size() / 6;
                if (!live) ASSERT_TRUE(bench.world.run(bench.log->close()));
                // More than the cache of the tail holds of one log.
                if (live) ASSERT_TRUE(bench.append(make_batch(std::string(70'000, 'z'))));
                auto& content = bench.world.files().content(bench.path(kFirst));
                const auto third = content.begin() + static_cast<std::ptrdiff_t>(3 * size);
                const auto span = static_cast<std::ptrdiff_t>(size);
                if (dropped) {
                    content.erase(third, third + span);
                } else {
                    std::copy(third - span, third, third);
                }
                if (!live) ASSERT_TRUE(bench.open(Offset(6), true));
                const auto got = bench.read(Offset(3));
                // Recovery of a clean stop looks at the last batches only, and may find it first.
                if (bench.log->offline_cause()) {
                    EXPECT_TRUE(!got || got->records.empty());
                } else {
                    ASSERT_FALSE(got) << sealed << dropped << live;
                    EXPECT_EQ(got.error().code(), ErrorCode::kCorrupt);
                }
                const auto before = bench.read(Offset(0), 10);
                ASSERT_TRUE(before) << before.error().to_string();
            }
        }
}

TEST(PartitionLogRead, ABatchThatDoesNotFitIsNoHole) {
    // simulation: replicated 55. A follower that got the next batch that fits had a hole.
    LogConfig config;
    config.segment_bytes = 1100;
    LogBench bench(config);
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch(std::string(1000, 'x'))));
    ASSERT_TRUE(bench.append(make_batch(std::string(1000, 'y'))));
    ASSERT_TRUE(bench.append(make_batch("small")));
    ASSERT_TRUE(bench.sync());
    for (const bool from_memory : {true, false}) {
        if (!from_memory) ASSERT_TRUE(bench.open());
        LogRead request{Offset(0), 300, bench.log->end_offset(), false};
        const auto got = bench.world.run(bench.log->read(request));
        ASSERT_TRUE(got) << got.error().to_string();
        EXPECT_TRUE(got->records.empty());
        EXPECT_EQ(got->next_offset, Offset(0));
    }
}

}  // namespace
}  // namespace sealane::broker
