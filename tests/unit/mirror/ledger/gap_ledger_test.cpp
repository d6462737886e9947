#include "mirror/ledger/gap_ledger.hpp"

#include "common/runtime/task_group.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror {
namespace {

using runtime::Task;

GapEntry entry_at(std::int64_t from) {
    GapEntry entry;
    entry.link = "seoul->korea";
    entry.source_topic = "log";
    entry.source_topic_id.bytes[3] = 7;
    entry.partition = PartitionId(2);
    entry.from = Offset(from);
    entry.to = Offset(from + 5);
    entry.cause = "EXPIRED_AHEAD";
    entry.detail = "he said \"no\"\n\t\\ \x01";
    entry.noted = WallTime{123};
    return entry;
}

TEST(GapLedgerLine, ComesBackAsItWas) {
    const std::string line = to_line(entry_at(10));
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto again = parse_line(line);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, entry_at(10));
}

TEST(GapLedgerLine, EveryCutIsRefused) {
    const std::string line = to_line(entry_at(10));
    for (std::size_t size = 0; size < line.size(); ++size)
        EXPECT_FALSE(parse_line(std::string_view(line).substr(0, size))) << size;
    EXPECT_FALSE(parse_line(line + "x"));
}

// A disk that outlives the worlds that use it.
class Ledgers : public ::testing::Test {
 protected:
    void in_world(std::function<Task<void>(runtime::World&)> script) {
        simulation::SimWorld world(simulator_, network_, disk_, "m", "m");
        {
            bool done = false;
            runtime::TaskGroup tasks(world);
            tasks.spawn([&]() -> Task<void> {
                co_await script(world);
                done = true;
            });
            simulator_.run_until([&done] { return done; }, simulator_.now() + 60s);
            EXPECT_TRUE(done);
            world.drop_everything();
        }
    }
    simulation::Simulator simulator_{3, false};
    simulation::SimNetwork network_{simulator_};
    simulation::Disk disk_;
};

TEST_F(Ledgers, WhatWasAddedSurvivesACrash) {
    in_world([](runtime::World& world) -> Task<void> {
        GapLedger ledger(world, "/d");
        EXPECT_TRUE(co_await ledger.open());
        EXPECT_TRUE(co_await ledger.add(entry_at(0)));
        EXPECT_TRUE(co_await ledger.add(entry_at(0)));  // noted already
        EXPECT_TRUE(co_await ledger.add(entry_at(9)));
    });
    disk_.crash(simulator_.rng());
    in_world([](runtime::World& world) -> Task<void> {
        GapLedger ledger(world, "/d");
        EXPECT_TRUE(co_await ledger.open());
        EXPECT_EQ(ledger.entries().size(), 2U);
    });
}

TEST_F(Ledgers, ALineCutShortIsCutOffAndADamagedOneIsNot) {
    in_world([](runtime::World& world) -> Task<void> {
        const std::string torn = to_line(entry_at(0)) + "\n{\"link\":\"se";
        EXPECT_TRUE(co_await world.files().make_directories("/d"));
        EXPECT_TRUE(co_await runtime::write_file_atomically(
            world.files(), "/d/gaps.jsonl", BufferSlice::copy_of(torn)
        ));
        GapLedger ledger(world, "/d");
        EXPECT_TRUE(co_await ledger.open());
        EXPECT_TRUE(co_await ledger.add(entry_at(9)));
        GapLedger again(world, "/d");
        EXPECT_TRUE(co_await again.open());
        EXPECT_EQ(again.entries().size(), 2U);
        const std::string damaged = "nonsense\n" + to_line(entry_at(0)) + "\n";
        EXPECT_TRUE(co_await runtime::write_file_atomically(
            world.files(), "/d/gaps.jsonl", BufferSlice::copy_of(damaged)
        ));
        GapLedger refused(world, "/d");
        const Status opened = co_await refused.open();
        EXPECT_FALSE(opened);
        if (!opened) EXPECT_EQ(opened.error().code(), ErrorCode::kCorrupt);
    });
}

}  // namespace
}  // namespace sealane::mirror
