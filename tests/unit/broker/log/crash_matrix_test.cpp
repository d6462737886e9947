// One script, run again and again: the n-th file operation is the last one (power loss or killed
// process) or fails. Afterwards the log is opened and held to its promises:
//   what was acknowledged as durable is there; what is there was appended; offsets are dense;
//   the log takes appends again.

#include "tests/unit/broker/log/log_bench.hpp"

namespace sealane::broker {
namespace {

struct Script {
    std::vector<std::string> appended;  // by offset, as far as the script knows
    std::size_t durable = 0;            // so many of them were acknowledged as durable
    std::size_t log_start = 0;
    Offset checkpoint{0};     // the recovery point last "written"
    bool truncating = false;  // a truncation was begun and not answered
    std::size_t truncate_to = 0;
};

LogConfig tiny_segments() {
    LogConfig config;
    config.segment_bytes = 700;
    config.index_interval_bytes = 150;
    config.file_delete_delay_ms = 0;
    return config;
}

// Appends, syncs, rolls, checkpoints, deletes and truncates until something fails.
runtime::Task<Status> play(LogBench& bench, Script& script) {
    PartitionLog& log = *bench.log;
    for (int round = 0; round < 24; ++round) {
        const std::string value =
            "r" + std::to_string(script.appended.size()) + "-" + std::to_string(round);
        // Even a failed append may have left its bytes: it is allowed, never required.
        script.appended.push_back(value + "#0");
        const auto done =
            co_await log.append(make_batch(value), LeaderEpoch(round / 8), AppendOrigin::kClient);
        if (!done) {
            if (!bench.world.files().dead()) script.appended.pop_back();
            co_return fail(done.error());
        }
        if (round % 3 == 1) {
            SEALANE_CO_CHECK(co_await log.wait_synced(log.end_offset(), Instant::never()));
            script.durable = script.appended.size();
        }
        if (round % 5 == 4) {
            SEALANE_CO_TRY(const Offset point, co_await log.prepare_checkpoint());
            script.checkpoint = point;
            SEALANE_CO_CHECK(co_await log.note_checkpointed());
        }
        if (round == 12) {
            script.log_start = 3;
            SEALANE_CO_CHECK(co_await log.delete_records(Offset(3)));
            SEALANE_CO_CHECK(co_await log.remove_deleted_files(Instant::never()));
        }
        if (round == 16) {
            script.truncating = true;
            script.truncate_to = script.appended.size() - 4;
            script.durable = std::min(script.durable, script.truncate_to);
            SEALANE_CO_CHECK(
                co_await log.truncate_to(Offset(static_cast<std::int64_t>(script.truncate_to)))
            );
            script.appended.resize(script.truncate_to);
            script.truncating = false;
        }
    }
    co_return co_await log.close();
}

void check(LogBench& bench, const Script& script, const std::string& where) {
    ASSERT_FALSE(bench.log->offline_cause())
        << where << ": " << bench.log->offline_cause()->to_string();
    const auto end = static_cast<std::size_t>(bench.log->end_offset().value);
    EXPECT_GE(end, script.durable) << where;
    EXPECT_LE(end, script.appended.size()) << where;
    EXPECT_EQ(bench.log->durable_offset(), bench.log->end_offset()) << where;
    const auto start = static_cast<std::size_t>(bench.log->log_start_offset().value);
    EXPECT_LE(start, std::max(script.log_start, std::size_t{0})) << where;
    const auto records = bench.all();
    ASSERT_TRUE(records) << where << ": " << records.error().to_string();
    ASSERT_EQ(records->size(), end - start) << where;
    for (std::size_t i = 0; i < records->size(); ++i) {
        EXPECT_EQ((*records)[i].offset.value, static_cast<std::int64_t>(start + i)) << where;
        EXPECT_EQ((*records)[i].value, script.appended[start + i]) << where;
    }
    EXPECT_EQ(bench.state.next, bench.log->end_offset()) << where;
    for (const EpochStart& entry : bench.log->epochs().entries()) {
        EXPECT_LT(entry.start, bench.log->end_offset()) << where;
    }
    const auto digest = bench.world.run(
        bench.log->digest_of_range(bench.log->log_start_offset(), bench.log->end_offset())
    );
    ASSERT_TRUE(digest) << where << ": " << digest.error().to_string();
    const auto again = bench.append(make_batch("after"));
    ASSERT_TRUE(again) << where << ": " << again.error().to_string();
    EXPECT_EQ(again->base_offset.value, static_cast<std::int64_t>(end)) << where;
    EXPECT_TRUE(bench.sync()) << where;
}

std::uint64_t steps_of_script() {
    LogBench bench(tiny_segments());
    EXPECT_TRUE(bench.open());
    Script script;
    const auto done = bench.world.run(play(bench, script));
    EXPECT_TRUE(done) << done.error().to_string();
    return bench.world.files().steps();
}

TEST(CrashMatrix, PowerLossAtEveryOperationKeepsWhatWasSynced) {
    const std::uint64_t steps = steps_of_script();
    ASSERT_GT(steps, 100U);
    for (std::uint64_t step = 1; step <= steps; ++step) {
        for (std::uint64_t seed = 0; seed < 6; ++seed) {
            LogBench bench(tiny_segments());
            bench.world.files().die_at(step);
            Script script;
            if (bench.open()) (void)bench.world.run(play(bench, script));
            bench.drop();
            Rng rng(step * 1000 + seed);
            bench.world.files().crash(rng);
            const std::string where =
                "step " + std::to_string(step) + " seed " + std::to_string(seed);
            const auto opened = bench.open(script.checkpoint);
            ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
            check(bench, script, where);
            if (HasFatalFailure()) return;
        }
    }
}

TEST(CrashMatrix, KillAtEveryOperationLosesNothingAppended) {
    const std::uint64_t steps = steps_of_script();
    for (std::uint64_t step = 1; step <= steps; ++step) {
        LogBench bench(tiny_segments());
        bench.world.files().die_at(step);
        Script script;
        if (bench.open()) (void)bench.world.run(play(bench, script));
        bench.drop();
        bench.world.files().kill();
        const auto opened = bench.open(script.checkpoint);
        const std::string where = "step " + std::to_string(step);
        ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
        // The last append may be torn; those that were answered are there.
        if (!script.truncating && !script.appended.empty()) {
            script.durable = std::max(script.durable, script.appended.size() - 1);
        }
        check(bench, script, where);
        if (HasFatalFailure()) return;
    }
}

TEST(CrashMatrix, CrashDuringRecoveryIsRecoveredFrom) {
    LogBench base(tiny_segments());
    ASSERT_TRUE(base.open());
    const std::uint64_t before = base.world.files().steps();
    for (int i = 0; i < 12; ++i) ASSERT_TRUE(base.append(make_batch("v" + std::to_string(i))));
    ASSERT_TRUE(base.sync());
    const std::uint64_t written = base.world.files().steps() - before;
    for (std::uint64_t extra = 1; extra < 60; ++extra) {
        LogBench bench(tiny_segments());
        ASSERT_TRUE(bench.open());
        Script script;
        for (int i = 0; i < 12; ++i) {
            ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
            script.appended.push_back("v" + std::to_string(i) + "#0");
        }
        ASSERT_TRUE(bench.sync());
        script.durable = 12;
        bench.world.files().die_at(bench.world.files().steps() + extra);
        (void)bench.append(make_batch("torn"));
        script.appended.emplace_back("torn#0");
        bench.drop();
        Rng rng(extra);
        bench.world.files().crash(rng);
        bench.world.files().die_at(bench.world.files().steps() + extra);
        (void)bench.open();  // dies somewhere
        bench.drop();
        bench.world.files().crash(rng);
        const std::string where = "extra " + std::to_string(extra);
        ASSERT_TRUE(bench.open()) << where;
        check(bench, script, where);
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(written, 0U);
}

// A disk that is full for three operations, at every operation in turn: the script goes on.
TEST(CrashMatrix, FullDiskAtEveryOperationIsReportedAndOutlived) {
    const std::uint64_t steps = steps_of_script();
    for (std::uint64_t step = 1; step <= steps; ++step) {
        LogBench bench(tiny_segments());
        bench.world.files().fail_matching("write", "", ErrorCode::kNoSpace);
        bench.world.files().heal();
        ASSERT_TRUE(bench.open());
        const std::string where = "step " + std::to_string(step);
        const std::uint64_t opened_at = bench.world.files().steps();
        bench.world.files().fail_at(opened_at + step, ErrorCode::kNoSpace, 1);
        std::vector<std::string> acked;
        for (int i = 0; i < 40; ++i) {
            const std::string value = "v" + std::to_string(i);
            const auto done = bench.append(make_batch(value));
            if (done) {
                acked.push_back(value + "#0");
            } else {
                EXPECT_TRUE(
                    done.error().code() == ErrorCode::kNoSpace ||
                    done.error().code() == ErrorCode::kKafkaStorageError
                ) << where
                  << done.error().to_string();
            }
        }
        const bool offline = bench.log->offline_cause().has_value();
        if (!offline) {
            const auto records = bench.all();
            ASSERT_TRUE(records) << where << records.error().to_string();
            ASSERT_EQ(records->size(), acked.size()) << where;
            ASSERT_TRUE(bench.sync()) << where;
        }
        const Offset durable = bench.log->durable_offset();
        bench.drop();
        Rng rng(step);
        bench.world.files().crash(rng);
        ASSERT_TRUE(bench.open()) << where;
        const auto records = bench.all();
        ASSERT_TRUE(records) << where;
        ASSERT_GE(static_cast<std::int64_t>(records->size()), durable.value) << where;
        for (std::size_t i = 0; i < records->size() && i < acked.size(); ++i) {
            ASSERT_EQ((*records)[i].value, acked[i]) << where;
        }
    }
}

TEST(CrashMatrix, FullDiskOnAppendCutsTheTornPartAndResumesWithSpace) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch("a")));
    const std::uint64_t size = bench.log->size_bytes();
    bench.world.files().fail_matching("write", ".log", ErrorCode::kNoSpace);
    for (int i = 0; i < 5; ++i) {
        const auto done = bench.append(make_batch("b"));
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().code(), ErrorCode::kNoSpace);
        EXPECT_EQ(bench.world.files().content(bench.path("00000000000000000000.log")).size(), size);
    }
    EXPECT_EQ(bench.state.records, 1);
    bench.world.files().heal();
    EXPECT_EQ(bench.append(make_batch("c"))->base_offset, Offset(1));
    EXPECT_EQ(bench.all()->size(), 2U);
    EXPECT_EQ(bench.log->figures().refused_no_space, 5U);
}

