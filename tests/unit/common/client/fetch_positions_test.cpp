#include "common/client/fetch_positions.hpp"

#include "common/client/fetched_records.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/control_record.hpp"

#include <gtest/gtest.h>

namespace sealane::client {
namespace {

using kafka::text_record;
using PartitionData = kafka::FetchResponse::PartitionData;

const TopicPartition kPartition{"t", PartitionId(0)};
const Uuid kTopic{{1}};

kafka::BatchOptions at(std::int64_t base, std::int32_t epoch = 1) {
    kafka::BatchOptions options;
    options.base_offset = Offset(base);
    options.leader_epoch = LeaderEpoch(epoch);
    return options;
}

BufferSlice batch(kafka::BatchOptions options, int records) {
    kafka::RecordBatchBuilder builder(options);
    for (int i = 0; i < records; ++i) (void)builder.add(text_record("k", "v", WallTime{1}));
    return (*std::move(builder).build()).bytes();
}

PartitionData answer(std::initializer_list<BufferSlice> batches) {
    BufferChain chain;
    for (const BufferSlice& one : batches) chain.append(one);
    PartitionData data;
    data.records = chain.joined();
    data.high_watermark = Offset(1000);
    return data;
}

PartitionData refusal(ErrorCode code) {
    PartitionData data;
    data.error_code = code;
    return data;
}

FetchPositions assigned_at(std::int64_t offset) {
    FetchPositions positions;
    positions.assign(kPartition, StartAt::at(Offset(offset)));
    positions.leader_known(kPartition, LeaderEpoch(1), kTopic);
    return positions;
}

FetchPositions::Wanted only(const FetchPositions& positions) {
    EXPECT_EQ(positions.wanted().size(), 1U);
    return positions.wanted().at(0);
}

TEST(FetchPositions, FollowsTheBatches) {
    FetchPositions positions = assigned_at(10);
    const auto fetched =
        positions.take(only(positions), answer({batch(at(10), 3), batch(at(13), 2)}));
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->from, Offset(10));
    EXPECT_EQ(fetched->next, Offset(15));
    EXPECT_EQ(fetched->batches.size(), 2U);
    EXPECT_EQ(fetched->topic_id, kTopic);
    EXPECT_EQ(positions.position(kPartition), Offset(15));
    EXPECT_EQ(positions.last_epoch(kPartition), LeaderEpoch(1));
}

TEST(FetchPositions, KeepsTheBatchThatBeginsBeforeThePosition) {
    FetchPositions positions = assigned_at(11);
    const auto fetched =
        positions.take(only(positions), answer({batch(at(5), 3), batch(at(10), 3)}));
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->batches.size(), 1U);
    EXPECT_EQ(records_of(*fetched, Isolation::kReadUncommitted)->size(), 2U);
}

TEST(FetchPositions, LeavesOutTheBatchThatIsCutOff) {
    FetchPositions positions = assigned_at(0);
    const auto fetched =
        positions.take(only(positions), answer({batch(at(0), 2), batch(at(2), 5).slice(0, 70)}));
    EXPECT_EQ(fetched->next, Offset(2));
}

TEST(FetchPositions, BatchLargerThanTheAnswerIsAnError) {
    FetchPositions positions = assigned_at(0);
    const auto fetched = positions.take(only(positions), answer({batch(at(0), 5).slice(0, 70)}));
    EXPECT_EQ(fetched->error->code(), ErrorCode::kMessageTooLarge);
}

TEST(FetchPositions, DamagedBatchStopsThePartition) {
    FetchPositions positions = assigned_at(0);
    MutableBuffer damaged = kafka::mutable_copy(batch(at(0), 2).view());
    damaged.data()[damaged.size() - 1] ^= std::byte{1};
    const auto fetched =
        positions.take(only(positions), answer({std::move(damaged).freeze(), batch(at(2), 1)}));
    EXPECT_EQ(fetched->error->code(), ErrorCode::kCorruptMessage);
    EXPECT_TRUE(positions.wanted().empty());
}

TEST(FetchPositions, BatchesThatGoBackAreCorrupt) {
    FetchPositions positions = assigned_at(0);
    const auto fetched =
        positions.take(only(positions), answer({batch(at(5), 3), batch(at(6), 3)}));
    EXPECT_EQ(fetched->error->code(), ErrorCode::kCorruptMessage);
}

TEST(FetchPositions, FailedPartitionStaysSilentUntilAssignedAnew) {
    FetchPositions positions = assigned_at(50);
    const auto failed = positions.take(only(positions), refusal(ErrorCode::kOffsetOutOfRange));
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->error->code(), ErrorCode::kOffsetOutOfRange);
    EXPECT_EQ(failed->from, Offset(50));
    EXPECT_TRUE(positions.wanted().empty());
    positions.assign(kPartition, StartAt::at(Offset(3)));
    EXPECT_EQ(only(positions).offset, Offset(3));
}

TEST(FetchPositions, AnswersToTheOldPositionAreIgnored) {
    FetchPositions positions = assigned_at(0);
    const auto asked = only(positions);
    positions.assign(kPartition, StartAt::at(Offset(0)));
    EXPECT_FALSE(positions.take(asked, answer({batch(at(0), 2)})));
    positions.unassign(kPartition);
    EXPECT_FALSE(positions.take(asked, answer({batch(at(0), 2)})));
    EXPECT_FALSE(positions.take(asked, refusal(ErrorCode::kOffsetOutOfRange)));
}

