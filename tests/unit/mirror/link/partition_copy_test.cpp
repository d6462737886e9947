// PartitionCopy against a fake source and a fake target that keeps what an aggregate topic keeps:
// the offsets appended, in order, and refuses what does not continue them. Whatever is lost on the
// way, in whatever order, the target ends with exactly the source's offsets.
#include "mirror/link/partition_copy.hpp"

#include "common/base/rng.hpp"
#include "tests/unit/mirror/link/source_batches.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace sealane::mirror {
namespace {

using testing::bytes_of;
using testing::data_batch;

const RunSplitter::Rules kRules{LinkKind::kAggregate, "target", false};

Data data_of(std::int64_t assignment, const std::vector<kafka::RecordBatch>& batches, Offset end) {
    Data data;
    data.assignment = assignment;
    data.high_watermark = end;
    data.records = bytes_of(batches);
    return data;
}

Started started_at(std::int64_t assignment, Offset offset, Offset end) {
    Started started;
    started.assignment = assignment;
    started.offset = offset;
    started.high_watermark = end;
    return started;
}

// A copy that reads from offset 0, with one batch queued.
PartitionCopy reading(OnGap on_gap = OnGap::kStop) {
    PartitionCopy copy(kRules, on_gap);
    copy.position_asked();
    copy.on_position(1, {});
    copy.on_started(Instant{1}, started_at(1, Offset(0), Offset(10)));
    copy.on_data(Instant{1}, data_of(1, {data_batch(0, 10)}, Offset(10)));
    return copy;
}

TEST(PartitionCopy, MovesWhenTheTargetSaysSo) {
    PartitionCopy copy = reading();
    EXPECT_EQ(copy.lag().records(), 10);
    const auto runs = copy.take(1U << 20U);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(copy.release(), 0);
    copy.on_answer(Instant{2}, {ErrorCode::kNone, "", Offset(10)});
    EXPECT_EQ(copy.lag().records(), 0);
    EXPECT_EQ(copy.release(), static_cast<std::int64_t>(runs[0].records.size()));
    EXPECT_EQ(copy.verdict(Instant{2}, {}), Verdict::kOk);
}

TEST(PartitionCopy, AsksAgainAfterTroubleAndOnlyWhenNothingIsInFlight) {
    PartitionCopy copy = reading();
    copy.on_data(Instant{1}, data_of(1, {data_batch(10, 1)}, Offset(11)));
    (void)copy.take(1);
    (void)copy.take(1);
    ASSERT_EQ(copy.parts_in_flight(), 2U);
    copy.on_answer(Instant{5}, {ErrorCode::kOutOfOrderSequenceNumber, "", Offset(3)});
    EXPECT_EQ(copy.state(), PartitionCopy::State::kAsking);
    EXPECT_FALSE(copy.wants_position(Instant{5} + 10s));
    copy.on_answer(Instant{5}, {ErrorCode::kOutOfOrderSequenceNumber, "", Offset(3)});
    EXPECT_FALSE(copy.wants_position(Instant{5}));
    EXPECT_TRUE(copy.wants_position(Instant{5} + 10s));
}

TEST(PartitionCopy, WhatWasReadBeforeAStopIsStillAppended) {
    PartitionCopy copy = reading();
    Stopped stopped;
    stopped.cause = static_cast<std::int8_t>(Cause::kTopicDeleted);
    copy.on_stopped(stopped);
    EXPECT_EQ(copy.state(), PartitionCopy::State::kReading);
    EXPECT_EQ(copy.take(1).size(), 1U);
    copy.on_answer(Instant{2}, {ErrorCode::kNone, "", Offset(10)});
    EXPECT_EQ(copy.state(), PartitionCopy::State::kStopped);
    EXPECT_EQ(copy.cause()->cause, Cause::kTopicDeleted);
    EXPECT_EQ(copy.verdict(Instant{2}, {}), Verdict::kBroken);
    copy.restart();
    EXPECT_EQ(copy.state(), PartitionCopy::State::kStopped);  // a reconnect does not heal it
    copy.forgive();
    EXPECT_TRUE(copy.wants_position(Instant{3}));
}

TEST(PartitionCopy, TooLargeStopsWithItsCause) {
    PartitionCopy copy = reading();
    (void)copy.take(1);
    copy.on_answer(Instant{2}, {ErrorCode::kMessageTooLarge, "big", Offset(0)});
    EXPECT_EQ(copy.state(), PartitionCopy::State::kStopped);
    EXPECT_EQ(copy.cause()->cause, Cause::kTooLarge);
    EXPECT_EQ(copy.cause()->from, Offset(0));
}

TEST(PartitionCopy, AGapGoesToTheLedgerBeforeItIsPassed) {
    PartitionCopy copy(kRules, OnGap::kLedger);
    copy.position_asked();
    copy.on_position(1, {Offset(5), LeaderEpoch(0)});
    Stopped stopped;
    stopped.cause = static_cast<std::int8_t>(Cause::kExpired);
    stopped.position = Offset(5);
    stopped.resume_offset = Offset(20);
    copy.on_stopped(stopped);
    ASSERT_TRUE(copy.gap_to_ledger());
    EXPECT_FALSE(copy.wants_position(Instant{9}));
    copy.resume_after_gap();
    ASSERT_TRUE(copy.wants_position(Instant{9}));
    copy.position_asked();
    copy.on_position(2, {Offset(5), LeaderEpoch(0)});
    EXPECT_EQ(copy.read_from(), Offset(20));
    copy.on_started(Instant{9}, started_at(2, Offset(20), Offset(22)));
    copy.on_data(Instant{9}, data_of(2, {data_batch(20, 2)}, Offset(22)));
    const auto runs = copy.take(1);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].expected, Offset(5));
    EXPECT_EQ(runs[0].hole_reason, kafka::kHoleInLedger);
}

