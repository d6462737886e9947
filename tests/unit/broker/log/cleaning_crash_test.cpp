// Compaction and crashes. One script with several cleanings is run again and again; the n-th file
// operation is the last one. Afterwards: what was acknowledged is there or superseded by a record
// that is there too, at its offset; nothing is there that was not produced; a value that a reader
// saw superseded does not come back as the latest; the log goes on, and cleans again.

#include "tests/unit/broker/log/clean_bench.hpp"

namespace sealane::broker {
namespace {

constexpr int kRounds = 40;

// Random keyed records, cleaned now and then, from `rng` alone.
Status play(CleanBench& bench, Rng rng) {
    for (int round = 0; round < kRounds; ++round) {
        std::vector<CleanBench::Entry> entries;
        for (std::uint64_t i = 0; i <= rng.below(3); ++i) {
            CleanBench::Entry& entry = entries.emplace_back();
            entry.key = "k" + std::to_string(rng.below(6));
            if (!rng.chance(1, 5)) entry.value = "v" + std::to_string(round);
        }
        kafka::BatchOptions options;
        if (rng.chance(1, 3)) options.codec = kafka::Codec::kLz4;
        SEALANE_CHECK(bench.produce(entries, options));
        bench.world.advance(300ms);
        if (round % 7 == 5) SEALANE_CHECK(bench.checkpoint());
        if (round % 9 == 7) SEALANE_CHECK(bench.clean());
        if (round == 20) SEALANE_CHECK(bench.world.run(bench.log->delete_records(Offset(2))));
    }
    SEALANE_CHECK(bench.checkpoint());
    SEALANE_CHECK(bench.clean());
    return bench.world.run(bench.log->close());
}

void check_after(CleanBench& bench, Offset durable, const std::string& where) {
    ASSERT_FALSE(bench.log->offline_cause())
        << where << ": " << bench.log->offline_cause()->to_string();
    EXPECT_GE(bench.log->end_offset(), durable) << where;
    // What is above the recovery point was not touched, whatever was cleaned.
    bench.check(where, bench.point);
    EXPECT_EQ(bench.state.next, bench.log->end_offset()) << where;
    const auto scrubbed = bench.world.run(
        bench.log->scrub([](std::uint64_t) -> runtime::Task<bool> { co_return true; })
    );
    EXPECT_TRUE(scrubbed) << where << ": " << scrubbed.error().to_string();
    for (const std::string& path : bench.world.files().paths()) {
        EXPECT_FALSE(path.contains("clean")) << where << ": " << path;
    }
    bench.produced.resize(static_cast<std::size_t>(std::ranges::count_if(
        bench.produced,
        [&](const KeyedRecord& record) { return record.offset < bench.log->end_offset(); }
    )));
    ASSERT_TRUE(bench.produce("after", "1")) << where;
    bench.stop = false;
    const auto cleaned = bench.clean_all();
    ASSERT_TRUE(cleaned) << where << ": " << cleaned.error().to_string();
    bench.check(where + ", cleaned again", bench.log->first_dirty_offset());
}

std::uint64_t steps_of_script() {
    CleanBench bench(compacted_log());
    EXPECT_TRUE(bench.open());
    const Status done = play(bench, Rng(1));
    EXPECT_TRUE(done) << done.error().to_string();
    EXPECT_GT(bench.log->figures().cleanings, 2U);
    return bench.world.files().steps();
}

// The process dies at this operation. What was durable then.
Offset play_until(CleanBench& bench, std::uint64_t step) {
    bench.world.files().die_at(step);
    Offset durable(0);
    if (bench.open()) {
        (void)play(bench, Rng(1));
        durable = bench.log->durable_offset();
    }
    bench.drop();
    return durable;
}

TEST(CleaningCrash, PowerLossAtEveryOperationKeepsTheLatestValues) {
    const std::uint64_t steps = steps_of_script();
    ASSERT_GT(steps, 300U);
    for (std::uint64_t step = 1; step <= steps; ++step) {
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
            CleanBench bench(compacted_log());
            const Offset durable = play_until(bench, step);
            Rng rng(step * 1000 + seed);
            bench.world.files().crash(rng);
            const std::string where =
                "step " + std::to_string(step) + " seed " + std::to_string(seed);
            const auto opened = bench.open(bench.point);
            ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
            check_after(bench, durable, where);
            if (HasFailure()) return;
        }
    }
}

TEST(CleaningCrash, KillAtEveryOperationLosesNothing) {
    const std::uint64_t steps = steps_of_script();
    for (std::uint64_t step = 1; step <= steps; ++step) {
        CleanBench bench(compacted_log());
        bench.world.files().die_at(step);
        if (bench.open()) (void)play(bench, Rng(1));
        bench.drop();
        bench.world.files().kill();
        const std::string where = "step " + std::to_string(step);
        const auto opened = bench.open(bench.point);
        ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
        const Offset acked = bench.produced.empty() ? Offset(0) : bench.produced.back().offset + 1;
        check_after(bench, acked, where);
        if (HasFailure()) return;
    }
}

// A crash, and another one while the log is opened again.
TEST(CleaningCrash, CrashWhileACleaningIsCompletedIsRecoveredFrom) {
    const std::uint64_t steps = steps_of_script();
    for (std::uint64_t step = 200; step <= steps; step += 3) {
        for (std::uint64_t extra = 1; extra < 12; extra += 2) {
            CleanBench bench(compacted_log());
            const Offset durable = play_until(bench, step);
            Rng rng(step * 1000 + extra);
            bench.world.files().crash(rng);
            bench.world.files().die_at(bench.world.files().steps() + extra);
            (void)bench.open(bench.point);
            bench.drop();
            bench.world.files().crash(rng);
            const std::string where =
                "step " + std::to_string(step) + " extra " + std::to_string(extra);
            const auto opened = bench.open(bench.point);
            ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
            check_after(bench, durable, where);
            if (HasFailure()) return;
        }
    }
}

// Every operation in turn fails, once: the log goes on, or is offline until it is opened again.
TEST(CleaningCrash, AFailedOperationIsOutlived) {
    const std::uint64_t steps = steps_of_script();
    for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kNoSpace}) {
        for (std::uint64_t step = 1; step <= steps; ++step) {
            CleanBench bench(compacted_log());
            if (!bench.open()) continue;
            bench.world.files().fail_at(bench.world.files().steps() + step, code);
            (void)play(bench, Rng(1));
            const Offset durable = bench.log->durable_offset();
            bench.drop();
            Rng rng(step);
            bench.world.files().crash(rng);
            const std::string where = "step " + std::to_string(step);
            const auto opened = bench.open(bench.point);
            ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
            check_after(bench, durable, where);
            if (HasFailure()) return;
        }
    }
}

// The property: many random lives, with crashes wherever they come.
TEST(CleaningCrash, RandomLivesKeepToTheModel) {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        Rng rng(seed);
        CleanBench bench(compacted_log(static_cast<std::uint32_t>(rng.between(400, 1500))));
        ASSERT_TRUE(bench.open());
        for (int life = 0; life < 4; ++life) {
            const std::string where =
                "seed " + std::to_string(seed) + " life " + std::to_string(life);
            bench.world.files().die_at(bench.world.files().steps() + 1 + rng.below(400));
            (void)play(bench, rng.fork());
            const Offset durable = bench.log->durable_offset();
            bench.drop();
            if (rng.chance(1, 2)) {
                bench.world.files().crash(rng);
            } else {
                bench.world.files().kill();
            }
            const auto opened = bench.open(bench.point);
            ASSERT_TRUE(opened) << where << ": " << opened.error().to_string();
            check_after(bench, durable, where);
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace sealane::broker
