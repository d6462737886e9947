// Compaction's deciders: what is due, which keys are latest, what becomes of a batch.

#include "broker/log/batch_cleaner.hpp"
#include "broker/log/cleaning_plan.hpp"
#include "common/kafka/records/control_record.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

using kafka::RecordBatch;

constexpr std::int64_t kDay = 24LL * 3600'000;
constexpr WallTime kNow{1'700'000'000'000};

CleaningSegment segment(
    std::int64_t base, std::int64_t next, std::uint64_t size, std::int64_t max_ms = 1000
) {
    return {Offset(base), Offset(next), size, WallTime{max_ms}, WallTime{max_ms}};
}

LogConfig compacted() {
    LogConfig config;
    config.compacts = true;
    return config;
}

TEST(CleaningPlan, DirtyRatioDecides) {
    const std::vector<CleaningSegment> segments{
        segment(0, 10, 100), segment(10, 20, 50), segment(20, 30, 50)
    };
    const CleaningState state{Offset(0), Offset(10), Offset(30), kNow};
    LogConfig config = compacted();
    DirtyRange range = plan_cleaning(config, segments, state);
    EXPECT_EQ(range.from, Offset(10));
    EXPECT_EQ(range.to, Offset(30));
    EXPECT_EQ(range.due.clean_bytes, 100U);
    EXPECT_EQ(range.due.dirty_bytes, 100U);
    EXPECT_FALSE(range.due.due);  // 0.5 is not above 0.5
    config.min_cleanable_dirty_ratio = 0.49;
    EXPECT_TRUE(plan_cleaning(config, segments, state).due.due);
    config.compacts = false;
    EXPECT_FALSE(plan_cleaning(config, segments, state).due.due);
}

TEST(CleaningPlan, NothingAboveTheBoundOrTooYoungIsTouched) {
    const std::vector<CleaningSegment> segments{
        segment(0, 10, 100, kNow.ms - 5000),
        segment(10, 20, 100, kNow.ms - 1000),
        segment(20, 30, 100, kNow.ms - 9000)
    };
    LogConfig config = compacted();
    EXPECT_EQ(
        plan_cleaning(config, segments, {Offset(0), Offset(0), Offset(29), kNow}).to, Offset(20)
    );
    config.min_compaction_lag_ms = 2000;
    EXPECT_EQ(
        plan_cleaning(config, segments, {Offset(0), Offset(0), Offset(30), kNow}).to, Offset(10)
    );
    config.min_compaction_lag_ms = 20'000;
    const DirtyRange none =
        plan_cleaning(config, segments, {Offset(0), Offset(0), Offset(30), kNow});
    EXPECT_EQ(none.from, none.to);
    EXPECT_FALSE(none.due.due);
}

TEST(CleaningPlan, OldDirtyRecordsAreDueWhateverTheRatio) {
    const std::vector<CleaningSegment> segments{
        segment(0, 10, 1000), segment(10, 20, 1, kNow.ms - 5000)
    };
    LogConfig config = compacted();
    const CleaningState state{Offset(0), Offset(10), Offset(20), kNow};
    EXPECT_FALSE(plan_cleaning(config, segments, state).due.due);
    config.max_compaction_lag_ms = 5000;
    EXPECT_FALSE(plan_cleaning(config, segments, state).due.due);
    config.max_compaction_lag_ms = 4999;
    EXPECT_TRUE(plan_cleaning(config, segments, state).due.due);
}

TEST(CleaningPlan, TheDirtyPartBeginsAtTheLogStartAtTheEarliest) {
    const std::vector<CleaningSegment> segments{segment(0, 10, 100), segment(10, 20, 100)};
    const DirtyRange range =
        plan_cleaning(compacted(), segments, {Offset(12), Offset(3), Offset(20), kNow});
    EXPECT_EQ(range.from, Offset(12));
    EXPECT_EQ(range.to, Offset(20));
}

