#include "common/kafka/records/produce_validation.hpp"

#include "common/base/crc32c.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/control_record.hpp"
#include "tests/unit/common/kafka/records/batch_samples.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

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

// The records of a batch replaced by other bytes, checksum and length right.
BufferSlice with_records(ByteView records, std::int32_t count) {
    using namespace batch_layout;
    const BufferSlice good = batch_of({}, 1).bytes();
    MutableBuffer block(kRecords + records.size());
    std::memcpy(block.data(), good.data(), kRecords);
    std::memcpy(block.data() + kRecords, records.data(), records.size());
    store_be(block.data() + kLength, static_cast<std::int32_t>(block.size() - kLengthEnd));
    store_be(block.data() + kLastOffsetDelta, count - 1);
    store_be(block.data() + kRecordCount, count);
    store_be(block.data() + kCrc, crc32c(block.view().subspan(kChecksummed)));
    return std::move(block).freeze();
}

TEST(ProduceValidation, RefusesRecordsThatNoConsumerCouldRead) {
    using namespace batch_layout;
    const BufferSlice three = batch_of({}, 3).bytes().from(kRecords);
    EXPECT_EQ(outcome(with_records(three.view(), 3)), ErrorCode::kNone);
    EXPECT_EQ(outcome(with_records(three.view(), 2)), ErrorCode::kCorruptMessage);
    EXPECT_EQ(outcome(with_records(three.view(), 1000)), ErrorCode::kCorruptMessage);
    for (std::size_t size = 0; size < three.size(); ++size)
        EXPECT_NE(outcome(with_records(three.view().first(size), 3)), ErrorCode::kNone) << size;
    const std::vector<std::byte> nonsense(40, std::byte{0xff});
    EXPECT_EQ(outcome(with_records(nonsense, 1)), ErrorCode::kCorruptMessage);
    // length 7, attributes, timestamp 0, offset delta 1, null key and value, no headers
    constexpr std::array<std::byte, 7> kSecond = {
        std::byte{12},
        std::byte{0},
        std::byte{0},
        std::byte{2},
        std::byte{1},
        std::byte{1},
        std::byte{0}
    };
    EXPECT_EQ(outcome(with_records(kSecond, 1)), ErrorCode::kInvalidRecord);
}

// What the quick check lets through is what the thorough one lets through.
TEST(ProduceValidation, QuickAndThoroughChecksAgreeOnDamagedRecords) {
    using namespace batch_layout;
    const BufferSlice three = batch_of({}, 3).bytes().from(kRecords);
    for (std::size_t at = 0; at < three.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            MutableBuffer damaged = mutable_copy(three.view());
            damaged.data()[at] ^= static_cast<std::byte>(1U << bit);
            const BufferSlice batch = with_records(damaged.view(), 3);
            EXPECT_EQ(
                outcome(batch) == ErrorCode::kNone,
                outcome(batch, {.deep = true}) == ErrorCode::kNone
            ) << at
              << " bit " << bit;
        }
    }
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
    EXPECT_NE(outcome(lying), ErrorCode::kNone);  // the header alone looks right
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
