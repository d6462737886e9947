// OriginIndex: what an aggregate topic remembers, with crashes at every batch boundary.
#include "broker/mirrored/origin_index.hpp"

#include "common/base/endian.hpp"
#include "common/base/rng.hpp"
#include "common/kafka/records/record_reader.hpp"
#include "tests/unit/broker/mirrored/run_batches.hpp"

#include <gtest/gtest.h>

#include <map>

namespace sealane::broker {
namespace {

using testing::append_bytes_of;
using testing::assigned;
using testing::origin_of;
using testing::run_of;

constexpr auto kMirror = AppendOrigin::kCoordinator;

std::vector<kafka::RecordBatchView> views(const std::vector<kafka::RecordBatch>& batches) {
    std::vector<kafka::RecordBatchView> out;
    for (const auto& batch : batches) out.push_back(batch.view());
    return out;
}

// A log of batches and the index over it.
struct Log {
    OriginIndex index;
    std::vector<kafka::RecordBatch> batches;
    [[nodiscard]] Offset end() const {
        return batches.empty() ? Offset(0) : batches.back()->next_offset();
    }
    Result<std::optional<DuplicateAppend>> append(const BufferSlice& bytes) {
        const auto split = *kafka::split_batches(bytes, kafka::Truncation::kIsError);
        auto admitted = index.admit(views(split), kMirror);
        if (!admitted || *admitted) return admitted;
        for (auto& batch : assigned(bytes, end())) {
            index.apply(batch.view(), kMirror);
            batches.push_back(std::move(batch));
        }
        return admitted;
    }
    // The index as recovery makes it from the batches.
    [[nodiscard]] OriginIndex replayed() const {
        OriginIndex fresh;
        for (const auto& batch : batches) fresh.apply(batch.view(), kMirror);
        return fresh;
    }
};

TEST(OriginIndex, ContinuesAnOriginExactly) {
    Log log;
    const auto seoul = origin_of("seoul");
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {run_of(Offset(0), {3, 2})})));
    EXPECT_EQ(log.index.map().position(seoul)->next, Offset(5));
    EXPECT_EQ(log.index.map().to_target(seoul, Offset(4)), Offset(5));  // one announcement before
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {run_of(Offset(5), {4})})));
    EXPECT_EQ(log.index.map().position(seoul)->next, Offset(9));
}

TEST(OriginIndex, RefusesAHole) {
    Log log;
    const auto seoul = origin_of("seoul");
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {run_of(Offset(0), {3})})));
    const auto refused = log.append(append_bytes_of(seoul, {run_of(Offset(4), {1})}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfOrderSequenceNumber);
}

TEST(OriginIndex, AnswersARetryAsADuplicate) {
    Log log;
    const auto seoul = origin_of("seoul");
    const BufferSlice bytes =
        append_bytes_of(seoul, {run_of(Offset(0), {3}), run_of(Offset(3), {2})});
    ASSERT_TRUE(log.append(bytes));
    const Offset end = log.end();
    const auto again = log.append(bytes);
    ASSERT_TRUE(again);
    ASSERT_TRUE(*again);
    EXPECT_EQ((*again)->base_offset, Offset(1));
    EXPECT_EQ(log.end(), end);
}

TEST(OriginIndex, RefusesAnAppendThatIsPartlyThere) {
    Log log;
    const auto seoul = origin_of("seoul");
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {run_of(Offset(0), {3})})));
    const auto mixed =
        log.append(append_bytes_of(seoul, {run_of(Offset(0), {3}), run_of(Offset(3), {2})}));
    ASSERT_FALSE(mixed);
    EXPECT_EQ(mixed.error().code(), ErrorCode::kOutOfOrderSequenceNumber);
}

