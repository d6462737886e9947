// Compaction of one log on disk.

#include "tests/unit/broker/log/clean_bench.hpp"

namespace sealane::broker {
namespace {

std::vector<std::string> values(const std::vector<KeyedRecord>& records) {
    std::vector<std::string> all;
    for (const KeyedRecord& record : records) {
        all.push_back(
            std::to_string(record.offset.value) + ":" + record.key + "=" +
            record.value.value_or("-")
        );
    }
    return all;
}

// Twelve rounds over three keys.
void fill(CleanBench& bench) {
    for (int i = 0; i < 12; ++i) {
        for (const char* key : {"a", "b", "c"}) {
            ASSERT_TRUE(bench.produce(key, "v" + std::to_string(i)));
        }
    }
}

TEST(LogClean, LatestValuesStayAtTheirOffsetsAndSmallSegmentsBecomeOne) {
    CleanBench bench(compacted_log());
    ASSERT_TRUE(bench.open());
    fill(bench);
    const std::size_t segments = bench.log->segment_count();
    ASSERT_GT(segments, 3U);
    const auto done = bench.clean_all();
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_TRUE(done->finished);
    EXPECT_EQ(done->first_dirty, Offset(36));
    EXPECT_EQ(done->dropped_records, 33U);
    EXPECT_EQ(
        values(*bench.everything()), (std::vector<std::string>{"33:a=v11", "34:b=v11", "35:c=v11"})
    );
    EXPECT_EQ(bench.log->end_offset(), Offset(36));
    EXPECT_EQ(bench.log->rewritten_end(), Offset(36));
    bench.check("after", Offset(36));
    // Appends go on, and what is read is whole.
    ASSERT_TRUE(bench.produce("d", "new"));
    EXPECT_EQ(bench.everything()->back().offset, Offset(36));
    // Nothing is due until something is written.
    const auto again = bench.clean();
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->finished);
    // The next one makes one of the small segments.
    ASSERT_TRUE(bench.clean_all());
    EXPECT_LE(bench.log->segment_count(), 3U);
    bench.check("merged", Offset(36));
}

TEST(LogClean, ReopenedLogHoldsTheSame) {
    for (const bool clean_stop : {false, true}) {
        CleanBench bench(compacted_log());
        ASSERT_TRUE(bench.open());
        fill(bench);
        ASSERT_TRUE(bench.clean_all());
        ASSERT_TRUE(bench.produce("z", "1"));
        ASSERT_TRUE(bench.checkpoint());
        const auto before = bench.everything();
        if (clean_stop) ASSERT_TRUE(bench.world.run(bench.log->close()));
        bench.drop();
        bench.world.files().kill();
        ASSERT_TRUE(bench.open(bench.point, clean_stop));
        EXPECT_EQ(bench.everything().value(), *before);
        EXPECT_EQ(bench.log->first_dirty_offset(), Offset(36));
        EXPECT_EQ(bench.log->rewritten_end(), Offset(36));
        EXPECT_EQ(bench.state.next, bench.log->end_offset());
    }
}

TEST(LogClean, NothingAboveBoundOrCheckpointIsTouched) {
    CleanBench bench(compacted_log());
    ASSERT_TRUE(bench.open());
    fill(bench);
    ASSERT_TRUE(bench.world.run(bench.log->roll()));
    ASSERT_TRUE(bench.sync());
    // Nothing is checkpointed yet.
    EXPECT_FALSE(bench.clean()->finished);
    ASSERT_TRUE(bench.checkpoint());
    const auto done = bench.clean_below(Offset(20));
    ASSERT_TRUE(done);
    EXPECT_TRUE(done->finished);
    EXPECT_LE(done->first_dirty, Offset(20));
    EXPECT_GT(done->first_dirty, Offset(0));
    bench.check("after", done->first_dirty);
}

TEST(LogClean, TombstonesGoAfterTheirHorizon) {
    CleanBench bench(compacted_log());
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.produce({{"a", "1"}, {"b", "1"}}));
    ASSERT_TRUE(bench.produce({{"a", std::nullopt}, {"c", "1"}}));
    ASSERT_TRUE(bench.clean_all());
    EXPECT_EQ(values(*bench.everything()), (std::vector<std::string>{"1:b=1", "2:a=-", "3:c=1"}));
    ASSERT_TRUE(bench.produce("d", "1"));
    ASSERT_TRUE(bench.clean_all());
    EXPECT_EQ(bench.everything()->size(), 4U);
    bench.world.advance(2s);
    ASSERT_TRUE(bench.produce("e", "1"));
    ASSERT_TRUE(bench.clean_all());
    EXPECT_EQ(
        values(*bench.everything()), (std::vector<std::string>{"1:b=1", "3:c=1", "4:d=1", "5:e=1"})
    );
}