TEST(CrashMatrix, FailedSyncTakesTheLogOfflineForGood) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch("a")));
    ASSERT_TRUE(bench.sync());
    bench.world.files().fail_matching("sync", ".log", ErrorCode::kIo);
    ASSERT_TRUE(bench.append(make_batch("b")));
    const auto synced = bench.world.run(bench.log->wait_synced(Offset(2), Instant::never()));
    ASSERT_FALSE(synced);
    EXPECT_EQ(synced.error().code(), ErrorCode::kKafkaStorageError);
    bench.world.files().heal();  // a second sync would "succeed": nobody asks for it
    EXPECT_FALSE(bench.sync());
    EXPECT_EQ(bench.append(make_batch("c")).error().code(), ErrorCode::kKafkaStorageError);
    EXPECT_EQ(bench.log->durable_offset(), Offset(1));
    const auto got = bench.read(Offset(0));  // durable records only
    ASSERT_TRUE(got);
    EXPECT_EQ(got->next_offset, Offset(1));
    EXPECT_EQ(bench.world.log_sink().errors.size(), 1U);
}

// The process starts again, reads what the page cache holds, and the machine stops.
TEST(CrashMatrix, WhatAFailedSyncLeftIsWrittenAgainBeforeItCountsAsDurable) {
    Rng rng(7);
    LogBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch("a")));
    ASSERT_TRUE(bench.sync());
    bench.world.files().fail_matching("sync", ".log", ErrorCode::kIo);
    ASSERT_TRUE(bench.append(make_batch("b")));
    ASSERT_FALSE(bench.world.run(bench.log->wait_synced(Offset(2), Instant::never())));
    bench.drop();
    bench.world.files().kill();
    ASSERT_TRUE(bench.open(Offset(1)));
    ASSERT_EQ(bench.log->end_offset(), Offset(2));
    ASSERT_EQ(bench.log->durable_offset(), Offset(2));
    bench.drop();
    bench.world.files().crash(rng);
    ASSERT_TRUE(bench.open(Offset(1)));
    EXPECT_EQ(bench.log->end_offset(), Offset(2));
    EXPECT_FALSE(bench.world.files().has("/data/t-0/unsynced"));
}

TEST(CrashMatrix, WriteErrorTakesTheLogOffline) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    bench.world.files().fail_matching("write", ".log", ErrorCode::kIo);
    const auto done = bench.append(make_batch("a"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code(), ErrorCode::kKafkaStorageError);
    EXPECT_TRUE(bench.log->offline_cause());
}

}  // namespace
}  // namespace sealane::broker
