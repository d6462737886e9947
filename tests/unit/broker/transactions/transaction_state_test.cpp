#include "broker/transactions/producer_state.hpp"
#include "common/kafka/records/control_record.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

struct Marker {
    std::int64_t producer = 7;
    std::int16_t epoch = 0;
    bool commit = true;
    std::int32_t coordinator = 0;
    AppendOrigin origin = AppendOrigin::kCoordinator;
};

// A leader's log, as far as producer state sees it.
class Log {
 public:
    // One record of a transaction; the coordinator has said yes unless `unasked`.
    ErrorCode data(std::int64_t producer, std::int16_t epoch, std::int32_t sequence) {
        if (state.needs_verification(ProducerId(producer), ProducerEpoch(epoch))) {
            const auto token = state.begin_verification(ProducerId(producer), ProducerEpoch(epoch));
            EXPECT_TRUE(state.confirm(ProducerId(producer), ProducerEpoch(epoch), token));
        }
        return unasked(producer, epoch, sequence);
    }
    ErrorCode unasked(std::int64_t producer, std::int16_t epoch, std::int32_t sequence) {
        kafka::BatchOptions options;
        options.producer_id = ProducerId(producer);
        options.producer_epoch = ProducerEpoch(epoch);
        options.base_sequence = sequence;
        options.base_offset = end;
        options.transactional = true;
        kafka::RecordBatchBuilder builder(options);
        EXPECT_TRUE(builder.add(WallTime{1000}, std::nullopt, as_bytes("v")));
        return append(*std::move(builder).build(), AppendOrigin::kClient);
    }
    ErrorCode mark(const Marker& marker) {
        kafka::BatchOptions options;
        options.producer_id = ProducerId(marker.producer);
        options.producer_epoch = ProducerEpoch(marker.epoch);
        options.base_offset = end;
        const auto type = marker.commit ? kafka::ControlType::kCommit : kafka::ControlType::kAbort;
        return append(
            *kafka::build_transaction_marker(options, type, WallTime{2000}, marker.coordinator),
            marker.origin
        );
    }
    ErrorCode append(const kafka::RecordBatch& batch, AppendOrigin origin) {
        const std::array views{batch.view()};
        const auto answer = state.admit(views, origin);
        if (!answer) return answer.error().code();
        if (*answer) return ErrorCode::kDuplicateSequenceNumber;
        state.apply(batch.view(), origin);
        end = batch->next_offset();
        return ErrorCode::kNone;
    }
    [[nodiscard]] Offset stable() const { return state.last_stable(end); }

    ProducerState state;
    Offset end{100};
};

TEST(TransactionState, OpenTransactionsHoldTheLastStableOffset) {
    Log log;
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.data(2, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.stable(), Offset(100));
    EXPECT_EQ(log.mark({.producer = 1}), ErrorCode::kNone);
    EXPECT_EQ(log.stable(), Offset(101));
    EXPECT_EQ(log.mark({.producer = 2, .commit = false}), ErrorCode::kNone);
    EXPECT_EQ(log.stable(), log.end);
    // Its end is not replicated yet: it may be anybody's guess to another leader.
    EXPECT_EQ(log.state.last_stable(Offset(103)), Offset(101));
    log.state.on_high_watermark(Offset(103));
    EXPECT_EQ(log.state.last_stable(Offset(103)), Offset(101));
    EXPECT_EQ(log.state.last_stable(log.end), log.end);
    EXPECT_EQ(log.state.last_stable(Offset(100)), Offset(100));
}

