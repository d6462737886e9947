// What the simulated World breaks on request: pauses, isolation, clocks, and disks.

#include "common/runtime/task_group.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealane::simulation {
namespace {

using runtime::Endpoint;
using runtime::OpenMode;
using runtime::Task;

struct Host {
    Host(Simulator& simulator, SimNetwork& network, const std::string& name)
        : world(std::make_unique<SimWorld>(simulator, network, disk, name, name, &clock)),
          group(std::make_unique<runtime::TaskGroup>(*world)) {}
    ~Host() {
        world->drop_everything();
        group.reset();
    }
    Disk disk;
    HostClock clock;
    std::unique_ptr<SimWorld> world;
    std::unique_ptr<runtime::TaskGroup> group;
};

// Answers every byte with the same one.
Task<void> answer(SimWorld* world) {
    auto listener = co_await world->network().listen(Endpoint{"b", 9, ""}, std::nullopt);
    while (true) {
        auto stream = co_await (*listener)->accept();
        std::byte byte[1];
        while (co_await (*stream)->read_some(byte, Instant::never()))
            (void)co_await (*stream)->write(BufferSlice::copy_of(ByteView(byte)), Instant::never());
    }
}

// Asks once every 100 ms and counts answers; a silence of a second ends it.
struct Asking {
    int answers = 0;
    std::string end;
};
Task<void> ask(SimWorld* world, Asking* asking) {
    co_await world->sleep(10ms);
    auto stream =
        co_await world->network().connect(Endpoint{"b", 9, ""}, std::nullopt, world->now() + 1s);
    if (!stream) {
        asking->end = stream.error().to_string();
        co_return;
    }
    while (true) {
        (void)co_await (*stream)->write(BufferSlice::copy_of("x"), Instant::never());
        std::byte byte[1];
        const auto got = co_await (*stream)->read_some(byte, world->now() + 1s);
        if (!got) {
            asking->end = got.error().to_string();
            co_return;
        }
        ++asking->answers;
        co_await world->sleep(100ms);
    }
}

struct Pair {
    explicit Pair(std::uint64_t seed = 1) : simulator(seed, false), network(simulator) {
        b.group->spawn([world = b.world.get()] { return answer(world); });
        a.group->spawn([world = a.world.get(), this] { return ask(world, &asking); });
    }
    void pause_b() {
        b.world->pause();
        network.pause("b");
    }
    void resume_b() {
        network.resume("b");
        b.world->resume();
    }
    Simulator simulator;
    SimNetwork network;
    Asking asking;
    Host a{simulator, network, "a"};
    Host b{simulator, network, "b"};
};

TEST(Pause, IsSilenceAndThenGoesOn) {
    Pair pair;
    pair.simulator.run_for(1s);
    const int before = pair.asking.answers;
    EXPECT_GT(before, 5);
    pair.pause_b();
    pair.simulator.run_for(800ms);
    EXPECT_LE(pair.asking.answers, before + 1);
    EXPECT_EQ(pair.asking.end, "");
    pair.resume_b();
    pair.simulator.run_for(1s);
    EXPECT_GT(pair.asking.answers, before + 5);
}

TEST(Pause, PeersRunIntoTheirDeadlines) {
    Pair pair;
    pair.simulator.run_for(1s);
    pair.pause_b();
    pair.simulator.run_for(5s);
    EXPECT_NE(pair.asking.end.find("DEADLINE_EXCEEDED"), std::string::npos) << pair.asking.end;
}

TEST(Pause, TimersThatWereDueRunAtTheResumption) {
    Simulator simulator(1, false);
    SimNetwork network(simulator);
    Host host(simulator, network, "a");
    Instant woke;
    host.group->spawn([&]() -> Task<void> {
        co_await host.world->sleep(1s);
        woke = host.world->now();
        co_await host.world->sleep(1s);
        woke = host.world->now();
    });
    const Instant start = simulator.now();
    simulator.run_for(500ms);
    host.world->pause();
    simulator.run_for(2s);
    EXPECT_EQ(woke, Instant{});
    host.world->resume();
    simulator.run_for(500ms);
    EXPECT_EQ(woke, start + 2500ms);
    simulator.run_for(1s);
    EXPECT_EQ(woke, start + 3500ms);
}

TEST(Pause, ConnectionsArriveAndWait) {
    Pair pair;
    pair.pause_b();
    pair.simulator.run_for(100ms);
    EXPECT_EQ(pair.asking.answers, 0);
    EXPECT_EQ(pair.asking.end, "");
    pair.resume_b();
    pair.simulator.run_for(1s);
    EXPECT_GT(pair.asking.answers, 5);
}

TEST(Isolation, CutsEverythingInOneDirection) {
    using Way = SimNetwork::Way;
    for (const Way way : {Way::kOut, Way::kIn}) {
        Pair pair;
        pair.simulator.run_for(1s);
        pair.network.isolate("b", way);
        const int before = pair.asking.answers;
        pair.simulator.run_for(500ms);
        EXPECT_LE(pair.asking.answers, before + 1);
        pair.network.rejoin("b", way);
        pair.simulator.run_for(1s);
        EXPECT_GT(pair.asking.answers, before + 5);
    }
}

TEST(Cuts, AreMendedAsOftenAsTheyWereMade) {
    Simulator simulator(1, false);
    SimNetwork network(simulator);
    network.cut("a", "b");
    network.cut("a", "b");
    network.mend("a", "b");
    EXPECT_TRUE(network.is_cut("a", "b"));
    network.mend("a", "b");
    EXPECT_FALSE(network.is_cut("a", "b"));
}

TEST(Clocks, JumpAndDriftWithoutTouchingMonotonicTime) {
    Simulator simulator(1, false);
    SimNetwork network(simulator);
    Host host(simulator, network, "a");
    const std::int64_t wall = host.world->wall().ms;
    const Instant now = host.world->now();
    host.clock.jump(-5'000);
    EXPECT_EQ(host.world->wall().ms, wall - 5'000);
    host.clock.drift(simulator.now(), 50'000);  // 5 % fast
    simulator.run_for(10s);
    EXPECT_EQ(host.world->wall().ms, wall - 5'000 + 10'000 + 500);
    host.clock.drift(simulator.now(), 0);
    simulator.run_for(10s);
    EXPECT_EQ(host.world->wall().ms, wall - 5'000 + 20'000 + 500);
    EXPECT_EQ(host.world->now() - now, Duration(20s));
}

std::shared_ptr<Inode> file_on(Disk& disk, const std::string& path, std::size_t size) {
    disk.make_directories("/d");
    auto inode = *disk.open(path, OpenMode::kCreate);
    inode->write(0, ByteView(std::vector<std::byte>(size)));
    return inode;
}

TEST(BitRot, FlipsOneDurableBitOfAWantedFile) {
    Disk disk;
    Rng rng(1);
    const auto wanted = file_on(disk, "/d/a.log", 5'000);
    const auto other = file_on(disk, "/d/b.index", 5'000);
    const auto is_log = [](const std::string& path) { return path.ends_with(".log"); };
    EXPECT_EQ(disk.rot(rng, is_log), "") << "nothing is durable yet";
    wanted->sync();
    other->sync();
    EXPECT_TRUE(disk.rot(rng, is_log).starts_with("/d/a.log@"));
    EXPECT_EQ(std::ranges::count(wanted->bytes(), std::byte{0}), 4'999);
    EXPECT_EQ(std::ranges::count(other->bytes(), std::byte{0}), 5'000);
}

TEST(Disk, AWipedOneIsEmpty) {
    Disk disk;
    (void)file_on(disk, "/d/a", 10);
    disk.sync_directory("/d");
    disk.wipe();
    EXPECT_EQ(disk.used(), 0U);
    EXPECT_FALSE(disk.open("/d/a", OpenMode::kRead));
}

// As file systems do: the pages count as clean, and a later sync does not bring them back.
TEST(Disk, WhatAFailedSyncGaveUpIsLostAtTheNextCrash) {
    Disk disk;
    Rng rng(1);
    const auto file = file_on(disk, "/d/a", 512);
    file->sync();
    disk.sync_directory("/");
    disk.sync_directory("/d");
    file->write(0, ByteView(std::vector<std::byte>(512, std::byte{1})));
    file->fail_sync();
    file->write(512, ByteView(std::vector<std::byte>(512, std::byte{2})));
    file->sync();
    disk.crash(rng);
    EXPECT_EQ(file->bytes()[0], std::byte{0});
    EXPECT_EQ(file->bytes()[512], std::byte{2});
    file->write(0, ByteView(std::vector<std::byte>(512, std::byte{3})));
    file->sync();
    disk.crash(rng);
    EXPECT_EQ(file->bytes()[0], std::byte{3});
}

TEST(Disk, TellsOfNamesWhenTheyAreDurable) {
    Disk disk;
    std::vector<std::string> told;
    disk.on_durable_name = [&told](const std::string& path, ByteView content) {
        told.push_back(path + ":" + std::to_string(content.size()));
    };
    const auto file = file_on(disk, "/d/vote.tmp", 7);
    file->sync();
    ASSERT_TRUE(disk.rename("/d/vote.tmp", "/d/vote"));
    EXPECT_TRUE(told.empty());
    disk.sync_directory("/d");
    EXPECT_EQ(told, (std::vector<std::string>{"/d/vote.tmp:7", "/d/vote:7"}));
}

}  // namespace
}  // namespace sealane::simulation