TEST(PartitionCopy, WithoutThePolicyAGapStaysAStop) {
    PartitionCopy copy(kRules, OnGap::kStop);
    copy.position_asked();
    copy.on_position(1, {Offset(5), LeaderEpoch(0)});
    Stopped stopped;
    stopped.cause = static_cast<std::int8_t>(Cause::kExpired);
    stopped.position = Offset(5);
    stopped.resume_offset = Offset(20);
    copy.on_stopped(stopped);
    EXPECT_FALSE(copy.gap_to_ledger());
}

TEST(PartitionCopy, ALateAnswerAboutThePositionIsIgnored) {
    PartitionCopy copy(kRules, OnGap::kStop);
    copy.position_asked();
    copy.restart();
    copy.on_position(1, {Offset(5), LeaderEpoch(0)});
    EXPECT_EQ(copy.state(), PartitionCopy::State::kAsking);
    EXPECT_EQ(copy.assignment(), 0);
}

TEST(PartitionCopy, StallsWhenNothingMovesAlthoughThereIsData) {
    PartitionCopy copy = reading();
    const PartitionCopy::Limits limits;
    EXPECT_EQ(copy.verdict(Instant{1} + 1s, limits), Verdict::kOk);
    EXPECT_EQ(copy.verdict(Instant{1} + 11s, limits), Verdict::kLagging);
    EXPECT_EQ(copy.verdict(Instant{1} + 31s, limits), Verdict::kStalled);
}

// The whole arrangement, with everything that can be lost.
class World {
 public:
    explicit World(std::uint64_t seed) : rng_(seed), copy_(kRules, OnGap::kStop) {
        std::int64_t base = 0;
        while (base < 120) {
            const auto count = static_cast<std::int32_t>(1 + rng_.below(7));
            source_.push_back(data_batch(base, count));
            base += count;
        }
        end_ = Offset(base);
    }

    void step(bool faults) {
        now_ = now_ + 50ms;
        if (faults && rng_.chance(1, 12)) break_something();
        switch (rng_.below(5)) {
            case 0:
                ask();
                break;
            case 1:
                read();
                break;
            case 2:
                send();
                break;
            case 3:
                serve();
                break;
            default:
                answer();
                break;
        }
        released_ += copy_.release();
        ASSERT_GE(released_, 0);
        ASSERT_LE(released_, read_bytes_);
    }
    [[nodiscard]] bool done() const { return copied() && requests_.empty() && answers_.empty(); }
    [[nodiscard]] bool copied() const { return next_ == end_; }
    [[nodiscard]] const std::vector<Offset>& target() const { return target_; }
    [[nodiscard]] Offset end() const { return end_; }
    [[nodiscard]] bool all_credit_is_back() const { return released_ == read_bytes_; }

