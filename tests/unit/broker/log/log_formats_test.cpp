// The formats on disk and the policies: deciders only.

#include "broker/log/checkpoint_text.hpp"
#include "broker/log/damage.hpp"
#include "broker/log/digest_chain.hpp"
#include "broker/log/epoch_cache.hpp"
#include "broker/log/offset_index.hpp"
#include "broker/log/retention_plan.hpp"
#include "broker/log/roll_policy.hpp"
#include "broker/log/segment_name.hpp"
#include "broker/log/time_index.hpp"
#include "common/base/rng.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

std::string hex(ByteView bytes) {
    std::string text;
    for (const std::byte byte : bytes) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[std::to_integer<std::size_t>(byte) >> 4U];
        text += kDigits[std::to_integer<std::size_t>(byte) & 15U];
    }
    return text;
}

TEST(SegmentName, IsTwentyDigitsAndASuffix) {
    EXPECT_EQ(segment_file_name(Offset(42), "log"), "00000000000000000042.log");
    EXPECT_EQ(segment_file_name(Offset(INT64_MAX), "index"), "09223372036854775807.index");
    const auto parsed = parse_segment_file_name("00000000000000000042.timeindex");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->base, Offset(42));
    EXPECT_EQ(parsed->suffix, "timeindex");
    for (const std::string_view bad :
         {"",
          "42.log",
          "00000000000000000042",
          "00000000000000000042.",
          "0000000000000000004x.log",
          "99999999999999999999.log",
          "-0000000000000000042.log"}) {
        EXPECT_FALSE(parse_segment_file_name(bad)) << bad;
    }
}

TEST(SegmentName, PartitionDirectories) {
    EXPECT_EQ(parse_partition_directory("my-topic-12")->to_string(), "my-topic-12");
    for (const std::string_view bad :
         {"",
          "topic",
          "-1",
          "topic-",
          "topic-x",
          "to pic-1",
          "topic-1.abc-delete",
          "topic-99999999999"}) {
        EXPECT_FALSE(parse_partition_directory(bad)) << bad;
    }
}

TEST(OffsetIndex, HasKafkasBytes) {
    OffsetIndex index;
    index.append({42, 8192});  // offset 1042 of a segment with base 1000
    EXPECT_EQ(hex(index.encode(0).view()), "0000002a00002000");
}

TEST(TimeIndex, HasKafkasBytes) {
    TimeIndex index;
    index.append_if_later({WallTime{1700000000123}, 42});
    EXPECT_EQ(hex(index.encode(0).view()), "0000018bcfe5687b0000002a");
}

TEST(OffsetIndex, FloorIsTheLastEntryAtOrBelow) {
    OffsetIndex index;
    EXPECT_EQ(index.floor(5), 0U);
    index.append({10, 100});
    index.append({20, 250});
    EXPECT_EQ(index.floor(9), 0U);
    EXPECT_EQ(index.floor(10), 100U);
    EXPECT_EQ(index.floor(19), 100U);
    EXPECT_EQ(index.floor(1000), 250U);
    const auto back = OffsetIndex::decode(index.encode(0).view());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->entries(), index.entries());
    index.truncate(250);
    EXPECT_EQ(index.entries().size(), 1U);
}

TEST(OffsetIndex, RefusesWhatDoesNotIncrease) {
    OffsetIndex index;
    index.append({10, 100});
    index.append({20, 250});
    const BufferSlice good = index.encode(0);
    EXPECT_FALSE(OffsetIndex::decode(good.view().first(9)));
    std::string swapped(good.text().substr(8));
    swapped += good.text().substr(0, 8);
    EXPECT_FALSE(OffsetIndex::decode(as_bytes(swapped)));
    EXPECT_FALSE(OffsetIndex::decode(as_bytes(std::string(good.text()) + std::string(8, '\0'))));
}

