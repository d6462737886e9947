// The simulated World itself: what it loses at a crash, what it delivers, and that a seed replays.

#include "common/runtime/task_group.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

namespace sealane::simulation {
namespace {

using runtime::Endpoint;
using runtime::OpenMode;
using runtime::Task;
using runtime::TaskGroup;

struct Host {
    Host(Simulator& simulator, SimNetwork& network, const std::string& name)
        : world(std::make_unique<SimWorld>(simulator, network, disk, name, name)),
          group(std::make_unique<TaskGroup>(*world)) {}
    void crash(Simulator& simulator, SimNetwork& network) {
        const std::string name = world->host();
        world->drop_everything();
        group.reset();
        world.reset();
        network.reset_host(name);
        disk.crash(simulator.rng());
        world = std::make_unique<SimWorld>(simulator, network, disk, name, name);
        group = std::make_unique<TaskGroup>(*world);
    }
    Disk disk;
    std::unique_ptr<SimWorld> world;
    std::unique_ptr<TaskGroup> group;
};

Task<void> write_synced_then_unsynced(SimWorld* world, bool* done) {
    co_await world->sleep(1ms);
    runtime::FileSystem& files = world->files();
    EXPECT_TRUE(co_await files.make_directories("/d"));
    auto file = co_await files.open("/d/f", OpenMode::kCreate);
    EXPECT_TRUE(co_await (*file)->write_at(0, BufferSlice::copy_of(std::string(2000, 'a'))));
    EXPECT_TRUE(co_await (*file)->sync());
    EXPECT_TRUE(co_await files.sync_directory("/d"));
    EXPECT_TRUE(co_await files.sync_directory("/"));
    EXPECT_TRUE(co_await (*file)->write_at(2000, BufferSlice::copy_of(std::string(9000, 'b'))));
    auto unsynced = co_await files.open("/d/g", OpenMode::kCreate);
    *done = true;
    co_await world->sleep(1h);
}

Task<void> read_back(SimWorld* world, std::string* content) {
    auto bytes = co_await runtime::read_file(world->files(), "/d/f", 1 << 20);
    EXPECT_TRUE(bytes) << (bytes ? "" : bytes.error().to_string());
    if (bytes) *content = bytes->text();
}

TEST(SimulatedDisk, KeepsWhatWasSyncedAndAnyPartOfTheRest) {
    bool lost_something = false;
    bool kept_something = false;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        Simulator simulator(seed, false);
        SimNetwork network(simulator);
        Host host(simulator, network, "a");
        bool done = false;
        host.group->spawn([world = host.world.get(), &done] {
            return write_synced_then_unsynced(world, &done);
        });
        ASSERT_TRUE(simulator.run_until([&] { return done; }, simulator.now() + 10s));
        host.crash(simulator, network);
        std::string content;
        host.group->spawn([world = host.world.get(), &content] {
            return read_back(world, &content);
        });
        simulator.run_for(1s);
        ASSERT_GE(content.size(), 2000U);
        EXPECT_EQ(content.substr(0, 2000), std::string(2000, 'a'));
        lost_something |= content != std::string(2000, 'a') + std::string(9000, 'b');
        kept_something |= content.find('b') != std::string::npos;
    }
    EXPECT_TRUE(lost_something);
    EXPECT_TRUE(kept_something);
}

Task<void> echo_server(SimWorld* world) {
    auto listener = co_await world->network().listen(Endpoint{"b", 9, ""}, std::nullopt);
    auto stream = co_await (*listener)->accept();
    std::byte bytes[64];
    while (true) {
        auto count = co_await (*stream)->read_some(bytes, Instant::never());
        if (!count) co_return;
        (void)co_await (*stream)->write(
            BufferSlice::copy_of(ByteView(bytes, *count)), Instant::never()
        );
    }
}

Task<void> echo_client(SimWorld* world, std::string* got) {
    co_await world->sleep(10ms);
    auto stream =
        co_await world->network().connect(Endpoint{"b", 9, ""}, std::nullopt, world->now() + 1s);
    EXPECT_TRUE(stream) << (stream ? "" : stream.error().to_string());
    if (!stream) co_return;
    (void)co_await (*stream)->write(BufferSlice::copy_of("hello"), Instant::never());
    std::byte bytes[5];
    auto status = co_await runtime::read_exactly(**stream, bytes, world->now() + 20s);
    *got = status ? std::string(as_text(bytes)) : status.error().to_string();
}

std::uint64_t echo_hash(std::uint64_t seed, bool cut, std::string* got) {
    Simulator simulator(seed, false);
    SimNetwork network(simulator);
    network.latency_min = 1ms;
    Host a(simulator, network, "a");
    Host b(simulator, network, "b");
    b.group->spawn([world = b.world.get()] { return echo_server(world); });
    a.group->spawn([world = a.world.get(), got] { return echo_client(world, got); });
    if (cut) {
        simulator.schedule(simulator.now() + 12500us, [&] { network.cut("b", "a"); });
        simulator.schedule(simulator.now() + 5s, [&] { network.heal_all(); });
    }
    simulator.run_for(30s);
    return simulator.trace().hash();
}

TEST(SimulatedNetwork, DeliversInOrderAndHoldsBackWhileCut) {
    std::string got;
    echo_hash(1, false, &got);
    EXPECT_EQ(got, "hello");
    got.clear();
    echo_hash(1, true, &got);
    EXPECT_EQ(got, "hello");
}

TEST(Simulator, SameSeedSameTrace) {
    std::string got;
    EXPECT_EQ(echo_hash(42, true, &got), echo_hash(42, true, &got));
    EXPECT_NE(echo_hash(42, true, &got), echo_hash(43, true, &got));
}

TEST(SimulatedProcess, ACrashEndsItsStreamsAndResumesNothing) {
    Simulator simulator(5, false);
    SimNetwork network(simulator);
    network.latency_min = 1ms;
    Host a(simulator, network, "a");
    Host b(simulator, network, "b");
    b.group->spawn([world = b.world.get()] { return echo_server(world); });
    std::string got;
    simulator.schedule(simulator.now() + 12100us, [&] { network.cut("b", "a"); });
    a.group->spawn([world = a.world.get(), &got] { return echo_client(world, &got); });
    simulator.schedule(simulator.now() + 1s, [&] { network.heal_all(); });
    simulator.run_for(500ms);
    b.crash(simulator, network);
    simulator.run_for(30s);
    EXPECT_NE(got, "hello");
    EXPECT_FALSE(got.empty());
}

// A sleeps 2 s behind an earlier wait that ends before its deadline.
TEST(SimulatedTime, ALaterSleepEndsThoughTheEarlierWaitWasSignalled) {
    Simulator simulator(1, false);
    SimNetwork network(simulator);
    Host host(simulator, network, "a");
    runtime::Event event(host.world->waits());
    bool slept = false;
    host.group->spawn([&]() -> Task<void> {
        (void)co_await event.wait_until(host.world->now() + 1s);
    });
    host.group->spawn([&]() -> Task<void> {
        co_await host.world->sleep(2s);
        slept = true;
    });
    simulator.schedule(simulator.now() + 500ms, [&] { event.notify_all(); });
    simulator.run_for(3s);
    EXPECT_TRUE(slept);
}

}  // namespace
}  // namespace sealane::simulation