TEST(OriginIndex, AHoleWithAReasonIsKept) {
    Log log;
    const auto seoul = origin_of("seoul");
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {run_of(Offset(0), {3})})));
    auto run = run_of(Offset(10), {2});
    run.expected_source_offset = Offset(3);
    run.hole_reason = kafka::kHoleInLedger;
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {run})));
    const auto runs = log.index.map().runs_from(&seoul, Offset(3), 10);
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].run.hole_base, Offset(3));
    EXPECT_EQ(runs[0].run.hole_reason, kafka::kHoleInLedger);
}

// The heart of it: whatever prefix of the log a crash leaves, the next position is what is there.
TEST(OriginIndex, ATornRunCountsOnlyWhatIsThere) {
    const auto seoul = origin_of("seoul");
    Log whole;
    ASSERT_TRUE(whole.append(
        append_bytes_of(seoul, {run_of(Offset(0), {3, 2, 4}), run_of(Offset(9), {1, 1})})
    ));
    for (std::size_t kept = 0; kept <= whole.batches.size(); ++kept) {
        Log log;
        log.batches.assign(
            whole.batches.begin(), whole.batches.begin() + static_cast<std::ptrdiff_t>(kept)
        );
        log.index = log.replayed();
        std::int64_t expected = 0;
        for (const auto& batch : log.batches)
            if (!batch->is_control()) expected += batch->record_count();
        const auto position = log.index.map().position(seoul);
        ASSERT_EQ(position ? position->next.value : 0, expected) << kept << " batches kept";
        // The mirror goes on from there, and nothing is doubled or lost.
        ASSERT_TRUE(log.append(append_bytes_of(seoul, {run_of(Offset(expected), {5})})));
        EXPECT_EQ(log.index.map().position(seoul)->next, Offset(expected + 5));
    }
}

TEST(OriginIndex, ClientBatchesBehindATornRunAreNotTakenForIt) {
    const auto seoul = origin_of("seoul");
    Log log;
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {run_of(Offset(0), {3, 2})})));
    log.batches.pop_back();
    log.index = log.replayed();
    const auto own = testing::source_batch(log.end(), 2);
    log.index.apply(own.view(), AppendOrigin::kClient);
    EXPECT_EQ(log.index.map().position(seoul)->next, Offset(3));
    EXPECT_FALSE(log.index.map().to_source(own->base_offset()));
}

TEST(OriginIndex, ASnapshotAnywherePlusTheTailEqualsAReplay) {
    Rng rng(11);
    Log log;
    std::map<std::string, std::int64_t> next;
    for (int i = 0; i < 25; ++i) {
        const std::string cluster = rng.chance(1, 2) ? "seoul" : "busan";
        std::vector<std::int32_t> counts;
        for (std::uint64_t n = 1 + rng.below(3); n > 0; --n)
            counts.push_back(static_cast<std::int32_t>(1 + rng.below(4)));
        ASSERT_TRUE(
            log.append(append_bytes_of(origin_of(cluster), {run_of(Offset(next[cluster]), counts)}))
        );
        for (const auto count : counts) next[cluster] += count;
    }
    const OriginIndex expected = log.replayed();
    for (std::size_t at = 0; at <= log.batches.size(); ++at) {
        OriginIndex first;
        for (std::size_t i = 0; i < at; ++i) first.apply(log.batches[i].view(), kMirror);
        OriginIndex second;
        ASSERT_TRUE(second.load(first.snapshot(Offset(0))));
        for (std::size_t i = at; i < log.batches.size(); ++i)
            second.apply(log.batches[i].view(), kMirror);
        ASSERT_EQ(second.map(), expected.map()) << "snapshot after batch " << at;
    }
}

TEST(OriginIndex, RefusesDamagedSnapshots) {
    Log log;
    ASSERT_TRUE(log.append(append_bytes_of(origin_of("seoul"), {run_of(Offset(0), {3})})));
    const BufferSlice good = log.index.snapshot(Offset(0));
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bytes(good.text());
        bytes[i] = static_cast<char>(bytes[i] ^ 0x20);
        OriginIndex index;
        EXPECT_FALSE(index.load(BufferSlice::copy_of(bytes))) << "byte " << i;
        EXPECT_FALSE(index.load(good.slice(0, i)));
    }
}