TEST(LogClean, ASmallMapCleansInSeveralPasses) {
    CleanBench bench(compacted_log(2000));
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(bench.produce("k" + std::to_string(i % 20), "v"));
    ASSERT_TRUE(bench.world.run(bench.log->roll()));
    ASSERT_TRUE(bench.checkpoint());
    Offset before(0);
    int passes = 0;
    for (;; ++passes) {
        const auto done = bench.clean(KeyMap::kSlotBytes * 10);
        ASSERT_TRUE(done) << done.error().to_string();
        if (!done->finished) break;
        EXPECT_GT(done->first_dirty, before);
        before = done->first_dirty;
        bench.check("pass " + std::to_string(passes), done->first_dirty);
    }
    EXPECT_GT(passes, 3);
    EXPECT_EQ(before, Offset(60));
    EXPECT_EQ(bench.everything()->size(), 20U);
    // A batch with more keys than the map holds is named.
    std::vector<CleanBench::Entry> many;
    for (int i = 0; i < 30; ++i) many.push_back({"m" + std::to_string(i), "v"});
    ASSERT_TRUE(bench.produce(many));
    ASSERT_TRUE(bench.world.run(bench.log->roll()));
    ASSERT_TRUE(bench.checkpoint());
    const auto refused = bench.clean(KeyMap::kSlotBytes * 10);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfBounds);
    EXPECT_FALSE(bench.log->offline_cause());
    EXPECT_EQ(bench.everything()->size(), 50U);
}

TEST(LogClean, DamageEndsTheCleaningAndChangesNothing) {
    CleanBench bench(compacted_log());
    ASSERT_TRUE(bench.open());
    fill(bench);
    ASSERT_TRUE(bench.world.run(bench.log->roll()));
    ASSERT_TRUE(bench.checkpoint());
    std::string& bytes = bench.world.files().content(bench.path("00000000000000000000.log"));
    bytes[100] = static_cast<char>(bytes[100] ^ 1);
    const std::vector<std::string> before = bench.world.files().paths();
    const auto done = bench.clean();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::kCorrupt);
    EXPECT_NE(done.error().to_string().find("00000000000000000000.log"), std::string::npos);
    EXPECT_EQ(bench.world.files().paths(), before);
    EXPECT_FALSE(bench.log->offline_cause());
}

TEST(LogClean, ReadersGoOnWhileItCleans) {
    CleanBench bench(compacted_log());
    ASSERT_TRUE(bench.open());
    fill(bench);
    ASSERT_TRUE(bench.world.run(bench.log->roll()));
    ASSERT_TRUE(bench.checkpoint());
    bool reading = true;
    std::size_t reads = 0;
    runtime::TaskGroup readers(bench.world);
    readers.spawn([&]() -> runtime::Task<void> {
        while (reading) {
            for (Offset at(0); at < Offset(36);) {
                const auto got = co_await bench.log->read({at, 200, Offset(36)});
                EXPECT_TRUE(got) << got.error().to_string();
                if (!got) co_return;
                EXPECT_GT(got->next_offset, at);
                at = got->next_offset;
                ++reads;
            }
            const auto found = co_await bench.log->offset_for_timestamp(WallTime{0}, Offset(36));
            EXPECT_TRUE(found && *found);
        }
    });
    readers.spawn([&]() -> runtime::Task<void> {
        while (reading) {
            const auto scrubbed =
                co_await bench.log->scrub([](std::uint64_t) -> runtime::Task<bool> {
                    co_return true;
                });
            EXPECT_TRUE(scrubbed) << scrubbed.error().to_string();
            co_await bench.world.sleep(Duration::zero());
        }
    });
    std::optional<Result<CleaningResult>> done;
    readers.spawn([&]() -> runtime::Task<void> {
        CleaningOrder order{bench.world.wall(), Offset(36), 1U << 20U, {}};
        order.pace = [](std::uint64_t) -> runtime::Task<bool> { co_return true; };
        done = co_await bench.log->clean(std::move(order));
        reading = false;
    });
    bench.world.run(readers.join());
    ASSERT_TRUE(done && *done);
    EXPECT_TRUE((*done)->finished);
    EXPECT_GT(reads, 10U);
    EXPECT_EQ(bench.log->figures().corrupt_reads, 0U);
    EXPECT_TRUE(bench.world.log_sink().errors.empty());
}

TEST(LogClean, WhoeverTakesRecordsAwayEndsIt) {
    for (const bool truncates : {true, false}) {
        CleanBench bench(compacted_log());
        ASSERT_TRUE(bench.open());
        fill(bench);
        ASSERT_TRUE(bench.world.run(bench.log->roll()));
        ASSERT_TRUE(bench.checkpoint());
        CleaningOrder order{bench.world.wall(), Offset(36), 1U << 20U, {}};
        int paces = 0;
        order.pace = [&](std::uint64_t) -> runtime::Task<bool> {
            ++paces;
            co_return true;
        };
        std::optional<Result<CleaningResult>> done;
        runtime::TaskGroup tasks(bench.world);
        tasks.spawn([&]() -> runtime::Task<void> { done = co_await bench.log->clean(order); });
        tasks.spawn([&]() -> runtime::Task<void> {
            const auto taken = truncates ? co_await bench.log->truncate_to(Offset(20))
                                         : co_await bench.log->delete_records(Offset(20));
            EXPECT_TRUE(taken);
        });
        bench.world.run(tasks.join());
        ASSERT_TRUE(done && *done) << (*done).error().to_string();
        EXPECT_FALSE((*done)->finished);
        bench.check("after", truncates ? Offset(0) : Offset(20));
        EXPECT_LE(bench.log->first_dirty_offset(), Offset(20));
    }
}