TEST(FetchPositions, StartsThatAreNotOffsetsAreResolvedFirst) {
    FetchPositions positions;
    positions.assign(kPartition, StartAt::latest());
    EXPECT_TRUE(positions.wanted().empty());
    ASSERT_EQ(positions.unresolved().size(), 1U);
    const std::uint64_t generation = positions.generation(kPartition);
    positions.resolved(kPartition, generation + 1, Offset(1));
    EXPECT_FALSE(positions.position(kPartition));
    positions.resolved(kPartition, generation, Offset(99));
    EXPECT_TRUE(positions.unresolved().empty());
    EXPECT_EQ(only(positions).offset, Offset(99));
}

TEST(FetchPositions, PausedPartitionsAreNotFetched) {
    FetchPositions positions = assigned_at(0);
    positions.pause(kPartition, true);
    EXPECT_TRUE(positions.wanted().empty());
    positions.pause(kPartition, false);
    EXPECT_EQ(positions.wanted().size(), 1U);
}

TEST(FetchPositions, NewLeaderEpochDemandsValidation) {
    FetchPositions positions = assigned_at(0);
    (void)positions.take(only(positions), answer({batch(at(0), 5)}));
    positions.leader_known(kPartition, LeaderEpoch(2), kTopic);
    EXPECT_TRUE(positions.wanted().empty());
    EXPECT_EQ(positions.unvalidated(), std::vector{kPartition});
    positions.validated(kPartition, LeaderEpoch(1), Offset(5));
    EXPECT_EQ(only(positions).offset, Offset(5));
    EXPECT_EQ(only(positions).leader_epoch, LeaderEpoch(2));
}

TEST(FetchPositions, LogCutBelowThePositionIsReportedWithThePlace) {
    FetchPositions positions = assigned_at(0);
    (void)positions.take(only(positions), answer({batch(at(0), 5)}));
    positions.leader_known(kPartition, LeaderEpoch(2), kTopic);
    positions.validated(kPartition, LeaderEpoch(1), Offset(3));
    const auto failures = positions.take_failures();
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_EQ(failures[0].error->code(), ErrorCode::kFencedLeaderEpoch);
    EXPECT_EQ(failures[0].cut_at, Offset(3));
    EXPECT_EQ(failures[0].cut_epoch, LeaderEpoch(1));
    EXPECT_TRUE(positions.wanted().empty());
}

TEST(FetchPositions, EpochThatTheLeaderNeverHadIsACut) {
    FetchPositions positions;
    positions.assign(kPartition, StartAt::at(Offset(7), LeaderEpoch(4)));
    positions.leader_known(kPartition, LeaderEpoch(5), kTopic);
    positions.validated(kPartition, LeaderEpoch(2), Offset(6));
    EXPECT_EQ(positions.take_failures().at(0).cut_at, Offset(6));
}

TEST(FetchPositions, RecreatedTopicStopsThePartition) {
    FetchPositions positions = assigned_at(0);
    positions.leader_known(kPartition, LeaderEpoch(1), Uuid{{9}});
    EXPECT_EQ(positions.take_failures().at(0).error->code(), ErrorCode::kInconsistentTopicId);
    EXPECT_TRUE(positions.wanted().empty());
}

TEST(FetchPositions, HolesOfCompactionAreFine) {
    FetchPositions positions = assigned_at(0);
    const auto fetched =
        positions.take(only(positions), answer({batch(at(7), 2), batch(at(20), 1)}));
    EXPECT_EQ(fetched->next, Offset(21));
    EXPECT_FALSE(fetched->error);
}

// A transaction of producer 9: two records at 0 and 1, a foreign one at 2, its marker at 3.
FetchedPartition with_transaction(kafka::ControlType end) {
    kafka::BatchOptions transactional = at(0);
    transactional.transactional = true;
    transactional.producer_id = ProducerId(9);
    transactional.producer_epoch = ProducerEpoch(0);
    transactional.base_sequence = 0;
    kafka::BatchOptions marker = at(3);
    marker.producer_id = ProducerId(9);
    marker.producer_epoch = ProducerEpoch(0);
    kafka::BatchOptions later = transactional;
    later.base_offset = Offset(4);
    FetchPositions positions = assigned_at(0);
    PartitionData data = answer(
        {batch(transactional, 2),
         batch(at(2), 1),
         kafka::build_transaction_marker(marker, end, WallTime{1}, 0)->bytes(),
         batch(later, 1)}
    );
    if (end == kafka::ControlType::kAbort) data.aborted_transactions = {{ProducerId(9), Offset(0)}};
    return *positions.take(only(positions), data);
}

std::vector<std::int64_t> offsets(const FetchedPartition& fetched, Isolation isolation) {
    std::vector<std::int64_t> all;
    for (const ConsumerRecord& record : *records_of(fetched, isolation))
        all.push_back(record.record.offset.value);
    return all;
}

TEST(FetchedRecords, ReadCommittedLeavesOutAbortedTransactionsOnly) {
    const FetchedPartition aborted = with_transaction(kafka::ControlType::kAbort);
    EXPECT_EQ(offsets(aborted, Isolation::kReadCommitted), (std::vector<std::int64_t>{2, 4}));
    EXPECT_EQ(
        offsets(aborted, Isolation::kReadUncommitted), (std::vector<std::int64_t>{0, 1, 2, 4})
    );
    const FetchedPartition committed = with_transaction(kafka::ControlType::kCommit);
    EXPECT_EQ(
        offsets(committed, Isolation::kReadCommitted), (std::vector<std::int64_t>{0, 1, 2, 4})
    );
}

}  // namespace
}  // namespace sealane::client