TEST(TransactionState, ReadersAreToldOfAbortedTransactionsWithDataInTheirRange) {
    Log log;
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);                           // 100
    EXPECT_EQ(log.data(2, 0, 0), ErrorCode::kNone);                           // 101
    EXPECT_EQ(log.mark({.producer = 2, .commit = false}), ErrorCode::kNone);  // 102
    EXPECT_EQ(log.mark({.producer = 1, .commit = false}), ErrorCode::kNone);  // 103
    EXPECT_EQ(log.mark({.producer = 3, .commit = false}), ErrorCode::kNone);  // without data
    EXPECT_EQ(log.data(2, 0, 1), ErrorCode::kNone);                           // 105
    EXPECT_EQ(log.mark({.producer = 2}), ErrorCode::kNone);
    const AbortedTransaction second{ProducerId(2), Offset(101), Offset(102), Offset(100)};
    const AbortedTransaction first{ProducerId(1), Offset(100), Offset(103), Offset(104)};
    EXPECT_EQ(log.state.aborted(Offset(100), Offset(107)), (std::vector{second, first}));
    EXPECT_EQ(log.state.aborted(Offset(103), Offset(107)), std::vector{first});
    EXPECT_EQ(log.state.aborted(Offset(100), Offset(101)), std::vector{first});
    EXPECT_TRUE(log.state.aborted(Offset(104), Offset(107)).empty());
    log.state.log_starts_at(Offset(103));
    EXPECT_EQ(log.state.aborted(Offset(0), Offset(107)), std::vector{first});
}

TEST(TransactionState, TheIndexOfASegmentHasKafkasEntries) {
    Log log;
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.mark({.producer = 1, .commit = false}), ErrorCode::kNone);
    EXPECT_TRUE(log.state.segment_file(Offset(0), Offset(101)).empty());
    const BufferSlice file = log.state.segment_file(Offset(0), Offset(102));
    const std::string expected(
        "\0\0"
        "\0\0\0\0\0\0\0\1"
        "\0\0\0\0\0\0\0\x64"
        "\0\0\0\0\0\0\0\x65"
        "\0\0\0\0\0\0\0\x66",
        34
    );
    EXPECT_TRUE(std::ranges::equal(file.view(), as_bytes(expected)));
}

TEST(TransactionState, ABatchWithoutItsCoordinatorsWordIsRefused) {
    Log log;
    EXPECT_EQ(log.unasked(1, 0, 0), ErrorCode::kInvalidTxnState);
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.unasked(1, 0, 1), ErrorCode::kNone);  // the transaction is open
    EXPECT_EQ(log.mark({.producer = 1}), ErrorCode::kNone);
    EXPECT_EQ(log.unasked(1, 0, 2), ErrorCode::kInvalidTxnState);
}

TEST(TransactionState, AMarkerTakesBackWhatTheCoordinatorSaidBefore) {
    Log log;
    const auto token = log.state.begin_verification(ProducerId(1), ProducerEpoch(0));
    EXPECT_EQ(log.mark({.producer = 1}), ErrorCode::kNone);
    EXPECT_FALSE(log.state.confirm(ProducerId(1), ProducerEpoch(0), token));
    const auto later = log.state.begin_verification(ProducerId(1), ProducerEpoch(0));
    EXPECT_TRUE(log.state.confirm(ProducerId(1), ProducerEpoch(0), later));
    EXPECT_EQ(log.mark({.producer = 1}), ErrorCode::kNone);
    EXPECT_EQ(log.unasked(1, 0, 0), ErrorCode::kInvalidTxnState);
}

TEST(TransactionState, RetriesOfAnEndedTransactionAreDuplicates) {
    Log log;
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.mark({.producer = 1}), ErrorCode::kNone);
    EXPECT_EQ(log.unasked(1, 0, 0), ErrorCode::kDuplicateSequenceNumber);
}

