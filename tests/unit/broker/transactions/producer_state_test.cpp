#include "broker/transactions/producer_state.hpp"

#include "common/base/crc32c.hpp"
#include "common/base/endian.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

struct Written {
    std::int64_t producer = 7;
    std::int16_t epoch = 0;
    std::int32_t sequence = 0;
    std::int32_t records = 1;
};

kafka::RecordBatch batch_of(const Written& written, Offset base = Offset(0)) {
    kafka::BatchOptions options;
    options.producer_id = ProducerId(written.producer);
    options.producer_epoch = ProducerEpoch(written.epoch);
    options.base_sequence = written.sequence;
    options.base_offset = base;
    kafka::RecordBatchBuilder builder(options);
    for (std::int32_t i = 0; i < written.records; ++i) {
        EXPECT_TRUE(builder.add(WallTime{1000 + i}, std::nullopt, as_bytes("v")));
    }
    return *std::move(builder).build();
}

// A leader's log, as far as producer state sees it.
class Log {
 public:
    Result<std::optional<DuplicateAppend>> admit(const Written& written) {
        const kafka::RecordBatch batch = batch_of(written, end);
        const std::array views{batch.view()};
        auto answer = state.admit(views, AppendOrigin::kClient);
        if (answer && !*answer) {
            state.apply(batch.view(), AppendOrigin::kClient);
            end = batch->next_offset();
        }
        return answer;
    }
    bool appends(const Written& written) {
        const auto answer = admit(written);
        return answer && !*answer;
    }
    ErrorCode refusal(const Written& written) {
        const auto answer = admit(written);
        return answer ? ErrorCode::kNone : answer.error().code();
    }
    ProducerState state;
    Offset end{100};
};

TEST(ProducerState, RepeatsOfTheLastFiveBatchesAreAnsweredAsTheFirstTime) {
    Log log;
    for (std::int32_t i = 0; i < 8; ++i)
        EXPECT_TRUE(log.appends({.sequence = i * 3, .records = 3}));
    for (std::int32_t i = 3; i < 8; ++i) {
        const auto answer = log.admit({.sequence = i * 3, .records = 3});
        ASSERT_TRUE(answer.has_value() && answer->has_value()) << i;
        EXPECT_EQ((*answer)->base_offset, Offset(100 + i * 3));
        EXPECT_EQ((*answer)->last_offset, Offset(100 + i * 3 + 2));
    }
    EXPECT_EQ(log.refusal({.sequence = 6, .records = 3}), ErrorCode::kOutOfOrderSequenceNumber);
    EXPECT_EQ(log.end, Offset(124));
}

TEST(ProducerState, SequencesContinueAndWrap) {
    Log log;
    EXPECT_TRUE(log.appends({.sequence = INT32_MAX - 1, .records = 2}));  // unknown: any
    EXPECT_EQ(log.refusal({.sequence = 1}), ErrorCode::kOutOfOrderSequenceNumber);
    EXPECT_TRUE(log.appends({.sequence = 0}));
    EXPECT_EQ(log.refusal({.sequence = 2}), ErrorCode::kOutOfOrderSequenceNumber);
    EXPECT_TRUE(log.appends({.sequence = 1}));
}

TEST(ProducerState, ANewEpochStartsAtZeroAndFencesTheOld) {
    Log log;
    EXPECT_TRUE(log.appends({.sequence = 0}));
    EXPECT_EQ(log.refusal({.epoch = 2, .sequence = 1}), ErrorCode::kOutOfOrderSequenceNumber);
    EXPECT_TRUE(log.appends({.epoch = 2, .sequence = 0}));
    EXPECT_EQ(log.refusal({.epoch = 1, .sequence = 0}), ErrorCode::kInvalidProducerEpoch);
    const auto again = log.admit({.epoch = 2, .sequence = 0});
    EXPECT_TRUE(again.has_value() && again->has_value());
}

TEST(ProducerState, BatchesOfOtherLeadersAreTakenAsTheyAre) {
    ProducerState state;
    const kafka::RecordBatch batch = batch_of({.sequence = 50, .records = 5}, Offset(10));
    state.apply(batch.view(), AppendOrigin::kAsIs);
    const kafka::RecordBatch next = batch_of({.sequence = 99});
    const std::array later{next.view()};
    EXPECT_TRUE(state.admit(later, AppendOrigin::kAsIs).has_value());
    EXPECT_FALSE(state.admit(later, AppendOrigin::kClient).has_value());
    EXPECT_EQ(state.next_unused_id(), 8);
}

TEST(ProducerState, SnapshotsBringEverythingBack) {
    Log log;
    for (std::int64_t producer = 0; producer < 50; ++producer) {
        for (std::int32_t i = 0; i <= producer % 7; ++i) {
            EXPECT_TRUE(log.appends({.producer = producer, .sequence = i * 2, .records = 2}));
        }
    }
    ProducerState restored;
    ASSERT_TRUE(restored.load(log.state.snapshot(log.end)).has_value());
    EXPECT_EQ(restored.entries(), log.state.entries());
    EXPECT_EQ(restored.next_unused_id(), 50);
}

TEST(ProducerState, KafkasSnapshotIsRead) {
    // Version 1, checksum, one producer: id 7, epoch 1, last sequence 4, last offset 90, delta 4.
    std::string bytes("\0\1\0\0\0\0\0\0\0\1", 10);
    bytes += std::string("\0\0\0\0\0\0\0\7\0\1\0\0\0\4\0\0\0\0\0\0\0\x5a\0\0\0\4", 26);
    bytes += std::string("\0\0\0\0\0\0\x03\xe8\xff\xff\xff\xff", 12) + std::string(8, '\xff');
    const MutableByteView view = std::as_writable_bytes(std::span(bytes));
    store_be<std::uint32_t>(view.data() + 2, crc32c(view.subspan(6)));
    ProducerState state;
    ASSERT_TRUE(state.load(BufferSlice::copy_of(bytes)).has_value());
    ASSERT_EQ(state.entries().size(), 1U);
    const ProducedBatch* latest = state.entries().at(ProducerId(7)).latest();
    ASSERT_NE(latest, nullptr);
    EXPECT_EQ(latest->first_sequence, 0);
    EXPECT_EQ(latest->base_offset(), Offset(86));
    bytes[12] = 1;
    EXPECT_EQ(state.load(BufferSlice::copy_of(bytes)).error().code(), ErrorCode::kCorrupt);
}

TEST(ProducerState, EveryCutSnapshotIsRefused) {
    Log log;
    for (std::int32_t i = 0; i < 6; ++i) EXPECT_TRUE(log.appends({.sequence = i}));
    const BufferSlice whole = log.state.snapshot(log.end);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        ProducerState state;
        EXPECT_FALSE(state.load(whole.slice(0, size)).has_value()) << size;
    }
}

TEST(ProducerState, ProducersThatAreGoneAreForgotten) {
    Log log;
    EXPECT_TRUE(log.appends({.producer = 1, .sequence = 0}));
    log.state.expire(WallTime{1000});
    EXPECT_EQ(log.state.entries().size(), 1U);
    log.state.expire(WallTime{1001});
    EXPECT_TRUE(log.state.entries().empty());
    EXPECT_TRUE(log.appends({.producer = 1, .sequence = 77}));
}

}  // namespace
}  // namespace sealane::broker