TEST(CleaningPlan, GroupsStayWithinSegmentIndexAndOffsets) {
    LogConfig config = compacted();
    config.segment_bytes = 250;
    std::vector<CleaningSegment> segments{
        segment(0, 10, 100), segment(10, 20, 100), segment(20, 30, 100)
    };
    EXPECT_EQ(group_size(config, segments), 2U);
    segments.front().size = 300;
    EXPECT_EQ(group_size(config, segments), 1U);
    segments.front().size = 1;
    segments[1].next_base = Offset(INT32_MAX);
    segments[2] = segment(INT32_MAX, std::int64_t{INT32_MAX} + 2, 1);
    EXPECT_EQ(group_size(config, segments), 2U);
    config.index_interval_bytes = 10;
    config.segment_index_bytes = 12 * 11;
    segments = {segment(0, 10, 60), segment(10, 20, 40), segment(20, 30, 10)};
    EXPECT_EQ(group_size(config, segments), 2U);
}

ByteView key(const std::string& text) {
    return as_bytes(text);
}

TEST(KeyMap, LaterOffsetsWin) {
    KeyMap map(1000, 1U << 20U, 7);
    for (int i = 0; i < 3000; ++i) map.put(key("k" + std::to_string(i % 1000)), Offset(i));
    EXPECT_EQ(map.size(), 1000U);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(map.latest(key("k" + std::to_string(i))), Offset(2000 + i));
    }
    EXPECT_EQ(map.latest(key("other")), kNoOffset);
    map.put(key(""), Offset(3000));
    EXPECT_EQ(map.latest(key("")), Offset(3000));
}

TEST(KeyMap, TakesNoMoreThanItsBytes) {
    KeyMap map(1'000'000, KeyMap::kSlotBytes * 100, 7);
    EXPECT_EQ(map.room(), 90U);
    for (int i = 0; map.room() > 0; ++i) map.put(key(std::to_string(i)), Offset(i));
    EXPECT_EQ(map.size(), 90U);
    map.put(key("3"), Offset(500));  // it is known
    EXPECT_EQ(map.latest(key("3")), Offset(500));
    KeyMap least(1, 1, 7);
    EXPECT_EQ(least.room(), 1U);
}

struct Entry {
    std::optional<std::string> key;
    std::optional<std::string> value;
};

RecordBatch batch_at(
    std::int64_t base, const std::vector<Entry>& entries, kafka::BatchOptions options = {}
) {
    options.base_offset = Offset(base);
    options.leader_epoch = LeaderEpoch(3);
    kafka::RecordBatchBuilder builder(options);
    std::int64_t i = 0;
    for (const Entry& entry : entries) {
        kafka::Record record = kafka::text_record(entry.key, entry.value, WallTime{kNow.ms + i++});
        record.headers.push_back({"h", BufferSlice::copy_of("header")});
        EXPECT_TRUE(builder.add(record));
    }
    auto made = std::move(builder).build();
    EXPECT_TRUE(made);
    return *made;
}

// A cleaner whose map holds these keys.
struct Bench {
    KeyMap map{100, 1U << 16U, 3};
    WallTime now = kNow;
    bool keeps = false;
    std::vector<AbortedRange> aborted;
    Offset mapped_to{1000};
    std::optional<BatchCleaner> cleaner;

    Result<CleanedBatch> clean(const RecordBatch& batch) {
        if (!cleaner) {
            CleaningRules rules{map, mapped_to, now, kDay, [this](const auto&) { return keeps; }};
            cleaner.emplace(rules, aborted);
        }
        return cleaner->clean(batch);
    }
    RecordBatch rebuilt(const RecordBatch& batch) {
        const auto cleaned = clean(batch);
        EXPECT_TRUE(cleaned);
        auto parsed = RecordBatch::parse(cleaned->bytes);
        EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().to_string());
        EXPECT_TRUE(parsed->view().check_crc());
        return *parsed;
    }
    void note(const RecordBatch& batch) {
        TransactionRemains remains(aborted);
        const auto noted = note_keys(batch, remains, map);
        ASSERT_TRUE(noted);
        EXPECT_TRUE(*noted);
    }
};

