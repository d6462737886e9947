#include "common/client/batch_accumulator.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

namespace sealane::client {
namespace {

using kafka::text_record;

const TopicPartition kA{"a", PartitionId(0)};
const TopicPartition kB{"b", PartitionId(0)};
constexpr Instant kStart{1'000'000'000};

AccumulatorOptions small() {
    AccumulatorOptions options;
    options.batch_bytes = 400;
    options.buffer_bytes = 4000;
    options.linger = 10ms;
    options.delivery_timeout = 1s;
    return options;
}

BatchAccumulator with_producer(AccumulatorOptions options) {
    BatchAccumulator accumulator(options);
    accumulator.set_producer(ProducerId(77), ProducerEpoch(0));
    return accumulator;
}

BatchAccumulator::Appended add(
    BatchAccumulator& accumulator,
    const TopicPartition& to,
    std::size_t size = 10,
    Instant now = kStart
) {
    auto appended = accumulator.append(to, text_record("k", std::string(size, 'v')), now);
    EXPECT_TRUE(appended);
    return *appended;
}

TEST(BatchAccumulator, BatchIsReadyAfterItsLinger) {
    BatchAccumulator accumulator = with_producer(small());
    (void)add(accumulator, kA);
    EXPECT_TRUE(accumulator.ready(kStart).empty());
    EXPECT_EQ(accumulator.next_deadline(kStart), kStart + 10ms);
    EXPECT_EQ(accumulator.ready(kStart + 10ms), std::vector{kA});
}

TEST(BatchAccumulator, FullBatchIsReadyAtOnce) {
    BatchAccumulator accumulator = with_producer(small());
    (void)add(accumulator, kA, 350);
    EXPECT_EQ(accumulator.ready(kStart), std::vector{kA});
}

TEST(BatchAccumulator, FlushMakesEverythingReadyUntilEmpty) {
    BatchAccumulator accumulator = with_producer(small());
    (void)add(accumulator, kA);
    (void)add(accumulator, kB);
    accumulator.flush();
    EXPECT_EQ(accumulator.ready(kStart).size(), 2U);
    for (const TopicPartition& partition : {kA, kB})
        accumulator.delivered(*accumulator.take(partition), Offset(0), {});
    EXPECT_TRUE(accumulator.empty());
    (void)add(accumulator, kA);
    EXPECT_TRUE(accumulator.ready(kStart).empty());
}

TEST(BatchAccumulator, OneBatchOfAPartitionIsInFlight) {
    BatchAccumulator accumulator = with_producer(small());
    for (int i = 0; i < 3; ++i) (void)add(accumulator, kA, 350);
    const auto first = accumulator.take(kA);
    ASSERT_TRUE(first);
    EXPECT_TRUE(accumulator.ready(kStart + 1s).empty());
    EXPECT_FALSE(accumulator.take(kA));
    accumulator.delivered(*first, Offset(0), {});
    EXPECT_EQ(accumulator.ready(kStart), std::vector{kA});
}

TEST(BatchAccumulator, SequencesJoinWithoutGap) {
    BatchAccumulator accumulator = with_producer(small());
    std::int32_t expected = 0;
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i <= round; ++i) (void)add(accumulator, kA);
        accumulator.flush();
        const auto batch = accumulator.take(kA);
        EXPECT_EQ(batch->batch->producer_id(), ProducerId(77));
        EXPECT_EQ(batch->batch->base_sequence(), expected);
        expected += round + 1;
        accumulator.delivered(*batch, Offset(0), {});
    }
}

TEST(BatchAccumulator, RetryKeepsBytesAndGoesBeforeTheRest) {
    BatchAccumulator accumulator = with_producer(small());
    (void)add(accumulator, kA, 350);
    (void)add(accumulator, kA, 350);
    const auto first = accumulator.take(kA);
    accumulator.retry(*first, kStart + 50ms);
    EXPECT_TRUE(accumulator.ready(kStart + 49ms).empty());
    EXPECT_EQ(accumulator.next_deadline(kStart), kStart + 50ms);
    const auto again = accumulator.take(kA);
    EXPECT_EQ(again->batch.bytes(), first->batch.bytes());
    EXPECT_EQ(again->attempts, 2);
}

TEST(BatchAccumulator, FailureRestartsTheSequenceUnderANewEpoch) {
    BatchAccumulator accumulator = with_producer(small());
    (void)add(accumulator, kA, 350);
    (void)add(accumulator, kA, 350);
    (void)add(accumulator, kB, 350);
    const auto doomed = accumulator.take(kA);
    accumulator.failed(*doomed, Error(ErrorCode::kMessageTooLarge));
    const auto next = accumulator.take(kA);
    EXPECT_EQ(next->batch->producer_epoch(), ProducerEpoch(1));
    EXPECT_EQ(next->batch->base_sequence(), 0);
    // The other partition is not concerned.
    EXPECT_EQ(accumulator.take(kB)->batch->producer_epoch(), ProducerEpoch(0));
}

TEST(BatchAccumulator, UsedUpEpochsAskForANewProducerId) {
    BatchAccumulator accumulator(small());
    accumulator.set_producer(ProducerId(1), ProducerEpoch(INT16_MAX));
    (void)add(accumulator, kA, 350);
    accumulator.failed(*accumulator.take(kA), Error(ErrorCode::kUnknownServerError));
    EXPECT_TRUE(accumulator.needs_producer_id());
    accumulator.set_producer(ProducerId(2), ProducerEpoch(0));
    (void)add(accumulator, kA, 350);
    const auto batch = accumulator.take(kA);
    EXPECT_EQ(batch->batch->producer_id(), ProducerId(2));
    EXPECT_EQ(batch->batch->base_sequence(), 0);
}

TEST(BatchAccumulator, OutcomeTellsOffsetsOrErrors) {
    BatchAccumulator accumulator = with_producer(small());
    const auto first = add(accumulator, kA);
    const auto second = add(accumulator, kA);
    EXPECT_EQ(first.outcome, second.outcome);
    EXPECT_EQ(second.index, 1);
    bool called = false;
    first.outcome->when_done([&called] { called = true; });
    accumulator.flush();
    accumulator.delivered(*accumulator.take(kA), Offset(40), WallTime{9});
    EXPECT_TRUE(called);
    EXPECT_EQ(first.outcome->result()->base_offset, Offset(40));
    const auto third = add(accumulator, kA);
    accumulator.fail_all(Error::stopped());
    EXPECT_TRUE(third.outcome->result().error().is_stopped());
}

TEST(BatchAccumulator, FullBufferRefusesUntilSomethingIsSettled) {
    BatchAccumulator accumulator = with_producer(small());
    while (true) {
        auto appended = accumulator.append(kA, text_record("k", std::string(350, 'v')), kStart);
        if (appended) continue;
        EXPECT_EQ(appended.error().code(), ErrorCode::kBusy);
        break;
    }
    EXPECT_LE(accumulator.buffered_bytes(), small().buffer_bytes);
    accumulator.delivered(*accumulator.take(kA), Offset(0), {});
    EXPECT_TRUE(accumulator.append(kA, text_record("k", std::string(350, 'v')), kStart));
}

TEST(BatchAccumulator, RecordLargerThanTheBufferIsRefusedForGood) {
    BatchAccumulator accumulator = with_producer(small());
    const auto refused = accumulator.append(kA, text_record("k", std::string(5000, 'v')), kStart);
    EXPECT_EQ(refused.error().code(), ErrorCode::kMessageTooLarge);
}

TEST(BatchAccumulator, LateBatchesFailUnlessTheyAreInFlight) {
    BatchAccumulator accumulator = with_producer(small());
    const auto flying = add(accumulator, kA, 350);
    const auto waiting = add(accumulator, kB, 350);
    const auto taken = accumulator.take(kA);
    accumulator.expire(kStart + 1s);
    EXPECT_FALSE(flying.outcome->done());
    ASSERT_TRUE(waiting.outcome->done());
    EXPECT_EQ(waiting.outcome->result().error().code(), ErrorCode::kDeadlineExceeded);
    accumulator.retry(*taken, kStart);
    accumulator.expire(kStart + 1s);
    EXPECT_TRUE(flying.outcome->done());
    EXPECT_EQ(accumulator.buffered_bytes(), 0U);
}

TEST(BatchAccumulator, AnswersAfterShutdownAreIgnored) {
    BatchAccumulator accumulator = with_producer(small());
    (void)add(accumulator, kA, 350);
    const auto taken = accumulator.take(kA);
    accumulator.fail_all(Error::stopped());
    accumulator.delivered(*taken, Offset(0), {});
    accumulator.retry(*taken, kStart);
    accumulator.failed(*taken, Error(ErrorCode::kIo));
    EXPECT_TRUE(accumulator.empty());
}

// A model of the broker: accepts a batch only if it continues the partition's sequence.
struct SequenceChecker {
    ProducerEpoch epoch{0};
    std::int32_t next = 0;
    [[nodiscard]] bool accepts(const kafka::RecordBatchView& batch) {
        if (batch.producer_epoch() > epoch) {
            epoch = batch.producer_epoch();
            next = 0;
        }
        if (batch.producer_epoch() != epoch || batch.base_sequence() != next) return false;
        next = kafka::advance_sequence(next, batch.record_count());
        return true;
    }
};

TEST(BatchAccumulator, RandomFatesNeverBreakTheSequence) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Rng rng(seed);
        BatchAccumulator accumulator = with_producer(small());
        std::map<TopicPartition, SequenceChecker> broker;
        Instant now = kStart;
        for (int step = 0; step < 500; ++step) {
            now = now + Duration(static_cast<std::int64_t>(rng.below(5'000'000)));
            for (const TopicPartition& to : {kA, kB})
                (void
                )accumulator.append(to, text_record("k", std::string(rng.below(300), 'v')), now);
            for (const TopicPartition& ready : accumulator.ready(now)) {
                const auto batch = accumulator.take(ready);
                if (!batch) continue;
                switch (rng.below(4)) {
                    case 0:
                        accumulator.retry(*batch, now + 1ms);  // lost on the way
                        break;
                    case 1:
                        accumulator.failed(*batch, Error(ErrorCode::kMessageTooLarge));
                        break;
                    default:
                        EXPECT_TRUE(broker[ready].accepts(batch->batch.view())) << seed;
                        accumulator.delivered(*batch, Offset(0), {});
                }
            }
            accumulator.expire(now);
            EXPECT_LE(accumulator.buffered_bytes(), small().buffer_bytes);
        }
    }
}

}  // namespace
}  // namespace sealane::client
