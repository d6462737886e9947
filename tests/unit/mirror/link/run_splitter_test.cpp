#include "mirror/link/run_splitter.hpp"

#include "tests/unit/mirror/link/source_batches.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror {
namespace {

using testing::announcement;
using testing::bytes_of;
using testing::data_batch;

RunSplitter::Rules aggregate(bool compacts = false) {
    return {LinkKind::kAggregate, "target", compacts};
}
RunSplitter::Rules replica() {
    return {LinkKind::kReplica, "target", false};
}

TEST(RunSplitter, ConsecutiveBatchesAreOneRun) {
    RunSplitter splitter(aggregate(), Offset(10), Offset(10));
    const auto out = splitter.split(bytes_of({data_batch(10, 3), data_batch(13, 2)}));
    ASSERT_FALSE(out.stop);
    ASSERT_EQ(out.runs.size(), 1U);
    EXPECT_EQ(out.runs[0].expected, Offset(10));
    EXPECT_EQ(out.runs[0].base, Offset(10));
    EXPECT_EQ(out.runs[0].end, Offset(15));
    EXPECT_EQ(out.runs[0].record_count, 5);
    EXPECT_EQ(splitter.read_position(), Offset(15));
}

TEST(RunSplitter, RunsChainAcrossCalls) {
    RunSplitter splitter(aggregate(), Offset(0), Offset(0));
    (void)splitter.split(bytes_of({data_batch(0, 3)}));
    const auto out = splitter.split(bytes_of({data_batch(3, 3)}));
    ASSERT_EQ(out.runs.size(), 1U);
    EXPECT_EQ(out.runs[0].expected, Offset(3));
}

TEST(RunSplitter, BatchesBelowThePositionAreNotCarriedAgain) {
    RunSplitter splitter(aggregate(), Offset(3), Offset(3));
    const auto out = splitter.split(bytes_of({data_batch(0, 3), data_batch(3, 1)}));
    ASSERT_EQ(out.runs.size(), 1U);
    EXPECT_EQ(out.runs[0].base, Offset(3));
    EXPECT_EQ(out.runs[0].records.size(), data_batch(3, 1).size());
}

TEST(RunSplitter, StopsAtAHoleWithoutAReason) {
    RunSplitter splitter(aggregate(), Offset(0), Offset(0));
    const auto out = splitter.split(bytes_of({data_batch(0, 2), data_batch(5, 1)}));
    EXPECT_EQ(out.runs.size(), 1U);
    ASSERT_TRUE(out.stop);
    EXPECT_EQ(out.stop->cause, Cause::kHole);
    EXPECT_EQ(out.stop->from, Offset(2));
    EXPECT_EQ(out.stop->resume, Offset(5));
}

TEST(RunSplitter, HolesOfCompactionAreNoted) {
    RunSplitter splitter(aggregate(true), Offset(0), Offset(0));
    const auto out = splitter.split(bytes_of({data_batch(0, 2), data_batch(5, 1)}));
    ASSERT_FALSE(out.stop);
    ASSERT_EQ(out.runs.size(), 2U);
    EXPECT_EQ(out.runs[1].expected, Offset(2));
    EXPECT_EQ(out.runs[1].base, Offset(5));
    EXPECT_EQ(out.runs[1].hole_reason, kafka::kHoleCompacted);
}

TEST(RunSplitter, GoesOnBehindAGapOfTheLedger) {
    RunSplitter splitter(aggregate(), Offset(4), Offset(9));
    const auto out = splitter.split(bytes_of({data_batch(9, 2)}));
    ASSERT_EQ(out.runs.size(), 1U);
    EXPECT_EQ(out.runs[0].expected, Offset(4));
    EXPECT_EQ(out.runs[0].hole_reason, kafka::kHoleInLedger);
}

TEST(RunSplitter, ABatchThatBeginsBeforeTheLogStartIsCarriedWhole) {
    RunSplitter splitter(aggregate(), std::nullopt, Offset(12));
    const auto out = splitter.split(bytes_of({data_batch(10, 5)}));
    ASSERT_FALSE(out.stop);
    ASSERT_EQ(out.runs.size(), 1U);
    EXPECT_EQ(out.runs[0].expected, kNoOffset);
    EXPECT_EQ(out.runs[0].base, Offset(10));
}

TEST(RunSplitter, ABatchThatOverlapsWhatTheTargetHasIsADivergence) {
    RunSplitter splitter(aggregate(), Offset(12), Offset(12));
    const auto out = splitter.split(bytes_of({data_batch(10, 5)}));
    ASSERT_TRUE(out.stop);
    EXPECT_EQ(out.stop->cause, Cause::kDiverged);
}

TEST(RunSplitter, PassesOverWhatCameFromTheTarget) {
    const auto own = data_batch(0, 2);
    const auto looped = testing::moved_to(own, 4);
    RunSplitter splitter(aggregate(), Offset(0), Offset(0));
    const auto out = splitter.split(
        bytes_of({data_batch(0, 3), announcement(3, "target", {looped}), looped, data_batch(6, 1)})
    );
    ASSERT_FALSE(out.stop);
    ASSERT_EQ(out.runs.size(), 2U);
    EXPECT_EQ(out.runs[1].expected, Offset(3));
    EXPECT_EQ(out.runs[1].base, Offset(6));
    EXPECT_EQ(out.runs[1].hole_reason, kafka::kHoleControlBatches);
}

TEST(RunSplitter, KeepsTheChainOfOrigins) {
    const auto data = testing::moved_to(data_batch(0, 2), 1);
    RunSplitter splitter(aggregate(), Offset(0), Offset(0));
    const auto out =
        splitter.split(bytes_of({announcement(0, "seoul", {data}), data, data_batch(3, 1)}));
    ASSERT_EQ(out.runs.size(), 2U);
    EXPECT_EQ(out.runs[0].origin_chain, std::vector<std::string>{"seoul"});
    EXPECT_TRUE(out.runs[1].origin_chain.empty());
}

TEST(RunSplitter, AggregatesDoNotCarryTransactions) {
    RunSplitter splitter(aggregate(), Offset(0), Offset(0));
    const auto out = splitter.split(bytes_of({data_batch(0, 1), data_batch(1, 2, true)}));
    EXPECT_EQ(out.runs.size(), 1U);
    ASSERT_TRUE(out.stop);
    EXPECT_EQ(out.stop->cause, Cause::kTransactional);
}

TEST(RunSplitter, ReplicasCarryEverythingAsItIs) {
    const auto data = testing::moved_to(data_batch(0, 2), 1);
    const std::vector<kafka::RecordBatch> batches{
        announcement(0, "target", {data}), data, data_batch(3, 2, true)
    };
    RunSplitter splitter(replica(), Offset(0), Offset(0));
    const auto out = splitter.split(bytes_of(batches));
    ASSERT_FALSE(out.stop);
    ASSERT_EQ(out.runs.size(), 1U);
    EXPECT_EQ(out.runs[0].records, bytes_of(batches));
}

TEST(RunSplitter, ACutOrDamagedBatchStops) {
    const BufferSlice whole = bytes_of({data_batch(0, 2), data_batch(2, 2)});
    for (std::size_t size = 1; size < whole.size(); ++size) {
        RunSplitter splitter(aggregate(), Offset(0), Offset(0));
        const auto out = splitter.split(whole.slice(0, size));
        if (size == data_batch(0, 2).size()) continue;
        ASSERT_TRUE(out.stop) << size;
        EXPECT_EQ(out.stop->cause, Cause::kCorrupt);
    }
}

}  // namespace
}  // namespace sealane::mirror