 private:
    struct Request {
        std::vector<SourceRun> runs;
        bool orphan = false;  // its connection is gone: served, but never answered
    };
    void ask() {
        if (!copy_.wants_position(now_)) return;
        copy_.position_asked();
        if (rng_.chance(1, 6)) {  // the answer is lost
            copy_.restart();
            return;
        }
        PartitionCopy::TargetPosition position;
        if (next_ > Offset(0)) position = {next_, LeaderEpoch(0)};
        copy_.on_position(++assignment_, position);
        const Offset from = copy_.read_from() == kNoOffset ? Offset(0) : copy_.read_from();
        copy_.on_started(now_, started_at(assignment_, from, end_));
        cursor_ = from;
    }
    void read() {
        if (copy_.assignment() == 0) return;
        std::vector<kafka::RecordBatch> batches;
        for (const auto& batch : source_)
            if (batch->base_offset() >= cursor_ && batches.size() < 3) batches.push_back(batch);
        if (batches.empty()) return;
        cursor_ = batches.back()->next_offset();
        const Data data = data_of(copy_.assignment(), batches, end_);
        read_bytes_ += static_cast<std::int64_t>(data.records.size());
        copy_.on_data(now_, data);
    }
    void send() {
        if (copy_.parts_in_flight() >= 3 || copy_.queued_bytes() == 0) return;
        requests_.push_back({copy_.take(1 + rng_.below(400)), false});
    }
    // The target's rule, as OriginIndex has it.
    void serve() {
        if (requests_.empty()) return;
        const Request request = std::move(requests_.front());
        requests_.pop_front();
        PartitionCopy::Answer answer;
        const bool known = request.runs.back().end <= next_;
        const Offset expected = next_ == Offset(0) ? kNoOffset : next_;
        if (!known && request.runs.front().expected != expected) {
            answer.error = ErrorCode::kOutOfOrderSequenceNumber;
        } else if (!known) {
            for (const SourceRun& run : request.runs) append(run);
        }
        answer.next = next_;
        if (!request.orphan) answers_.push_back(answer);
    }
    void append(const SourceRun& run) {
        ASSERT_EQ(run.expected, next_ == Offset(0) ? kNoOffset : next_);
        ASSERT_EQ(run.base, next_);
        for (Offset o = run.base; o < run.end; ++o) target_.push_back(o);
        next_ = run.end;
    }
    void answer() {
        if (answers_.empty()) return;
        copy_.on_answer(now_, answers_.front());
        answers_.pop_front();
    }
    void break_something() {
        switch (rng_.below(4)) {
            case 0:  // the halves part: parts in flight are still answered
                copy_.restart();
                break;
            case 1:  // this mirror dies: requests may still reach the target, much later
                copy_.abandon_in_flight();
                for (auto& request : requests_) request.orphan = true;
                answers_.clear();
                break;
            case 2:  // the connection to the target breaks: requests are lost from some point on
                copy_.abandon_in_flight();
                answers_.clear();
                requests_.resize(rng_.below(requests_.size() + 1));
                for (auto& request : requests_) request.orphan = true;
                break;
            default:  // the target cannot write just now
                if (answers_.empty()) return;
                answers_.back().error = ErrorCode::kKafkaStorageError;
                break;
        }
    }

    Rng rng_;
    PartitionCopy copy_;
    Instant now_{1};
    std::vector<kafka::RecordBatch> source_;
    Offset end_;
    Offset cursor_;
    std::int64_t assignment_ = 0;
    std::deque<Request> requests_;
    std::deque<PartitionCopy::Answer> answers_;
    std::vector<Offset> target_;
    Offset next_{0};
    std::int64_t read_bytes_ = 0;
    std::int64_t released_ = 0;
};

TEST(PartitionCopy, NothingIsLostDoubledOrReorderedWhateverBreaks) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world(seed);
        for (int i = 0; i < 400; ++i) world.step(true);
        for (int i = 0; i < 20'000 && !world.done(); ++i) world.step(false);
        ASSERT_TRUE(world.copied());
        std::vector<Offset> expected;
        for (Offset o(0); o < world.end(); ++o) expected.push_back(o);
        ASSERT_EQ(world.target(), expected);
        ASSERT_TRUE(world.all_credit_is_back());
    }
}

}  // namespace
}  // namespace sealane::mirror
