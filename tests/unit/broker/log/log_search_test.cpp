// Times, digests, batches that keep their offsets, derived states.

#include "broker/log/digest_chain.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "tests/unit/broker/log/log_bench.hpp"

namespace sealane::broker {
namespace {

LogConfig small_segments() {
    LogConfig config;
    config.segment_bytes = 1500;
    config.index_interval_bytes = 200;
    return config;
}

TEST(LogSearch, FindsTheFirstRecordAtOrAfterATimeLikeALinearScan) {
    Rng rng(11);
    for (int round = 0; round < 10; ++round) {
        LogBench bench(small_segments());
        ASSERT_TRUE(bench.open());
        std::vector<std::int64_t> times;
        for (int i = 0; i < 80; ++i) {
            kafka::RecordBatchBuilder builder({});
            for (int k = 0; k < 3; ++k) {
                times.push_back(rng.between(0, 300) + i * 5);
                ASSERT_TRUE(builder.add(kafka::text_record("k", "v", WallTime{times.back()})));
            }
            const auto batch = std::move(builder).build();
            ASSERT_TRUE(bench.append(BufferSlice::copy_of(batch->bytes().view())));
        }
        if (round % 2 == 1) ASSERT_TRUE(bench.open());
        for (std::int64_t at = 0; at < 750; at += 13) {
            const Offset up_to(rng.between(0, 240));
            const auto found =
                bench.world.run(bench.log->offset_for_timestamp(WallTime{at}, up_to));
            ASSERT_TRUE(found) << found.error().to_string();
            const auto expected =
                std::ranges::find_if(times, [at](std::int64_t t) { return t >= at; });
            const auto index = expected - times.begin();
            if (expected == times.end() || index >= up_to.value) {
                EXPECT_FALSE(*found) << at;
            } else {
                ASSERT_TRUE(*found) << at;
                EXPECT_EQ((*found)->offset, Offset(index)) << at;
                EXPECT_EQ((*found)->timestamp.ms, *expected);
            }
        }
        const auto latest = bench.world.run(bench.log->max_timestamp_record());
        ASSERT_TRUE(latest && *latest);
        EXPECT_EQ((*latest)->offset, Offset(std::ranges::max_element(times) - times.begin()));
    }
}

TEST(LogSearch, AnEmptyLogHasNoTimes) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    EXPECT_FALSE(*bench.world.run(bench.log->max_timestamp_record()));
    EXPECT_FALSE(*bench.world.run(bench.log->offset_for_timestamp(WallTime{0}, Offset(0))));
}

// All batches of a log as one slice.
BufferSlice everything(LogBench& bench) {
    BufferChain chain;
    Offset at = bench.log->log_start_offset();
    while (at < bench.log->end_offset()) {
        const auto got = bench.read(at);
        SEALANE_ASSERT(got && !got->records.empty());
        chain.append(got->records);
        at = got->next_offset;
    }
    return BufferSlice::copy_of(chain.joined().view());
}

TEST(LogMirrored, AppendAsIsKeepsOffsetsAndEpochsAndDigestsAgree) {
    LogBench source(small_segments());
    ASSERT_TRUE(source.open());
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(source.append(make_batch("v" + std::to_string(i), 3), LeaderEpoch(i / 7)));
    }
    LogConfig other = small_segments();
    other.segment_bytes = 100'000;  // segments need not be the same
    LogBench target(other);
    ASSERT_TRUE(target.open());
    const auto done =
        target.world.run(target.log->append_as_is(everything(source), OffsetGaps::kRefused));
    ASSERT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(done->kind, AppendOutcome::Kind::kAppended);
    EXPECT_EQ(done->expected, Offset(150));
    EXPECT_EQ(target.log->epochs().entries(), source.log->epochs().entries());
    EXPECT_EQ(*target.all(), *source.all());
    for (const auto& [from, to] : {std::pair(0, 150), std::pair(30, 90), std::pair(7, 149)}) {
        const auto a = source.world.run(source.log->digest_of_range(Offset(from), Offset(to)));
        const auto b = target.world.run(target.log->digest_of_range(Offset(from), Offset(to)));
        ASSERT_TRUE(a && b);
        EXPECT_EQ(*a, *b);
        EXPECT_EQ(a->batches, static_cast<std::uint64_t>(to / 3 - (from + 2) / 3));
    }
    const auto whole = source.world.run(source.log->digest_of_range(Offset(0), Offset(150)));
    const auto part = source.world.run(source.log->digest_of_range(Offset(0), Offset(147)));
    EXPECT_NE(whole->hash, part->hash);
}

