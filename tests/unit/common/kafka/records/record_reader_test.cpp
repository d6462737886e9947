// Reader and builder against each other and against batches with known bytes.

#include "common/kafka/records/record_reader.hpp"

#include "common/base/crc32c.hpp"
#include "common/base/rng.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/control_record.hpp"
#include "tests/unit/common/kafka/records/batch_samples.hpp"

#include <gtest/gtest.h>

namespace sealane::kafka {
namespace {

std::vector<Record> sample_records() {
    std::vector<Record> records{
        text_record("k1", "hello", WallTime{kSampleTime}),
        text_record(std::nullopt, "world", WallTime{kSampleTime + 5}),
        text_record("k1", std::nullopt, WallTime{kSampleTime + 7}),
    };
    records[1].headers = {{"h", BufferSlice::copy_of("v")}};
    records[2].headers = {{"n", std::nullopt}};
    for (int i = 0; i < 3; ++i) records[static_cast<std::size_t>(i)].offset = Offset(100 + i);
    return records;
}

RecordBatch parsed(std::string_view hex) {
    return *RecordBatch::parse(from_hex(hex));
}

Record random_record(Rng& rng) {
    const auto maybe_bytes = [&rng]() -> std::optional<BufferSlice> {
        if (rng.chance(1, 5)) return std::nullopt;
        return BufferSlice::copy_of(std::string(rng.below(300), static_cast<char>(rng.below(256))));
    };
    Record record;
    record.timestamp = WallTime{kSampleTime + rng.between(-5000, 5000)};
    record.key = maybe_bytes();
    record.value = maybe_bytes();
    for (std::uint64_t i = rng.below(4); i > 0; --i)
        record.headers.push_back({std::string(rng.below(20), 'h'), maybe_bytes()});
    return record;
}

TEST(RecordReader, ReadsKeysValuesHeadersAndTimes) {
    const auto records = read_records(parsed(kThreeRecords));
    ASSERT_TRUE(records) << records.error().to_string();
    EXPECT_EQ(*records, sample_records());
}

TEST(RecordBatchBuilder, WritesTheBytesThatJavaWrites) {
    BatchOptions options;
    options.base_offset = Offset(100);
    options.leader_epoch = LeaderEpoch(3);
    RecordBatchBuilder builder(options);
    for (const Record& record : sample_records()) ASSERT_TRUE(builder.add(record));
    EXPECT_EQ(to_hex((*std::move(builder).build()).bytes().view()), kThreeRecords);
}

TEST(RecordBatchBuilder, WritesTransactionMarkers) {
    BatchOptions options;
    options.base_offset = Offset(103);
    options.leader_epoch = LeaderEpoch(3);
    options.producer_id = ProducerId(4001);
    options.producer_epoch = ProducerEpoch(2);
    const auto marker =
        build_transaction_marker(options, ControlType::kCommit, WallTime{kSampleTime + 100}, 7);
    EXPECT_EQ(to_hex(marker->bytes().view()), kCommitMarker);
    const auto records = read_records(*marker);
    EXPECT_EQ(*control_type_of(records->front()), ControlType::kCommit);
}

TEST(RecordReader, BatchEmptiedByCompactionHasNoRecords) {
    EXPECT_TRUE(read_records(parsed(kEmptied))->empty());
}

TEST(RecordReader, AppendTimeIsTheTimeOfEveryRecord) {
    MutableBuffer block = mutable_copy(from_hex(kThreeRecords).view());
    stamp_append_time(block.view(), WallTime{99});
    const auto records = read_records(*RecordBatch::parse(std::move(block).freeze()));
    for (const Record& record : *records) EXPECT_EQ(record.timestamp, WallTime{99});
}

TEST(RecordReader, RoundTripOfRandomRecordsThroughEveryCodec) {
    for (const Codec codec :
         {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
        Rng rng(std::to_underlying(codec) + 1);
        for (int round = 0; round < 20; ++round) {
            BatchOptions options;
            options.codec = codec;
            options.base_offset = Offset(static_cast<std::int64_t>(rng.below(1U << 30U)));
            RecordBatchBuilder builder(options);
            std::vector<Record> records;
            for (std::uint64_t i = 0; i <= rng.below(50); ++i) {
                records.push_back(random_record(rng));
                records.back().offset = options.base_offset + static_cast<std::int64_t>(i);
                ASSERT_TRUE(builder.add(records.back()));
            }
            const auto batch = std::move(builder).build();
            ASSERT_TRUE(batch);
            EXPECT_TRUE(batch->view().check_crc());
            EXPECT_EQ(*read_records(*batch), records);
        }
    }
}

TEST(RecordReader, EveryDamagedByteIsReadOrRefusedWithoutHarm) {
    const BufferSlice whole = from_hex(kThreeRecords);
    for (std::size_t at = batch_layout::kAttributes; at < whole.size(); ++at) {
        for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU}) {
            MutableBuffer copy = mutable_copy(whole.view());
            copy.data()[at] = static_cast<std::byte>(value);
            const auto batch = RecordBatch::parse(std::move(copy).freeze());
            if (batch) (void)read_records(*batch);
        }
    }
}

TEST(RecordReader, RefusesMoreAndFewerRecordsThanCounted) {
    for (const std::int32_t count : {2, 4, 1'000'000'000}) {
        MutableBuffer copy = mutable_copy(from_hex(kThreeRecords).view());
        store_be(copy.data() + batch_layout::kRecordCount, count);
        const auto records = read_records(*RecordBatch::parse(std::move(copy).freeze()));
        ASSERT_FALSE(records);
        EXPECT_EQ(records.error().code(), ErrorCode::kCorruptMessage);
    }
}

TEST(RecordReader, BombIsRefusedByTheLimit) {
    BatchOptions options;
    options.codec = Codec::kZstd;
    const RecordBatch batch = batch_of(options, 1, std::string(10'000'000, 'x'));
    EXPECT_LT(batch.size(), 5000U);
    const auto refused = read_records(batch, 1'000'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfBounds);
}

TEST(RecordBatchBuilder, RefusesWhatExceedsTheSizeLimitButTakesTheFirst) {
    BatchOptions options;
    options.size_limit = 200;
    RecordBatchBuilder builder(options);
    EXPECT_TRUE(builder.add(text_record("k", std::string(300, 'x'))));
    EXPECT_FALSE(builder.add(text_record("k", "x")));
    EXPECT_EQ(builder.record_count(), 1);
    const std::size_t announced = builder.size();
    EXPECT_EQ(std::move(builder).build()->size(), announced);
}

TEST(RecordBatchBuilder, KeepsGapsBetweenOffsets) {
    RecordBatchBuilder builder({});
    ASSERT_TRUE(builder.add_at(Offset(3), text_record("a", "1")));
    ASSERT_TRUE(builder.add_at(Offset(9), text_record("b", "2")));
    const RecordBatch batch = *std::move(builder).build();
    EXPECT_EQ(batch.view().last_offset(), Offset(9));
    EXPECT_EQ((*read_records(batch))[0].offset, Offset(3));
    EXPECT_EQ((*read_records(batch))[1].offset, Offset(9));
}

TEST(ControlRecord, KeyThatIsTooShortIsCorrupt) {
    EXPECT_FALSE(control_type_of(text_record("ab", "")));
    EXPECT_FALSE(control_type_of(text_record(std::nullopt, "")));
}

}  // namespace
}  // namespace sealane::kafka
