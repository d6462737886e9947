#include "common/kafka/records/produce_validation.hpp"

#include "common/base/crc32c.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/control_record.hpp"
#include "tests/unit/common/kafka/records/batch_samples.hpp"

#include <gtest/gtest.h>

namespace sealane::kafka {
namespace {

ErrorCode outcome(const BufferSlice& records, const ProduceRules& rules = {}) {
    const auto batch = validate_produced(records, rules);
    return batch ? ErrorCode::kNone : batch.error().code();
}

// A good batch with some header bytes replaced and the checksum made right again.
template <class T>
BufferSlice forged(std::size_t at, T value, BatchOptions options = {}) {
    MutableBuffer block = mutable_copy(batch_of(options, 3).bytes().view());
    store_be(block.data() + at, value);
    store_be(
        block.data() + batch_layout::kCrc, crc32c(block.view().subspan(batch_layout::kChecksummed))
    );
    return std::move(block).freeze();
}

TEST(ProduceValidation, AcceptsOrdinaryIdempotentAndCompressedBatches) {
    EXPECT_EQ(outcome(batch_of({}, 3).bytes(), {.deep = true}), ErrorCode::kNone);
    BatchOptions idempotent;
    idempotent.producer_id = ProducerId(1);
    idempotent.producer_epoch = ProducerEpoch(0);
    idempotent.base_sequence = 0;
    idempotent.codec = Codec::kLz4;
    EXPECT_EQ(outcome(batch_of(idempotent, 3).bytes(), {.deep = true}), ErrorCode::kNone);
}

TEST(ProduceValidation, DemandsExactlyOneWholeBatch) {
    const BufferSlice one = batch_of({}, 3).bytes();
    BufferChain two(one);
    two.append(one);
    EXPECT_EQ(outcome({}), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(two.joined()), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(one.slice(0, one.size() - 1)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(outcome(one.slice(0, 30)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(outcome(forged<std::int8_t>(batch_layout::kMagic, 1)), ErrorCode::kInvalidRecord);
}

TEST(ProduceValidation, ChecksCountsAgainstOffsets) {
    using namespace batch_layout;
    EXPECT_EQ(outcome(forged<std::int64_t>(kBaseOffset, 5)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(forged<std::int32_t>(kLastOffsetDelta, 5)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(forged<std::int32_t>(kRecordCount, 0)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(forged<std::int32_t>(kRecordCount, 4)), ErrorCode::kInvalidRecord);
}

TEST(ProduceValidation, RefusesWrongChecksum) {
    MutableBuffer block = mutable_copy(batch_of({}, 3).bytes().view());
    block.data()[block.size() - 2] ^= std::byte{1};
    EXPECT_EQ(outcome(std::move(block).freeze()), ErrorCode::kCorruptMessage);
}

TEST(ProduceValidation, RefusesControlAndHalfIdempotentBatches) {
    using namespace batch_layout;
    EXPECT_EQ(outcome(forged<std::int16_t>(kAttributes, 0x20)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(forged<std::int16_t>(kAttributes, 0x40)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(forged<std::int16_t>(kAttributes, 0x10)), ErrorCode::kInvalidRecord);
    EXPECT_EQ(outcome(forged<std::int64_t>(kProducerId, 9)), ErrorCode::kInvalidRecord);
}

TEST(ProduceValidation, RefusesAppendTimeAndTimesOutOfBounds) {
    EXPECT_EQ(
        outcome(forged<std::int16_t>(batch_layout::kAttributes, 0x08)), ErrorCode::kInvalidTimestamp
    );
    const BufferSlice good = batch_of({}, 3).bytes();
    EXPECT_EQ(outcome(good, {.latest = {kSampleTime + 1}}), ErrorCode::kInvalidTimestamp);
    EXPECT_EQ(outcome(good, {.latest = {kSampleTime + 2}}), ErrorCode::kNone);
    EXPECT_EQ(outcome(good, {.earliest = {kSampleTime + 1}}), ErrorCode::kInvalidTimestamp);
}

TEST(ProduceValidation, BatchesWithoutTimestampsPassAnyBounds) {
    RecordBatchBuilder builder({});
    ASSERT_TRUE(builder.add(text_record("k", "v")));
    const BufferSlice batch = std::move(builder).build()->bytes();
    EXPECT_EQ(
        outcome(batch, {.deep = true, .earliest = {1000}, .latest = {2000}}), ErrorCode::kNone
    );
}

TEST(ProduceValidation, BoundsSizeAndZstd) {
    const BufferSlice good = batch_of({}, 3).bytes();
    EXPECT_EQ(outcome(good, {.max_batch_bytes = good.size()}), ErrorCode::kNone);
    EXPECT_EQ(outcome(good, {.max_batch_bytes = good.size() - 1}), ErrorCode::kMessageTooLarge);
    BatchOptions zstd;
    zstd.codec = Codec::kZstd;
    const BufferSlice packed = batch_of(zstd, 3).bytes();
    EXPECT_EQ(outcome(packed, {.api_version = 6}), ErrorCode::kUnsupportedCompressionType);
    EXPECT_EQ(outcome(packed, {.api_version = 7}), ErrorCode::kNone);
}

TEST(ProduceValidation, DeepCheckReadsOffsetsAndKeys) {
    RecordBatchBuilder gaps({});
    ASSERT_TRUE(gaps.add_at(Offset(0), text_record("a", "1")));
    ASSERT_TRUE(gaps.add_at(Offset(1), text_record(std::nullopt, "2")));
    const BufferSlice batch = std::move(gaps).build()->bytes();
    EXPECT_EQ(outcome(batch, {.deep = true}), ErrorCode::kNone);
    EXPECT_EQ(outcome(batch, {.key_required = true}), ErrorCode::kInvalidRecord);

    RecordBatchBuilder out_of_order({});
    ASSERT_TRUE(out_of_order.add_at(Offset(1), text_record("a", "1")));
    ASSERT_TRUE(out_of_order.add_at(Offset(3), text_record("b", "2")));
    MutableBuffer block = mutable_copy(std::move(out_of_order).build()->bytes().view());
    store_be<std::int32_t>(block.data() + batch_layout::kRecordCount, 4);
    store_be(
        block.data() + batch_layout::kCrc, crc32c(block.view().subspan(batch_layout::kChecksummed))
    );
    const BufferSlice lying = std::move(block).freeze();
    EXPECT_EQ(outcome(lying), ErrorCode::kNone);  // the header alone looks right
    EXPECT_NE(outcome(lying, {.deep = true}), ErrorCode::kNone);
}

TEST(ProduceValidation, DeepCheckStopsBombs) {
    BatchOptions options;
    options.codec = Codec::kGzip;
    const BufferSlice bomb = batch_of(options, 1, std::string(10'000'000, 'x')).bytes();
    EXPECT_EQ(
        outcome(bomb, {.deep = true, .decompressed_limit = 1'000'000}), ErrorCode::kMessageTooLarge
    );
}

}  // namespace
}  // namespace sealane::kafka
