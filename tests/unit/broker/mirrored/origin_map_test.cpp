// OriginMap against a naive map that remembers every single offset pair.
#include "broker/mirrored/origin_map.hpp"

#include "common/base/rng.hpp"
#include "tests/unit/broker/mirrored/run_batches.hpp"

#include <gtest/gtest.h>

#include <map>

namespace sealane::broker {
namespace {

using testing::origin_of;

OriginRun at(std::int64_t source, std::int64_t target) {
    OriginRun run;
    run.source_base = Offset(source);
    run.target_base = Offset(target);
    return run;
}

TEST(OriginMap, TranslatesBothWaysInsideARun) {
    OriginMap map;
    const auto seoul = origin_of("seoul");
    map.begin_run(seoul, at(100, 1), LeaderEpoch(4));
    map.extend(10);
    EXPECT_EQ(map.to_target(seoul, Offset(100)), Offset(1));
    EXPECT_EQ(map.to_target(seoul, Offset(109)), Offset(10));
    const auto source = map.to_source(Offset(10));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->offset, Offset(109));
    EXPECT_EQ(source->origin, seoul);
    EXPECT_EQ(map.position(seoul)->next, Offset(110));
    EXPECT_EQ(map.position(seoul)->last_epoch, LeaderEpoch(4));
}

TEST(OriginMap, TheEndTranslatesToOnePastTheNewestRecord) {
    OriginMap map;
    const auto seoul = origin_of("seoul");
    map.begin_run(seoul, at(0, 1), LeaderEpoch(0));
    map.extend(5);
    EXPECT_EQ(map.to_target(seoul, Offset(5)), Offset(6));
    EXPECT_FALSE(map.to_target(seoul, Offset(6)));
}

TEST(OriginMap, OffsetsInAHoleTranslateToWhatComesBehindIt) {
    OriginMap map;
    const auto seoul = origin_of("seoul");
    map.begin_run(seoul, at(0, 1), LeaderEpoch(0));
    map.extend(5);
    map.begin_run(seoul, at(20, 7), LeaderEpoch(0));
    map.extend(5);
    EXPECT_EQ(map.to_target(seoul, Offset(12)), Offset(7));
    EXPECT_EQ(map.to_target(seoul, Offset(21)), Offset(8));
}

TEST(OriginMap, ARunWithoutRecordsLeavesNoTrace) {
    OriginMap map;
    const auto seoul = origin_of("seoul");
    map.begin_run(seoul, at(0, 1), LeaderEpoch(0));
    EXPECT_FALSE(map.position(seoul));
    EXPECT_TRUE(map.positions().empty());
    EXPECT_EQ(map.run_count(), 0U);
}

TEST(OriginMap, PositionsOutliveTrimming) {
    OriginMap map;
    const auto seoul = origin_of("seoul");
    map.begin_run(seoul, at(0, 1), LeaderEpoch(0));
    map.extend(5);
    map.begin_run(origin_of("busan"), at(0, 7), LeaderEpoch(0));
    map.extend(5);
    map.trim_to(Offset(7));
    EXPECT_EQ(map.run_count(), 1U);
    EXPECT_EQ(map.position(seoul)->next, Offset(5));
    EXPECT_EQ(map.to_target(seoul, Offset(5)), Offset(6));
    EXPECT_FALSE(map.to_source(Offset(3)));
}

TEST(OriginMap, RefusesDamagedBytes) {
    OriginMap map;
    map.begin_run(origin_of("seoul"), at(10, 1), LeaderEpoch(0));
    map.extend(5);
    const BufferSlice bytes = map.save();
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
        EXPECT_FALSE(OriginMap::restore(bytes.slice(0, cut))) << cut;
    EXPECT_TRUE(OriginMap::restore(bytes));
}

// What the map has to know, offset by offset.
struct Naive {
    std::map<Offset, std::pair<std::string, Offset>> by_target;
    std::map<std::string, std::map<Offset, Offset>> by_source;
    std::map<std::string, Offset> next;
    std::map<std::string, Offset> target_end;