TEST(TimeIndex, KeepsOnlyLaterTimes) {
    TimeIndex index;
    index.append_if_later({WallTime{-1}, 1});
    index.append_if_later({WallTime{100}, 5});
    index.append_if_later({WallTime{100}, 9});
    index.append_if_later({WallTime{90}, 12});
    index.append_if_later({WallTime{110}, 12});
    ASSERT_EQ(index.entries().size(), 2U);
    EXPECT_FALSE(index.floor(WallTime{99}));
    EXPECT_EQ(index.floor(WallTime{109})->relative_offset, 5U);
    EXPECT_EQ(index.floor(WallTime{1000})->relative_offset, 12U);
    const auto back = TimeIndex::decode(index.encode(0).view());
    ASSERT_TRUE(back);
    EXPECT_EQ(back->entries(), index.entries());
    index.truncate(12);
    EXPECT_EQ(index.entries().size(), 1U);
}

TEST(DigestChain, EntriesAndHeaderRoundTrip) {
    DigestHeader header{Offset(1000), {}, {}};
    header.topic_id.bytes[3] = 7;
    header.before[2] = 9;
    const auto back = DigestHeader::decode(header.encode().view());
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, header);
    const DigestEntry entry{
        {Offset(1005), Offset(1009), 4096, 300, LeaderEpoch(3), 0xdeadbeef}, {1, 2, 3}
    };
    std::array<std::byte, DigestEntry::kSize> bytes;
    entry.encode(Offset(1000), bytes);
    const auto entry_back = DigestEntry::decode(Offset(1000), bytes);
    ASSERT_TRUE(entry_back);
    EXPECT_EQ(*entry_back, entry);
}

TEST(DigestChain, EveryFieldAndThePastCount) {
    const BatchFacts facts{Offset(5), Offset(9), 0, 300, LeaderEpoch(3), 77};
    Uuid topic;
    const DigestHash start{};
    const DigestHash one = chain(start, topic, facts);
    std::vector<BatchFacts> others(6, facts);
    others[0].base_offset = Offset(6);
    others[1].last_offset = Offset(10);
    others[2].length = 301;
    others[3].leader_epoch = LeaderEpoch(4);
    others[4].crc = 78;
    for (std::size_t i = 0; i < 5; ++i) EXPECT_NE(chain(start, topic, others[i]), one) << i;
    EXPECT_EQ(chain(start, topic, others[5]), one);
    EXPECT_NE(chain(one, topic, facts), one);
    topic.bytes[0] = 1;
    EXPECT_NE(chain(start, topic, facts), one);
    auto damaged = std::string(DigestHeader{Offset(1), topic, start}.encode().text());
    for (std::size_t i = 0; i < damaged.size(); ++i) {
        damaged[i] ^= 1;
        EXPECT_FALSE(DigestHeader::decode(as_bytes(damaged))) << i;
        damaged[i] ^= 1;
    }
}

TEST(CheckpointText, OffsetsHaveKafkasForm) {
    OffsetCheckpoint entries{
        {{"a", PartitionId(0)}, Offset(5)}, {{"a-b", PartitionId(12)}, Offset(INT64_MAX)}
    };
    const std::string text = encode_offset_checkpoint(entries);
    EXPECT_EQ(text, "0\n2\na 0 5\na-b 12 9223372036854775807\n");
    EXPECT_EQ(*decode_offset_checkpoint(text), entries);
    for (const std::string_view bad :
         {"",
          "1\n0\n",
          "0\n",
          "0\n1\n",
          "0\n1\na 0\n",
          "0\n1\na x 5\n",
          "0\n1\na 0 -5\n",
          "0\n2\na 0 5\na 0 6\n",
          "0\n0\na 0 5\n",
          "0\n-1\n",
          "0\n99999999999999999999\n"}) {
        EXPECT_FALSE(decode_offset_checkpoint(bad)) << bad;
    }
}

TEST(CheckpointText, EpochsMustIncrease) {
    EpochCache cache;
    cache.assign(LeaderEpoch(1), Offset(0));
    cache.assign(LeaderEpoch(4), Offset(10));
    const std::string text = encode_epoch_checkpoint(cache);
    EXPECT_EQ(text, "0\n2\n1 0\n4 10\n");
    EXPECT_EQ(decode_epoch_checkpoint(text)->entries(), cache.entries());
    EXPECT_FALSE(decode_epoch_checkpoint("0\n2\n4 0\n1 10\n"));
    EXPECT_FALSE(decode_epoch_checkpoint("0\n2\n1 10\n4 10\n"));
}

