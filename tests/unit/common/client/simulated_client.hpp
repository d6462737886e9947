#pragma once
// Runs a test of the client in virtual time: a fake broker on one host, the client on another.

#include "common/client/cluster_client.hpp"
#include "tests/simulation/world/sim_world.hpp"
#include "tests/unit/common/client/fake_broker.hpp"

#include <gtest/gtest.h>

namespace sealane::client {

struct SimulatedCluster {
    simulation::Simulator& simulator;
    simulation::SimNetwork& network;
    runtime::World& world;  // of the client
    FakeBroker& broker;
    ClusterClient& client;
    runtime::TaskGroup& tasks;
    [[nodiscard]] Instant soon(Duration limit = 60s) const { return world.now() + limit; }
    [[nodiscard]] ConnectionSetup setup(ConnectionOptions options = {}) const {
        return {
            world,
            tasks,
            {.host = "broker", .port = kFakePort, .unix_path = {}},
            std::nullopt,
            std::move(options)
        };
    }
};

using Scenario = std::function<runtime::Task<void>(SimulatedCluster&)>;

// Fails the test when the scenario has not ended after ten virtual minutes.
inline void simulate(std::uint64_t seed, Scenario scenario) {
    simulation::Simulator simulator(seed, false);
    simulation::SimNetwork network(simulator);
    simulation::Disk disk;
    simulation::SimWorld broker_world(simulator, network, disk, "broker", "broker");
    simulation::SimWorld client_world(simulator, network, disk, "client", "client");
    ClientOptions options;
    options.bootstrap.push_back({.host = "broker", .port = kFakePort, .unix_path = {}});
    FakeBroker broker(broker_world);
    ClusterClient client(client_world, options);
    runtime::TaskGroup side(client_world);
    runtime::TaskGroup main(client_world);
    SimulatedCluster cluster{simulator, network, client_world, broker, client, side};
    bool done = false;
    broker.start();
    main.spawn([&]() -> runtime::Task<void> {
        co_await scenario(cluster);
        co_await client.stop();
        co_await side.stop_and_join();
        co_await broker.stop();
        done = true;
    });
    EXPECT_TRUE(simulator.run_until(
        [&] { return done && main.running() == 0; }, simulator.now() + std::chrono::minutes(10)
    ));
    client_world.drop_everything();
    broker_world.drop_everything();
}

}  // namespace sealane::client