TEST(BatchCleaner, LatestRecordsStayWithTheirOffsetsTimesAndHeaders) {
    using kafka::Codec;
    for (const Codec codec :
         {Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd}) {
        kafka::BatchOptions options;
        options.codec = codec;
        options.producer_id = ProducerId(9);
        options.producer_epoch = ProducerEpoch(2);
        options.base_sequence = 40;
        const RecordBatch before =
            batch_at(10, {{"a", "1"}, {"b", "2"}, {"a", "3"}, {std::nullopt, "x"}}, options);
        Bench bench;
        bench.note(before);
        bench.note(batch_at(20, {{"b", "4"}}));
        const RecordBatch after = bench.rebuilt(before);
        EXPECT_EQ(after->base_offset(), Offset(10));
        EXPECT_EQ(after->last_offset(), Offset(13));
        EXPECT_EQ(after->leader_epoch(), LeaderEpoch(3));
        EXPECT_EQ(after->codec(), codec);
        EXPECT_EQ(after->producer_id(), ProducerId(9));
        EXPECT_EQ(after->producer_epoch(), ProducerEpoch(2));
        EXPECT_EQ(after->base_sequence(), 40);
        EXPECT_EQ(after->last_sequence(), 43);
        EXPECT_EQ(after->max_timestamp(), WallTime{kNow.ms + 2});
        const auto records = kafka::read_records(after);
        ASSERT_TRUE(records);
        ASSERT_EQ(records->size(), 1U);
        const auto all = kafka::read_records(before);
        EXPECT_EQ(records->front(), (*all)[2]);
    }
}

TEST(BatchCleaner, WhatNothingSupersedesIsTheSameBytes) {
    const RecordBatch batch = batch_at(0, {{"a", "1"}, {"b", "2"}});
    Bench bench;
    bench.note(batch);
    const auto cleaned = bench.clean(batch);
    ASSERT_TRUE(cleaned);
    EXPECT_EQ(cleaned->bytes.data(), batch.bytes().data());
    EXPECT_EQ(cleaned->dropped, 0U);
}

TEST(BatchCleaner, NothingAboveTheMappedPartIsTouched) {
    Bench bench;
    bench.mapped_to = Offset(5);
    bench.map.put(key("a"), Offset(4));
    const RecordBatch above = batch_at(5, {{std::nullopt, "1"}, {"a", std::nullopt}});
    EXPECT_EQ(bench.clean(above)->bytes.data(), above.bytes().data());
}

TEST(BatchCleaner, TombstonesLeaveWhenTheirHorizonHasPassed) {
    for (const auto codec : {kafka::Codec::kNone, kafka::Codec::kLz4}) {
        kafka::BatchOptions options;
        options.codec = codec;
        const RecordBatch first = batch_at(0, {{"a", std::nullopt}, {"b", "2"}}, options);
        Bench bench;
        bench.note(first);
        const RecordBatch marked = bench.rebuilt(first);
        EXPECT_TRUE(marked->attributes().has_delete_horizon());
        EXPECT_EQ(marked->base_timestamp(), WallTime{kNow.ms + kDay});
        EXPECT_EQ(kafka::read_records(marked).value(), kafka::read_records(first).value());
        // A cleaning before the horizon keeps it, and does not move it.
        Bench again;
        again.note(first);
        again.now = WallTime{kNow.ms + kDay - 1};
        EXPECT_EQ(again.clean(marked)->bytes.data(), marked.bytes().data());
        Bench later;
        later.note(first);
        later.now = WallTime{kNow.ms + kDay};
        const RecordBatch rest = later.rebuilt(marked);
        const auto records = kafka::read_records(rest);
        ASSERT_EQ(records->size(), 1U);
        EXPECT_EQ(records->front(), kafka::read_records(first).value()[1]);
    }
}

TEST(BatchCleaner, ABatchWithoutRecordsGoesUnlessItsHeaderIsWanted) {
    kafka::BatchOptions options;
    options.codec = kafka::Codec::kZstd;
    options.producer_id = ProducerId(9);
    options.producer_epoch = ProducerEpoch(2);
    options.base_sequence = 40;
    const RecordBatch batch = batch_at(0, {{"a", "1"}, {"a", "2"}}, options);
    Bench bench;
    bench.map.put(key("a"), Offset(7));
    EXPECT_TRUE(bench.clean(batch)->bytes.empty());
    EXPECT_EQ(bench.clean(batch)->dropped, 2U);
    bench.keeps = true;
    const RecordBatch header = bench.rebuilt(batch);
    EXPECT_EQ(header->record_count(), 0);
    EXPECT_EQ(header->last_offset(), Offset(1));
    EXPECT_EQ(header->last_sequence(), 41);
    EXPECT_EQ(header->codec(), kafka::Codec::kNone);
    EXPECT_EQ(header->max_timestamp(), batch->max_timestamp());
    EXPECT_EQ(header.size(), kafka::batch_layout::kHeaderSize);
    EXPECT_TRUE(kafka::read_records(header)->empty());
    EXPECT_EQ(bench.clean(header)->bytes.data(), header.bytes().data());
    bench.keeps = false;
    EXPECT_TRUE(bench.clean(header)->bytes.empty());
}