TEST(CheckpointText, SmallFilesRoundTrip) {
    Uuid id;
    id.bytes[4] = 99;
    EXPECT_EQ(*decode_partition_metadata(encode_partition_metadata(id)), id);
    EXPECT_FALSE(decode_partition_metadata("version: 1\ntopic_id: x\n"));
    const LogBounds bounds{Offset(7), Offset(3)};
    EXPECT_EQ(*decode_log_bounds(encode_log_bounds(bounds)), bounds);
    EXPECT_EQ(*decode_log_bounds(encode_log_bounds({})), LogBounds{});
    const DirectoryIdentity identity{id, BrokerId(3), id};
    EXPECT_EQ(*decode_directory_identity(encode_directory_identity(identity)), identity);
    EXPECT_FALSE(decode_directory_identity("version=1\nnode.id=1\n"));
}

// Against a plain list of which epoch wrote each offset.
TEST(EpochCache, AnswersLikeAListOfEveryOffset) {
    Rng rng(3);
    for (int round = 0; round < 300; ++round) {
        EpochCache cache;
        std::vector<std::int32_t> by_offset;
        std::int32_t epoch = 0;
        for (int step = 0; step < 40; ++step) {
            if (rng.chance(1, 6) && !by_offset.empty()) {
                const auto cut = static_cast<std::size_t>(rng.below(by_offset.size() + 1));
                by_offset.resize(cut);
                cache.truncate_from_end(Offset(static_cast<std::int64_t>(cut)));
            }
            epoch += static_cast<std::int32_t>(rng.below(3));
            cache.assign(LeaderEpoch(epoch), Offset(static_cast<std::int64_t>(by_offset.size())));
            for (auto n = rng.between(1, 4); n > 0; --n) by_offset.push_back(epoch);
        }
        const Offset end(static_cast<std::int64_t>(by_offset.size()));
        ASSERT_TRUE(EpochCache::from(cache.entries()));
        for (std::int64_t i = 0; i < end.value; ++i) {
            EXPECT_EQ(cache.epoch_at(Offset(i)).value, by_offset[static_cast<std::size_t>(i)]);
        }
        for (std::int32_t e = by_offset.front(); e <= epoch; ++e) {
            const auto after = std::ranges::upper_bound(by_offset, e);
            const EpochEnd expected{
                LeaderEpoch(*std::prev(after)), Offset(after - by_offset.begin())
            };
            EXPECT_EQ(cache.end_of(LeaderEpoch(e), end), expected);
        }
        EXPECT_EQ(cache.end_of(LeaderEpoch(epoch + 1), end), EpochEnd{});
        EXPECT_EQ(cache.end_of(LeaderEpoch(-1), end), EpochEnd{});
        const Offset start(rng.between(0, end.value - 1));
        cache.truncate_from_start(start);
        EXPECT_EQ(cache.entries().front().start, std::max(start, cache.entries().front().start));
        for (std::int64_t i = start.value; i < end.value; ++i) {
            EXPECT_EQ(cache.epoch_at(Offset(i)).value, by_offset[static_cast<std::size_t>(i)]);
        }
    }
}

TEST(EpochCache, ANewEpochWithoutRecordsGivesWayToTheNext) {
    EpochCache cache;
    cache.assign(LeaderEpoch(1), Offset(0));
    cache.assign(LeaderEpoch(2), Offset(10));
    cache.assign(LeaderEpoch(5), Offset(10));
    EXPECT_EQ(cache.entries().size(), 2U);
    EXPECT_EQ(cache.end_of(LeaderEpoch(3), Offset(20)), (EpochEnd{LeaderEpoch(1), Offset(10)}));
    EXPECT_EQ(cache.end_of(LeaderEpoch(0), Offset(20)), (EpochEnd{LeaderEpoch(0), Offset(0)}));
    EXPECT_FALSE(cache.assign(LeaderEpoch(5), Offset(15)));
}

