// The World itself: time, stopping, and dying with tasks still under way.

#include "tests/unit/common/runtime_asio/world_fixture.hpp"

#include <csignal>
#include <set>

namespace sealane::asio_runtime {
namespace {

using runtime::Task;

TEST_F(WorldTest, SleepsEndInTheOrderOfTheirDeadlines) {
    run([this]() -> Task<void> {
        runtime::TaskGroup group(world_);
        std::string order;
        const auto sleeper = [&](char name, Duration delay) {
            group.spawn([&order, this, name, delay]() -> Task<void> {
                const Instant due = world_.now() + delay;
                co_await world_.sleep(delay);
                EXPECT_GE(world_.now(), due);
                order.push_back(name);
            });
        };
        sleeper('c', 60ms);
        sleeper('a', 10ms);  // moves the one timer to an earlier instant
        sleeper('b', 30ms);
        co_await group.join();
        EXPECT_EQ(order, "abc");
    });
}

TEST_F(WorldTest, SignalRequestsAStop) {
    const int code = world_.run([this](StopSignal& stop) -> Task<int> {
        EXPECT_FALSE(co_await stop.wait_until(world_.now() + 1ms));
        EXPECT_EQ(std::raise(SIGTERM), 0);
        co_await stop.wait();
        co_return stop.requested() ? 3 : 4;
    });
    EXPECT_EQ(code, 3);
}

TEST(World, SecondSignalEndsTheProcessAtOnce) {
    EXPECT_EXIT(
        {
            StderrLogSink sink;
            AsioWorld world(sink);
            world.run([&world](StopSignal& stop) -> Task<int> {
                (void)std::raise(SIGINT);
                co_await stop.wait();
                (void)std::raise(SIGINT);
                co_await world.sleep(60s);
                co_return 0;
            });
        },
        testing::ExitedWithCode(128 + SIGINT),
        ""
    );
}

TEST_F(WorldTest, ExceptionsOfStartUpReachMain) {
    EXPECT_THROW(
        world_.run([](StopSignal&) -> Task<int> {
            throw std::runtime_error("bad flag");
            co_return 0;
        }),
        std::runtime_error
    );
}

// Tasks left over in every kind of wait are dropped with all they own, whatever they wait for.
TEST(World, DropsTasksThatAreStillWaiting) {
    auto owned = std::make_shared<int>(1);
    {
        StderrLogSink sink;
        AsioWorld world(sink);
        runtime::TaskGroup group(world);
        const int code = world.run([&](StopSignal&) -> Task<int> {
            std::shared_ptr<runtime::Listener> listener =
                *co_await world.network().listen({"127.0.0.1", 0, {}}, std::nullopt);
            const auto at = listener->local();
            group.spawn([&world, owned]() -> Task<void> { co_await world.sleep(60s); });
            group.spawn([owned, accepting = std::move(listener)]() -> Task<void> {
                for (;;) {
                    auto stream = co_await accepting->accept();
                    std::array<std::byte, 8> got{};
                    (void)co_await (*stream)->read_some(got, Instant::never());
                }
            });
            group.spawn([&world, owned, at]() -> Task<void> {
                auto stream = *co_await world.network().connect(at, std::nullopt, Instant::never());
                std::array<std::byte, 8> got{};
                (void)co_await stream->read_some(got, world.now() + 60s);
            });
            group.spawn([&world, owned]() -> Task<void> {
                (void)co_await world.files().list("/proc/self/fd");
                co_await world.sleep(60s);
            });
            co_await world.sleep(20ms);
            co_return 0;
        });
        EXPECT_EQ(code, 0);
        EXPECT_GT(owned.use_count(), 1);
    }
    EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(WorldTest, UuidsDifferAndCanStandOnACommandLine) {
    std::set<Uuid> seen;
    for (int i = 0; i < 1000; ++i) {
        const Uuid uuid = world_.random_uuid();
        EXPECT_TRUE(seen.insert(uuid).second);
        EXPECT_NE(uuid.to_string().front(), '-');
    }
}

TEST_F(WorldTest, TheWallClockIsOfThisCentury) {
    EXPECT_GT(world_.wall().ms, 1'577'836'800'000);
}

}  // namespace
}  // namespace sealane::asio_runtime