TEST(BatchCleaner, BytesThatAreNoRecordsAreRefused) {
    const RecordBatch batch = batch_at(0, {{"a", "1"}});
    MutableBuffer bytes(batch.size());
    std::ranges::copy(batch.bytes().view(), bytes.data());
    bytes.data()[kafka::batch_layout::kRecords] = std::byte{0x7f};
    const auto broken = RecordBatch::parse(std::move(bytes).freeze());
    Bench bench;
    const auto cleaned = bench.clean(*broken);
    ASSERT_FALSE(cleaned);
    EXPECT_EQ(cleaned.error().code(), ErrorCode::kCorruptMessage);
}

kafka::BatchOptions transaction(std::int64_t base, std::int64_t producer) {
    kafka::BatchOptions options;
    options.base_offset = Offset(base);
    options.producer_id = ProducerId(producer);
    options.producer_epoch = ProducerEpoch(0);
    options.base_sequence = 0;
    options.transactional = true;
    return options;
}

RecordBatch marker(std::int64_t base, std::int64_t producer, kafka::ControlType type) {
    kafka::BatchOptions options = transaction(base, producer);
    options.base_sequence = kafka::kNoSequence;
    return *kafka::build_transaction_marker(options, type, kNow, 1);
}

TEST(BatchCleaner, AbortedRecordsGoAndNeitherCountAsLatest) {
    Bench bench;
    bench.aborted = {{ProducerId(5), Offset(1), Offset(2)}};
    const RecordBatch kept = batch_at(0, {{"a", "1"}});
    const RecordBatch aborted = batch_at(1, {{"a", "2"}}, transaction(1, 5));
    const RecordBatch end = marker(2, 5, kafka::ControlType::kAbort);
    const RecordBatch next = batch_at(3, {{"b", "3"}}, transaction(3, 5));
    const RecordBatch commit = marker(4, 5, kafka::ControlType::kCommit);
    TransactionRemains remains(bench.aborted);
    for (const RecordBatch& batch : {kept, aborted, end, next, commit}) {
        ASSERT_TRUE(note_keys(batch, remains, bench.map).value());
    }
    EXPECT_EQ(bench.map.latest(key("a")), Offset(0));
    EXPECT_FALSE(bench.clean(kept)->bytes.empty());
    EXPECT_TRUE(bench.clean(aborted)->bytes.empty());
    // Its marker stays while the batch may still be seen by readers of this pass.
    EXPECT_EQ(bench.clean(end)->bytes.data(), end.bytes().data());
    EXPECT_FALSE(bench.clean(next)->bytes.empty());
    EXPECT_EQ(bench.clean(commit)->bytes.data(), commit.bytes().data());
}

TEST(BatchCleaner, AMarkerOfNothingLeavesAfterItsHorizon) {
    const RecordBatch end = marker(2, 5, kafka::ControlType::kAbort);
    // The range is still known, its records are gone: what comes later is another transaction's.
    Bench bench;
    bench.aborted = {{ProducerId(5), Offset(1), Offset(2)}};
    const RecordBatch marked = bench.rebuilt(end);
    EXPECT_TRUE(marked->attributes().has_delete_horizon());
    EXPECT_TRUE(marked->is_control());
    EXPECT_EQ(kafka::read_records(marked).value(), kafka::read_records(end).value());
    Bench later;
    later.aborted = bench.aborted;
    later.now = WallTime{kNow.ms + kDay};
    EXPECT_TRUE(later.clean(marked)->bytes.empty());
    const RecordBatch next = batch_at(3, {{"b", "3"}}, transaction(3, 5));
    EXPECT_FALSE(later.clean(next)->bytes.empty());
}

TEST(BatchCleaner, ControlBatchesOfOtherTypesStay) {
    const RecordBatch other =
        *kafka::build_control_batch({}, 0x5EA1, kNow, as_bytes(std::string_view("v")));
    Bench bench;
    EXPECT_EQ(bench.clean(other)->bytes.data(), other.bytes().data());
    bench.note(other);
    EXPECT_EQ(bench.map.size(), 0U);
}

}  // namespace
}  // namespace sealane::broker