TEST(TransactionState, MarkersOfOldCoordinatorsAndEpochsAreRefused) {
    Log log;
    EXPECT_EQ(log.data(1, 3, 0), ErrorCode::kNone);
    EXPECT_EQ(log.mark({.producer = 1, .epoch = 2}), ErrorCode::kInvalidProducerEpoch);
    EXPECT_EQ(log.mark({.producer = 1, .epoch = 4, .coordinator = 5}), ErrorCode::kNone);
    EXPECT_FALSE(log.state.is_outdated(ProducerId(1), 5));
    EXPECT_TRUE(log.state.is_outdated(ProducerId(1), 4));
    EXPECT_EQ(log.data(1, 3, 1), ErrorCode::kInvalidProducerEpoch);  // a zombie
    EXPECT_EQ(log.data(1, 4, 1), ErrorCode::kOutOfOrderSequenceNumber);
    EXPECT_EQ(log.data(1, 4, 0), ErrorCode::kNone);
    EXPECT_EQ(
        log.mark({.producer = 1, .epoch = 4, .coordinator = 4}),
        ErrorCode::kTransactionCoordinatorFenced
    );
    EXPECT_EQ(log.mark({.producer = 1, .epoch = 4, .coordinator = 5}), ErrorCode::kNone);
}

TEST(TransactionState, ALateStrictMarkerDoesNotEndTheNextTransaction) {
    Log log;
    const Marker marker{.producer = 1, .epoch = 1, .origin = AppendOrigin::kStrictMarker};
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.mark(marker), ErrorCode::kNone);
    EXPECT_EQ(log.mark(marker), ErrorCode::kNone);  // a retry
    EXPECT_EQ(log.data(1, 1, 0), ErrorCode::kNone);
    EXPECT_EQ(log.mark(marker), ErrorCode::kInvalidProducerEpoch);
    EXPECT_EQ(log.stable(), log.end - 1);
}

TEST(TransactionState, ALateStrictMarkerDoesNotTakeBackWhatTheCoordinatorSays) {
    Log log;
    const Marker marker{.producer = 1, .epoch = 1, .origin = AppendOrigin::kStrictMarker};
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.mark(marker), ErrorCode::kNone);
    const auto token = log.state.begin_verification(ProducerId(1), ProducerEpoch(1));
    EXPECT_EQ(log.mark(marker), ErrorCode::kNone);
    EXPECT_TRUE(log.state.confirm(ProducerId(1), ProducerEpoch(1), token));
    EXPECT_EQ(log.mark(marker), ErrorCode::kNone);
    EXPECT_EQ(log.unasked(1, 1, 0), ErrorCode::kNone);
    // Its own marker does.
    const auto again = log.state.begin_verification(ProducerId(1), ProducerEpoch(1));
    EXPECT_EQ(
        log.mark({.producer = 1, .epoch = 2, .origin = AppendOrigin::kStrictMarker}),
        ErrorCode::kNone
    );
    EXPECT_FALSE(log.state.confirm(ProducerId(1), ProducerEpoch(1), again));
}

TEST(TransactionState, SnapshotsKeepOpenAndAbortedTransactions) {
    Log log;
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    EXPECT_EQ(log.mark({.producer = 1, .commit = false, .coordinator = 9}), ErrorCode::kNone);
    EXPECT_EQ(log.data(1, 0, 1), ErrorCode::kNone);
    EXPECT_EQ(log.mark({.producer = 8, .epoch = 3}), ErrorCode::kNone);  // never wrote
    ProducerState restored;
    ASSERT_TRUE(restored.load(log.state.snapshot(log.end)).has_value());
    EXPECT_EQ(restored.entries(), log.state.entries());
    EXPECT_EQ(restored.last_stable(log.end), Offset(102));
    EXPECT_EQ(restored.aborted(Offset(0), log.end), log.state.aborted(Offset(0), log.end));
}

TEST(TransactionState, ProducersWithAnOpenTransactionAreNeverForgotten) {
    Log log;
    EXPECT_EQ(log.data(1, 0, 0), ErrorCode::kNone);
    log.state.expire(WallTime{INT64_MAX});
    EXPECT_EQ(log.stable(), Offset(100));
    EXPECT_EQ(log.mark({.producer = 1}), ErrorCode::kNone);
    log.state.expire(WallTime{INT64_MAX});
    EXPECT_TRUE(log.state.entries().empty());
}

}  // namespace
}  // namespace sealane::broker
