#include "common/kafka/records/record_batch.hpp"

#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "tests/unit/common/kafka/records/batch_samples.hpp"

#include <gtest/gtest.h>

namespace sealane::kafka {
namespace {

BufferSlice joined(std::initializer_list<BufferSlice> parts) {
    BufferChain chain;
    for (const BufferSlice& part : parts) chain.append(part);
    return chain.joined();
}

// The sample with one byte replaced.
BufferSlice with_byte(std::size_t at, std::uint8_t value) {
    MutableBuffer copy = mutable_copy(from_hex(kThreeRecords).view());
    copy.data()[at] = std::byte{value};
    return std::move(copy).freeze();
}

TEST(RecordBatchView, ReadsEveryHeaderField) {
    const auto batch = RecordBatch::parse(from_hex(kCommitMarker));
    ASSERT_TRUE(batch);
    const RecordBatchView view = batch->view();
    EXPECT_EQ(view.base_offset(), Offset(103));
    EXPECT_EQ(view.last_offset(), Offset(103));
    EXPECT_EQ(view.next_offset(), Offset(104));
    EXPECT_EQ(view.leader_epoch(), LeaderEpoch(3));
    EXPECT_EQ(view.codec(), Codec::kNone);
    EXPECT_EQ(view.timestamp_type(), TimestampType::kCreateTime);
    EXPECT_TRUE(view.is_transactional());
    EXPECT_TRUE(view.is_control());
    EXPECT_EQ(view.base_timestamp(), WallTime{kSampleTime + 100});
    EXPECT_EQ(view.max_timestamp(), WallTime{kSampleTime + 100});
    EXPECT_EQ(view.producer_id(), ProducerId(4001));
    EXPECT_EQ(view.producer_epoch(), ProducerEpoch(2));
    EXPECT_EQ(view.base_sequence(), kNoSequence);
    EXPECT_EQ(view.last_sequence(), kNoSequence);
    EXPECT_EQ(view.record_count(), 1);
    EXPECT_TRUE(view.check_crc());
}

TEST(RecordBatchView, KeepsLastOffsetOfBatchEmptiedByCompaction) {
    const auto batch = RecordBatch::parse(from_hex(kEmptied));
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->view().record_count(), 0);
    EXPECT_EQ(batch->view().last_offset(), Offset(113));
    EXPECT_EQ(batch->view().last_sequence(), 24);
    EXPECT_TRUE(batch->view().check_crc());
}

TEST(RecordBatchView, WrapsSequencesToZero) {
    EXPECT_EQ(advance_sequence(INT32_MAX, 1), 0);
    EXPECT_EQ(advance_sequence(INT32_MAX - 1, 1), INT32_MAX);
    EXPECT_EQ(advance_sequence(5, 3), 8);
}

TEST(RecordBatchView, SaysWhichErrorTheHeaderHas) {
    const auto code = [](const BufferSlice& bytes) {
        return RecordBatchView::parse(bytes.view()).error().code();
    };
    EXPECT_EQ(code(with_byte(batch_layout::kMagic, 0)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(code(with_byte(batch_layout::kMagic, 1)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(code(with_byte(batch_layout::kMagic, 3)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(code(with_byte(batch_layout::kLength + 3, 48)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(code(with_byte(batch_layout::kLength, 0xff)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(code(with_byte(batch_layout::kLength, 0x7f)), ErrorCode::kOutOfBounds);
    EXPECT_EQ(code(with_byte(batch_layout::kAttributes + 1, 5)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(code(with_byte(batch_layout::kRecordCount, 0x80)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(code(with_byte(batch_layout::kLastOffsetDelta, 0x80)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(code(with_byte(batch_layout::kBaseOffset, 0x80)), ErrorCode::kCorruptMessage);
}

TEST(RecordBatchView, EveryTruncationIsOutOfBounds) {
    const BufferSlice whole = from_hex(kThreeRecords);
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const auto parsed = RecordBatchView::parse(whole.slice(0, n).view());
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().code(), ErrorCode::kOutOfBounds);
    }
}

TEST(RecordBatchView, ChecksumCoversEveryByteFromTheAttributesOn) {
    const BufferSlice whole = from_hex(kThreeRecords);
    for (std::size_t at = batch_layout::kBaseTimestamp; at < whole.size(); ++at) {
        const auto flipped = static_cast<std::uint8_t>(whole.data()[at] ^ std::byte{1});
        const auto batch = RecordBatch::parse(with_byte(at, flipped));
        if (batch) EXPECT_FALSE(batch->view().check_crc()) << at;
    }
}

TEST(BatchCursor, WalksBatchesAndIgnoresTheCutOffLastOne) {
    const BufferSlice cut = from_hex(kThreeRecords).slice(0, 80);
    const BufferSlice bytes = joined({from_hex(kThreeRecords), from_hex(kCommitMarker), cut});
    BatchCursor cursor(bytes, Truncation::kIsEnd);
    EXPECT_EQ((*cursor.next())->view().base_offset(), Offset(100));
    EXPECT_EQ((*cursor.next())->view().base_offset(), Offset(103));
    EXPECT_FALSE(cursor.next()->has_value());
    EXPECT_EQ(cursor.remaining(), cut.size());
}

TEST(BatchCursor, StrictCursorRefusesTheCutOffBatchAndSaysWhere) {
    const BufferSlice first = from_hex(kThreeRecords);
    BatchCursor cursor(joined({first, first.slice(0, 5)}), Truncation::kIsError);
    ASSERT_TRUE(cursor.next());
    const auto bad = cursor.next();
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code(), ErrorCode::kCorruptMessage);
    EXPECT_EQ(cursor.position(), first.size());
}

TEST(BatchCursor, StopsAtCorruptBatchEvenWhenTolerant) {
    const BufferSlice bytes = joined({from_hex(kCommitMarker), with_byte(batch_layout::kMagic, 9)});
    EXPECT_FALSE(split_batches(bytes, Truncation::kIsEnd));
}

TEST(BatchPatch, AssigningOffsetsKeepsTheChecksum) {
    MutableBuffer block = mutable_copy(from_hex(kThreeRecords).view());
    assign_offsets(block.view(), Offset(7'000'000'000), LeaderEpoch(12));
    const auto batch = RecordBatch::parse(std::move(block).freeze());
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->view().base_offset(), Offset(7'000'000'000));
    EXPECT_EQ(batch->view().leader_epoch(), LeaderEpoch(12));
    EXPECT_TRUE(batch->view().check_crc());
}

TEST(BatchPatch, PatchedFieldsHaveTheChecksumOfANewlyBuiltBatch) {
    BatchOptions wanted;
    wanted.producer_id = ProducerId(77);
    wanted.producer_epoch = ProducerEpoch(4);
    wanted.base_sequence = 1234;
    wanted.transactional = true;
    const RecordBatch expected = batch_of(wanted, 500);
    MutableBuffer block = mutable_copy(batch_of({}, 500).bytes().view());
    patch(
        block.view(),
        {.attributes = expected.view().attributes(),
         .producer_id = ProducerId(77),
         .producer_epoch = ProducerEpoch(4),
         .base_sequence = 1234}
    );
    EXPECT_EQ(std::move(block).freeze(), expected.bytes());
}

TEST(BatchPatch, AppendTimeReplacesTypeAndMaximum) {
    MutableBuffer block = mutable_copy(from_hex(kThreeRecords).view());
    stamp_append_time(block.view(), WallTime{42});
    const auto batch = RecordBatch::parse(std::move(block).freeze());
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->view().timestamp_type(), TimestampType::kLogAppendTime);
    EXPECT_EQ(batch->view().max_timestamp(), WallTime{42});
    EXPECT_TRUE(batch->view().check_crc());
}

TEST(BatchPatch, WrongChecksumStaysWrong) {
    MutableBuffer block = mutable_copy(with_byte(70, 0xee).view());
    patch(block.view(), {.producer_id = ProducerId(1)});
    EXPECT_FALSE(RecordBatch::parse(std::move(block).freeze())->view().check_crc());
}

}  // namespace
}  // namespace sealane::kafka
