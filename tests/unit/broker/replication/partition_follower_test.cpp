#include "broker/replication/partition_follower.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sealane::broker {
namespace {

using Kind = FollowerStep::Kind;

// A log of records that know their epoch and who wrote them.
struct Record {
    int epoch = 0;
    int writer = 0;
    friend bool operator==(const Record&, const Record&) = default;
};

struct Log {
    std::int64_t start = 0;
    std::vector<Record> records;
    EpochCache epochs;

    Offset end() const { return Offset(start + static_cast<std::int64_t>(records.size())); }
    FollowerLog view() const { return {Offset(start), end(), &epochs}; }
    void append(Record record) {
        if (LeaderEpoch(record.epoch) > epochs.latest())
            epochs.assign(LeaderEpoch(record.epoch), end());
        records.push_back(record);
    }
    void truncate(Offset to) {
        records.resize(static_cast<std::size_t>(to.value - start));
        epochs.truncate_from_end(end());
    }
    void restart(Offset at) {
        start = at.value;
        records.clear();
        epochs = EpochCache();
    }
};

Log log_of(std::vector<int> epochs, std::int64_t start = 0) {
    Log log;
    log.start = start;
    for (const int epoch : epochs) log.append({epoch, epoch});
    return log;
}

// What a leader answers (fetch_read.cpp).
LeaderAnswer ask(const Log& leader, const FetchPosition& position) {
    LeaderAnswer answer;
    answer.log_start = Offset(leader.start);
    answer.high_watermark = leader.end();
    if (position.last_epoch != kNoLeaderEpoch) {
        EpochEnd end = leader.epochs.end_of(position.last_epoch, leader.end());
        if (end.end == kNoOffset) {
            if (leader.epochs.entries().empty() && position.offset != answer.log_start) {
                answer.error = ErrorCode::kOffsetOutOfRange;
                return answer;
            }
            if (!leader.epochs.entries().empty()) end = {leader.epochs.latest(), leader.end()};
        }
        if (end.end != kNoOffset &&
            (end.epoch != position.last_epoch || end.end < position.offset)) {
            answer.diverging = end;
            return answer;
        }
    }
    if (position.offset < answer.log_start || position.offset > leader.end()) {
        answer.error = ErrorCode::kOffsetOutOfRange;
    }
    return answer;
}

TEST(PartitionFollower, AsksFromItsEndWithTheEpochOfItsLastRecord) {
    const Log log = log_of({1, 1, 3});
    EXPECT_EQ(next_fetch(log.view()), (FetchPosition{Offset(3), LeaderEpoch(3)}));
    const Log empty = log_of({}, 42);
    EXPECT_EQ(next_fetch(empty.view()), (FetchPosition{Offset(42), kNoLeaderEpoch}));
}

TEST(PartitionFollower, AnEpochWithoutRecordsDoesNotCount) {
    Log log = log_of({1, 1});
    log.epochs.assign(LeaderEpoch(2), log.end());  // it led, and nobody wrote
    EXPECT_EQ(next_fetch(log.view()), (FetchPosition{Offset(2), LeaderEpoch(1)}));
}

TEST(PartitionFollower, TruncatesToTheEndOfTheLargestCommonEpoch) {
    // KIP-101: both led, each wrote what the other does not have.
    const Log follower = log_of({1, 1, 2, 2, 2});
    const Log leader = log_of({1, 1, 1, 3});
    const LeaderAnswer answer = ask(leader, next_fetch(follower.view()));
    EXPECT_EQ(answer.diverging, (EpochEnd{LeaderEpoch(1), Offset(3)}));
    EXPECT_EQ(on_answer(follower.view(), answer), (FollowerStep{Kind::kTruncate, Offset(2)}));
}

TEST(PartitionFollower, NeverTruncatesForAnErrorAlone) {
    const Log log = log_of({1, 1, 1});
    for (const ErrorCode code :
         {ErrorCode::kNotLeaderOrFollower,
          ErrorCode::kUnknownLeaderEpoch,
          ErrorCode::kUnknownTopicId,
          ErrorCode::kKafkaStorageError,
          ErrorCode::kUnknownServerError}) {
        LeaderAnswer answer;
        answer.error = code;
        EXPECT_EQ(on_answer(log.view(), answer).kind, Kind::kTryAgain);
    }
    LeaderAnswer answer;
    answer.error = ErrorCode::kFencedLeaderEpoch;
    EXPECT_EQ(on_answer(log.view(), answer).kind, Kind::kWaitForMetadata);
    answer.error = ErrorCode::kOffsetOutOfRange;
    EXPECT_EQ(on_answer(log.view(), answer).kind, Kind::kAskBounds);
}

TEST(PartitionFollower, AnEmptyLogBeginsBelowItsStartWhenTheLeadersBatchDoes) {
    // DeleteRecords left the leader's log start inside a batch: it is sent whole.
    LeaderAnswer answer;
    answer.log_start = Offset(42);
    answer.first_base = Offset(40);
    const Log empty = log_of({}, 42);
    EXPECT_EQ(on_answer(empty.view(), answer), (FollowerStep{Kind::kBegin, Offset(40)}));
}

TEST(PartitionFollower, OutOfRangeInsideTheLeadersBoundsIsPassingTrouble) {
    // KAFKA-2143, KAFKA-2477: never to the beginning.
    const Log log = log_of({1, 1, 1});
    EXPECT_EQ(on_bounds(log.view(), {Offset(0), Offset(3)}).kind, Kind::kTryAgain);
    EXPECT_EQ(on_bounds(log.view(), {Offset(0), Offset(9)}).kind, Kind::kTryAgain);
    EXPECT_EQ(on_bounds(log.view(), {kNoOffset, kNoOffset}).kind, Kind::kTryAgain);
}

TEST(PartitionFollower, OutOfRangeOutsideTheLeadersBounds) {
    const Log log = log_of({1, 1, 1});
    EXPECT_EQ(
        on_bounds(log.view(), {Offset(0), Offset(2)}), (FollowerStep{Kind::kTruncate, Offset(2)})
    );
    EXPECT_EQ(
        on_bounds(log.view(), {Offset(5), Offset(9)}), (FollowerStep{Kind::kRestart, Offset(5)})
    );
    const Log late = log_of({1, 1, 1}, 100);
    EXPECT_EQ(
        on_bounds(late.view(), {Offset(0), Offset(20)}), (FollowerStep{Kind::kRestart, Offset(0)})
    );
}

TEST(PartitionFollower, ADivergenceHidesTheHighWatermarkOfTheSameAnswer) {
    // KAFKA-14704.
    const Log log = log_of({1, 2, 2});
    LeaderAnswer answer;
    answer.high_watermark = Offset(3);
    answer.log_start = Offset(0);
    answer.diverging = {LeaderEpoch(1), Offset(1)};
    EXPECT_EQ(on_answer(log.view(), answer), (FollowerStep{Kind::kTruncate, Offset(1)}));
}

TEST(PartitionFollower, ABatchFromBelowItsEndMeansOtherBatchesThere) {
    const Log log = log_of({1, 1, 1, 1});
    LeaderAnswer answer;
    answer.log_start = Offset(0);
    answer.first_base = Offset(2);
    EXPECT_EQ(on_answer(log.view(), answer), (FollowerStep{Kind::kTruncate, Offset(2)}));
    answer.first_base = Offset(4);
    EXPECT_EQ(on_answer(log.view(), answer).kind, Kind::kAppend);
    answer.first_base = Offset(7);  // a hole
    EXPECT_EQ(on_answer(log.view(), answer).kind, Kind::kAppend);
}

TEST(PartitionFollower, TheHighWatermarkIsTheLeadersUpToTheOwnEndAndNeverGoesBack) {
    EXPECT_EQ(follower_high_watermark(Offset(3), Offset(9), Offset(5)), Offset(5));
    EXPECT_EQ(follower_high_watermark(Offset(3), Offset(4), Offset(5)), Offset(4));
    EXPECT_EQ(follower_high_watermark(Offset(3), kNoOffset, Offset(5)), Offset(3));
}

// Any two logs that elections can leave behind become equal, each step making progress, and what
// they had in common (same epoch and offset: same record) is never cut.
TEST(PartitionFollower, AnyHistoryOfElectionsEndsWithEqualLogs) {
    for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
        SCOPED_TRACE(seed);
        Rng rng(seed);
        std::vector<Log> logs(3);
        // Leaders of growing epochs write a little; followers copy a prefix of what differs.
        for (int epoch = 1; epoch <= 6; ++epoch) {
            Log& leader = logs[rng.below(logs.size())];
            leader.epochs.assign(LeaderEpoch(epoch), leader.end());
            for (std::uint64_t i = rng.below(5); i > 0; --i) {
                leader.append({epoch, epoch});
            }
            for (Log& log : logs) {
                if (&log == &leader || rng.below(2) == 0) continue;
                log.epochs.truncate_from_end(log.end());
                std::int64_t common = 0;
                while (Offset(common) < std::min(log.end(), leader.end()) &&
                       log.records[static_cast<std::size_t>(common)] ==
                           leader.records[static_cast<std::size_t>(common)]) {
                    ++common;
                }
                int rounds = 0;
                for (;;) {
                    ASSERT_LT(++rounds, 20);
                    const LeaderAnswer answer = ask(leader, next_fetch(log.view()));
                    const FollowerStep step = on_answer(log.view(), answer);
                    if (step.kind == Kind::kAppend) break;
                    ASSERT_EQ(step.kind, Kind::kTruncate);
                    ASSERT_LT(step.to, log.end());
                    ASSERT_GE(step.to.value, common);
                    log.truncate(step.to);
                }
                ASSERT_EQ(log.end().value, common);
                // It copies some of the rest, then the leader dies.
                for (std::uint64_t i = rng.below(6); i > 0 && log.end() < leader.end(); --i) {
                    log.append(leader.records[static_cast<std::size_t>(log.end().value)]);
                }
            }
        }
    }
}

}  // namespace
}  // namespace sealane::broker