TEST(OriginIndex, LeavesOtherAppendsAlone) {
    OriginIndex index;
    const auto batch = testing::source_batch(Offset(0), 3);
    const std::vector<kafka::RecordBatchView> one{batch.view()};
    for (const auto origin :
         {AppendOrigin::kClient, AppendOrigin::kCoordinator, AppendOrigin::kAsIs})
        EXPECT_FALSE(*index.admit(one, origin));
    index.apply(batch.view(), AppendOrigin::kClient);
    EXPECT_EQ(index.map().run_count(), 0U);
}

TEST(RunAnnouncement, KeepsTheKeyRuleThatLetsConsumersSkipIt) {
    const auto bytes = append_bytes_of(origin_of("seoul"), {run_of(Offset(0), {1})});
    const auto batches = *kafka::split_batches(bytes, kafka::Truncation::kIsError);
    ASSERT_EQ(batches.size(), 2U);
    EXPECT_TRUE(batches[0]->is_control());
    EXPECT_TRUE(batches[0]->check_crc());
    const auto records = *kafka::read_records(batches[0]);
    ASSERT_EQ(records.size(), 1U);
    ASSERT_EQ(records[0].key->size(), 4U);
    EXPECT_EQ(load_be<std::int16_t>(records[0].key->data()), 0);
    EXPECT_EQ(load_be<std::int16_t>(records[0].key->data() + 2), kafka::kRunControlType);
}

// Requests chain: when the first is refused, those behind it must not begin the copy.
TEST(OriginIndex, OnlyARunThatSaysSoBeginsAnOrigin) {
    const auto seoul = origin_of("seoul");
    Log log;
    const auto refused = log.append(append_bytes_of(seoul, {run_of(Offset(5), {2})}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfOrderSequenceNumber);
    auto first = run_of(Offset(5), {2});
    first.expected_source_offset = kNoOffset;
    ASSERT_TRUE(log.append(append_bytes_of(seoul, {first})));
    EXPECT_EQ(log.index.map().position(seoul)->next, Offset(7));
}

// Compaction changes and drops the data behind announcements. A replica that is copied from what is
// left derives the same map, at every place where the copy or the log may end, and through
// snapshots in between.
TEST(OriginIndex, OutlivesCompactionOfItsLog) {
    const auto seoul = origin_of("seoul");
    const auto busan = origin_of("busan");
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Rng rng(seed);
        Log log;
        std::map<kafka::MirrorOrigin, Offset> next{{seoul, Offset(0)}, {busan, Offset(0)}};
        for (int i = 0; i < 12; ++i) {
            const auto& origin = rng.chance(1, 2) ? seoul : busan;
            std::vector<int> counts;
            for (std::uint64_t n = 0; n <= rng.below(3); ++n) {
                counts.push_back(static_cast<int>(1 + rng.below(3)));
            }
            ASSERT_TRUE(log.append(append_bytes_of(origin, {run_of(next[origin], counts)})));
            next[origin] = log.index.map().position(origin)->next;
            // A crash takes the last batch of some appends; the mirror goes on where it stands.
            if (rng.chance(1, 4)) {
                log.batches.pop_back();
                log.index = log.replayed();
                const auto position = log.index.map().position(origin);
                next[origin] = position ? position->next : Offset(0);
            }
        }
        const std::size_t cleaned_below = rng.below(log.batches.size()) + 1;
        std::vector<kafka::RecordBatch> cleaned;
        for (std::size_t i = 0; i < log.batches.size(); ++i) {
            const kafka::RecordBatch& batch = log.batches[i];
            const auto other =
                i < cleaned_below ? log.index.when_cleaned(batch.view()) : std::nullopt;
            if (other) {
                cleaned.push_back(*kafka::RecordBatch::parse(*other));
                EXPECT_TRUE(cleaned.back()->check_crc());
                EXPECT_EQ(cleaned.back()->base_offset(), batch->base_offset());
                EXPECT_EQ(cleaned.back()->last_offset(), batch->last_offset());
            } else if (batch->is_control() || i + 1 >= cleaned_below || rng.chance(1, 3)) {
                cleaned.push_back(batch);
            }
        }
        OriginIndex copy;
        for (const auto& batch : cleaned) {
            if (rng.chance(1, 5)) {
                OriginIndex loaded;
                ASSERT_TRUE(loaded.load(copy.snapshot(batch->base_offset())));
                copy = std::move(loaded);
            }
            copy.apply(batch.view(), AppendOrigin::kAsIs);
            // Never ahead of the log.
            for (const auto& [origin, position] : copy.map().positions()) {
                EXPECT_LE(position.target_end, batch->next_offset()) << seed;
            }
        }
        EXPECT_EQ(copy.map().positions(), log.index.map().positions()) << seed;
        EXPECT_EQ(
            copy.map().runs_from(nullptr, Offset(0), 1000).size(),
            log.index.map().runs_from(nullptr, Offset(0), 1000).size()
        ) << seed;
        for (Offset at(0); at < log.end(); ++at) {
            const auto one = copy.map().to_source(at);
            const auto other = log.index.map().to_source(at);
            ASSERT_EQ(one.has_value(), other.has_value()) << seed << " " << at.value;
            if (one) EXPECT_EQ(one->offset, other->offset) << seed;
        }
        // It goes on where it stands, and takes nothing twice.
        EXPECT_EQ(copy.ignored_announcements(), 0U);
    }
}