TEST(RollPolicy, EachReason) {
    LogConfig config;
    config.segment_bytes = 1000;
    config.segment_ms = 100;
    config.segment_index_bytes = 240;
    const ActiveSegmentFacts active{Offset(0), 500, 5, 5, WallTime{1000}, WallTime{0}, 0};
    const AppendFacts append{500, Offset(10), WallTime{1100}, WallTime{99'999}};
    EXPECT_FALSE(must_roll(config, active, append));
    const auto with = [&](auto change) {
        auto a = active;
        auto b = append;
        change(a, b);
        return must_roll(config, a, b);
    };
    EXPECT_TRUE(with([](auto&, auto& b) { b.size = 501; }));
    EXPECT_TRUE(with([](auto&, auto& b) { b.max_timestamp.ms = 1101; }));
    EXPECT_TRUE(with([](auto& a, auto&) { a.index_entries = 30; }));
    EXPECT_TRUE(with([](auto& a, auto&) { a.time_index_entries = 19; }));
    EXPECT_TRUE(with([](auto&, auto& b) { b.last_offset = Offset(std::int64_t{INT32_MAX} + 1); }));
    EXPECT_TRUE(with([](auto& a, auto&) { a.first_timestamp.ms = -1; }));  // by the clock
    EXPECT_TRUE(with([](auto& a, auto& b) {
        a.jitter_ms = 1;
        b.max_timestamp.ms = 1100;
    }));
    EXPECT_FALSE(with([](auto& a, auto& b) {
        a.size = 0;
        b.size = 5000;
    }));
}

std::vector<SegmentFacts> three_segments() {
    return {
        {Offset(0), Offset(10), 100, WallTime{1000}},
        {Offset(10), Offset(20), 100, WallTime{2000}},
        {Offset(20), Offset(30), 50, WallTime{3000}},
    };
}

TEST(RetentionPlan, ByTimeStopsAtTheFirstYoungSegment) {
    LogConfig config;
    config.retention_ms = 500;
    auto segments = three_segments();
    const auto plan = [&](std::int64_t now, std::int64_t high_watermark) {
        return plan_retention(config, segments, Offset(0), Offset(high_watermark), WallTime{now});
    };
    EXPECT_EQ(plan(1500, 30), (RetentionPlan{0, false}));
    EXPECT_EQ(plan(1501, 30), (RetentionPlan{1, false}));
    EXPECT_EQ(plan(2501, 30), (RetentionPlan{2, false}));
    EXPECT_EQ(plan(9999, 30), (RetentionPlan{3, true}));
    EXPECT_EQ(plan(9999, 29), (RetentionPlan{2, false}));
    EXPECT_EQ(plan(9999, 9), (RetentionPlan{0, false}));
    segments[0].max_timestamp.ms = 1'000'000;  // from the future: keeps its place
    EXPECT_EQ(plan(9999, 30), (RetentionPlan{0, false}));
    config.retention_deletes = false;
    segments = three_segments();
    EXPECT_EQ(plan(9999, 30), (RetentionPlan{0, false}));
}

TEST(RetentionPlan, BySizeAndByLogStart) {
    LogConfig config;
    config.retention_ms = -1;
    config.retention_bytes = 150;
    const auto segments = three_segments();
    EXPECT_EQ(
        plan_retention(config, segments, Offset(0), Offset(30), WallTime{0}),
        (RetentionPlan{1, false})
    );
    config.retention_bytes = -1;
    EXPECT_EQ(
        plan_retention(config, segments, Offset(20), Offset(30), WallTime{0}),
        (RetentionPlan{2, false})
    );
    EXPECT_EQ(
        plan_retention(config, segments, Offset(30), Offset(30), WallTime{0}),
        (RetentionPlan{2, false})
    );
}

TEST(Damage, DurableRecordsAreNeverCut) {
    EXPECT_EQ(judge_damage({Offset(4), Offset(5), false, false}), DamageVerdict::kStayOffline);
    EXPECT_EQ(judge_damage({Offset(5), Offset(5), false, false}), DamageVerdict::kCut);
    EXPECT_EQ(judge_damage({Offset(5), Offset(5), true, false}), DamageVerdict::kSetAside);
    EXPECT_EQ(judge_damage({Offset(9), Offset(5), false, true}), DamageVerdict::kSetAside);
}

}  // namespace
}  // namespace sealane::broker