    void add(const std::string& cluster, Offset source, Offset target) {
        by_target[target] = {cluster, source};
        by_source[cluster][source] = target;
        next[cluster] = source + 1;
        target_end[cluster] = target + 1;
    }
    [[nodiscard]] std::optional<Offset> to_target(const std::string& cluster, Offset source) {
        if (!next.contains(cluster) || source > next[cluster]) return std::nullopt;
        const auto found = by_source[cluster].lower_bound(source);
        return found == by_source[cluster].end() ? target_end[cluster] : found->second;
    }
};

void expect_same(const OriginMap& map, Naive& naive, Offset target_end) {
    for (const std::string cluster : {"seoul", "busan", "incheon"}) {
        const auto origin = origin_of(cluster);
        const Offset last = naive.next.contains(cluster) ? naive.next[cluster] + 3 : Offset(3);
        for (Offset s(0); s < last; ++s)
            ASSERT_EQ(map.to_target(origin, s), naive.to_target(cluster, s))
                << cluster << " source " << s.value;
    }
    for (Offset t(0); t < target_end + 2; ++t) {
        const auto source = map.to_source(t);
        const auto expected = naive.by_target.find(t);
        ASSERT_EQ(source.has_value(), expected != naive.by_target.end()) << "target " << t.value;
        if (!source) continue;
        ASSERT_EQ(source->origin.cluster_id, expected->second.first);
        ASSERT_EQ(source->offset, expected->second.second);
    }
}

TEST(OriginMap, AgreesWithANaiveMapOverRandomHistories) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rng rng(seed);
        OriginMap map;
        Naive naive;
        std::map<std::string, Offset> source_end;
        Offset target(0);
        for (int step = 0; step < 40; ++step) {
            const std::string cluster =
                std::vector<std::string>{"seoul", "busan", "incheon"}[rng.below(3)];
            Offset source = source_end[cluster];
            if (rng.chance(1, 5)) source = source + static_cast<std::int64_t>(rng.below(7));
            target = target + 1 + static_cast<std::int64_t>(rng.below(3));  // the announcement
            map.begin_run(origin_of(cluster), at(source.value, target.value), LeaderEpoch(0));
            for (std::uint64_t batches = rng.below(4); batches > 0; --batches) {
                const auto count = static_cast<std::int64_t>(1 + rng.below(6));
                map.extend(count);
                for (std::int64_t i = 0; i < count; ++i) naive.add(cluster, source + i, target + i);
                source = source + count;
                target = target + count;
                source_end[cluster] = source;
            }
            if (rng.chance(1, 4)) {
                auto again = OriginMap::restore(map.save());
                ASSERT_TRUE(again);
                ASSERT_EQ(*again, map);
                map = *std::move(again);
            }
        }
        expect_same(map, naive, target);
    }
}

TEST(OriginMap, ListsRunsFromAnyOffset) {
    OriginMap map;
    const auto seoul = origin_of("seoul");
    const auto busan = origin_of("busan");
    map.begin_run(seoul, at(0, 1), LeaderEpoch(0));
    map.extend(5);
    map.begin_run(busan, at(0, 7), LeaderEpoch(0));
    map.extend(5);
    map.begin_run(seoul, at(5, 13), LeaderEpoch(0));
    map.extend(5);
    EXPECT_EQ(map.runs_from(nullptr, Offset(0), 100).size(), 3U);
    EXPECT_EQ(map.runs_from(nullptr, Offset(6), 100).size(), 2U);
    EXPECT_EQ(map.runs_from(&seoul, Offset(5), 100).size(), 1U);
    EXPECT_EQ(map.runs_from(&seoul, Offset(0), 1).size(), 1U);
    EXPECT_TRUE(map.runs_from(&busan, Offset(5), 100).empty());
}

}  // namespace
}  // namespace sealane::broker