TEST(LogClean, AStopLeavesTheLogAsItIs) {
    CleanBench bench(compacted_log());
    ASSERT_TRUE(bench.open());
    std::string large(40'000, 'x');
    for (int i = 0; i < 6; ++i) {
        ASSERT_TRUE(bench.world.run(bench.log->roll()));
        bench.config.segment_bytes = 100'000;
        bench.log->set_config(bench.config);
        ASSERT_TRUE(bench.produce("a", large));
    }
    ASSERT_TRUE(bench.world.run(bench.log->roll()));
    ASSERT_TRUE(bench.checkpoint());
    bench.stop = true;
    const auto done = bench.clean();
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->finished);
    EXPECT_EQ(bench.everything()->size(), 6U);
    bench.stop = false;
    EXPECT_TRUE(bench.clean()->finished);
    EXPECT_EQ(bench.everything()->size(), 1U);
}

TEST(LogClean, TheLargestTimestampIsThatOfARecord) {
    CleanBench bench(compacted_log());
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.produce("b", "1"));
    bench.world.advance(5s);
    ASSERT_TRUE(bench.produce("a", "latest"));
    ASSERT_TRUE(bench.world.run(bench.log->roll()));
    // Offset 2 is older by the clock of its producer, and supersedes what has the largest time.
    ASSERT_TRUE(bench.append(make_batch("x", 1, FakeWorld::kEpoch + 10)));
    kafka::RecordBatchBuilder builder({});
    ASSERT_TRUE(builder.add(kafka::text_record("a", "2", WallTime{FakeWorld::kEpoch + 20})));
    const auto batch = std::move(builder).build();
    ASSERT_TRUE(bench.append(BufferSlice::copy_of(batch->bytes().view())));
    ASSERT_TRUE(bench.clean_all());
    const auto found = bench.world.run(bench.log->max_timestamp_record());
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->offset, Offset(3));
    EXPECT_EQ((*found)->timestamp, WallTime{FakeWorld::kEpoch + 20});
}

TEST(LogClean, CopiesOfCleanedLogsKnowThatTheyAreSuch) {
    CleanBench leader(compacted_log());
    ASSERT_TRUE(leader.open());
    fill(leader);
    ASSERT_TRUE(leader.clean_all());
    ASSERT_TRUE(leader.produce("z", "1"));
    CleanBench follower(compacted_log());
    ASSERT_TRUE(follower.open());
    for (Offset at(0); at < leader.log->end_offset();) {
        const auto got = leader.read(at, 300);
        ASSERT_TRUE(got);
        ASSERT_TRUE(follower.world.run(follower.log->append_as_is(
            BufferSlice::copy_of(got->records.joined().view()), OffsetGaps::kAllowed
        )));
        at = got->next_offset;
    }
    EXPECT_EQ(follower.log->rewritten_end(), Offset(34));  // the last two are as they were
    const auto one = leader.world.run(leader.log->digest_of_range(Offset(34), Offset(37)));
    const auto other = follower.world.run(follower.log->digest_of_range(Offset(34), Offset(37)));
    EXPECT_EQ(*one, *other);
    EXPECT_EQ(follower.everything().value(), leader.everything().value());
    // It is found again: by recovery, or in the file.
    ASSERT_TRUE(follower.sync());
    ASSERT_TRUE(follower.open());
    EXPECT_EQ(follower.log->rewritten_end(), Offset(34));  // the last two are as they were
    ASSERT_TRUE(follower.checkpoint());
    ASSERT_TRUE(follower.open(follower.point));
    EXPECT_EQ(follower.log->rewritten_end(), Offset(34));  // the last two are as they were
}

TEST(LogClean, RetentionAndCompactionGoTogether) {
    LogConfig config = compacted_log();
    config.retention_deletes = true;
    config.retention_ms = 10'000;
    CleanBench bench(config);
    ASSERT_TRUE(bench.open());
    fill(bench);
    ASSERT_TRUE(bench.clean_all());
    bench.world.advance(11s);
    ASSERT_TRUE(bench.produce("new", "1"));
    const auto gone = bench.world.run(bench.log->apply_retention(bench.world.wall(), Offset(37)));
    ASSERT_TRUE(gone);
    EXPECT_GT(*gone, 0U);
    EXPECT_EQ(bench.log->log_start_offset(), Offset(36));
    EXPECT_EQ(bench.everything()->size(), 1U);
}

}  // namespace
}  // namespace sealane::broker