TEST(AggregateBytes, ClearsProducersAndKeepsRecordsAndChecksums) {
    const auto run = run_of(Offset(7), {3});
    const auto bytes = append_bytes_of(origin_of("seoul"), {run});
    const auto batches = *kafka::split_batches(bytes, kafka::Truncation::kIsError);
    const auto source = *kafka::split_batches(run.records, kafka::Truncation::kIsError);
    EXPECT_FALSE(batches[1]->has_producer());
    EXPECT_EQ(batches[1]->base_sequence(), kafka::kNoSequence);
    EXPECT_TRUE(batches[1]->check_crc());
    EXPECT_TRUE(std::ranges::equal(batches[1]->records(), source[0]->records()));
}

TEST(AggregateBytes, RefusesWhatIsNotARun) {
    kafka::MirrorAppendRequest::Partition partition;
    const auto refused = [&partition](kafka::MirrorAppendRequest::Run run) {
        partition.runs = {std::move(run)};
        const auto bytes = aggregate_bytes({"l", partition, WallTime{5}, 200});
        return bytes ? ErrorCode::kNone : bytes.error().code();
    };
    EXPECT_EQ(refused(run_of(Offset(0), {1})), ErrorCode::kNone);
    EXPECT_EQ(refused(run_of(Offset(0), {50})), ErrorCode::kMessageTooLarge);
    auto gap = run_of(Offset(0), {1});
    gap.expected_source_offset = Offset(-2);
    EXPECT_EQ(refused(gap), ErrorCode::kInvalidRequest);
    auto jump = run_of(Offset(0), {1});
    jump.records =
        testing::joined({testing::source_batch(Offset(0), 1), testing::source_batch(Offset(2), 1)});
    EXPECT_EQ(refused(jump), ErrorCode::kInvalidRequest);
    auto empty = run_of(Offset(0), {1});
    empty.records = {};
    EXPECT_EQ(refused(empty), ErrorCode::kInvalidRequest);
    auto corrupt = run_of(Offset(0), {1});
    std::string bytes(corrupt.records.text());
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    corrupt.records = BufferSlice::copy_of(bytes);
    EXPECT_EQ(refused(corrupt), ErrorCode::kCorruptMessage);
}

}  // namespace
}  // namespace sealane::broker