TEST(LogMirrored, AppendAsIsElsewhereIsAnsweredWithTheExpectedPosition) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    ASSERT_TRUE(bench.append(make_batch("a", 5)));
    const auto at = [](std::int64_t base) {
        const auto batch = make_batch("b", 2);
        MutableBuffer copy = kafka::mutable_copy(batch.view());
        kafka::assign_offsets(copy.view(), Offset(base), LeaderEpoch(3));
        return std::move(copy).freeze();
    };
    for (const std::int64_t base : {0, 4, 6, 100}) {
        const auto done = bench.world.run(bench.log->append_as_is(at(base), OffsetGaps::kRefused));
        ASSERT_TRUE(done);
        EXPECT_EQ(done->kind, AppendOutcome::Kind::kUnexpectedPosition);
        EXPECT_EQ(done->expected, Offset(5));
    }
    const auto back = bench.world.run(bench.log->append_as_is(at(3), OffsetGaps::kAllowed));
    EXPECT_EQ(back->kind, AppendOutcome::Kind::kUnexpectedPosition);
    const auto jumped = bench.world.run(bench.log->append_as_is(at(20), OffsetGaps::kAllowed));
    ASSERT_TRUE(jumped);
    EXPECT_EQ(jumped->kind, AppendOutcome::Kind::kAppended);
    EXPECT_EQ(bench.log->end_offset(), Offset(22));
    // A read in the hole gets what comes next, from memory and from the file.
    EXPECT_EQ(bench.read(Offset(10))->next_offset, Offset(22));
    ASSERT_TRUE(bench.open());
    EXPECT_EQ(bench.log->end_offset(), Offset(22));
    EXPECT_EQ(bench.read(Offset(10))->next_offset, Offset(22));
}

TEST(LogMirrored, AppendAsIsRefusesDamagedBatches) {
    LogBench bench;
    ASSERT_TRUE(bench.open());
    const auto good = make_batch("a", 2);
    for (std::size_t at = 0; at < good.size(); at += 3) {
        MutableBuffer copy = kafka::mutable_copy(good.view());
        copy.data()[at] ^= std::byte{0x40};
        const auto done =
            bench.world.run(bench.log->append_as_is(std::move(copy).freeze(), OffsetGaps::kRefused)
            );
        // Base offset and leader epoch are not under the checksum.
        if (at >= 12 && at < 16) continue;
        EXPECT_TRUE(!done || done->kind == AppendOutcome::Kind::kUnexpectedPosition) << at;
    }
    EXPECT_LE(bench.log->end_offset(), Offset(2));
}

TEST(LogStates, SnapshotsAreTakenAtRollsAndReplayBeginsThere) {
    LogBench bench(small_segments());
    ASSERT_TRUE(bench.open());
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(bench.append(make_batch("v" + std::to_string(i))));
    ASSERT_TRUE(bench.sync());
    bench.world.settle();
    bench.state.loads = 0;
    ASSERT_TRUE(bench.open(Offset(60)));
    EXPECT_EQ(bench.state.loads, 1);
    EXPECT_EQ(bench.state.records, 60);
    // A damaged snapshot costs time, not truth.
    bench.drop();
    for (const std::string& path : bench.world.files().paths()) {
        if (path.ends_with(".snapshot")) bench.world.files().content(path) = "x";
    }
    ASSERT_TRUE(bench.open(Offset(60)));
    EXPECT_EQ(bench.state.records, 60);
    EXPECT_GT(bench.state.loads, 1);
}

class Picky : public CountingState {
 public:
    [[nodiscard]] Result<std::optional<DuplicateAppend>> admit(
        std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
    ) override {
        EXPECT_EQ(origin, AppendOrigin::kClient);
        if (refuse) return fail(ErrorCode::kOutOfOrderSequenceNumber, "no");
        if (batches[0].crc() == seen_crc) return DuplicateAppend{Offset(0), Offset(1), WallTime{5}};
        seen_crc = batches[0].crc();
        return std::nullopt;
    }
    bool refuse = false;
    std::uint32_t seen_crc = 0;
};

TEST(LogStates, DecideAboutDuplicatesAndRefusalsBeforeOffsetsAreGiven) {
    FakeWorld world;
    FileCache files(world.files(), 4);
    TailCache tail(1000, 1000);
    Picky state;
    LogOpening opening;
    opening.directory = "/data/t-0";
    opening.topic_partition = {"t", PartitionId(0)};
    opening.topic_id.bytes[15] = 9;
    opening.states = {&state};
    auto log = world.run(PartitionLog::open({world, files, tail}, opening));
    ASSERT_TRUE(log);
    const auto append = [&] {
        return world.run((*log)->append(make_batch("x", 2), LeaderEpoch(0), AppendOrigin::kClient));
    };
    EXPECT_EQ(append()->kind, AppendOutcome::Kind::kAppended);
    const auto twice = append();
    EXPECT_EQ(twice->kind, AppendOutcome::Kind::kDuplicate);
    EXPECT_EQ(twice->last_offset, Offset(1));
    EXPECT_EQ((*log)->end_offset(), Offset(2));
    state.refuse = true;
    EXPECT_EQ(append().error().code(), ErrorCode::kOutOfOrderSequenceNumber);
    EXPECT_EQ((*log)->end_offset(), Offset(2));
    world.drop_all();
}

}  // namespace
}  // namespace sealane::broker
