#include "tests/interop/client/cluster_fixture.hpp"

#include "broker/app/broker.hpp"
#include "common/runtime_asio/asio_world.hpp"
#include "common/runtime_asio/stderr_log_sink.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace sealane::client {
namespace {

using runtime::Task;

const char* external_bootstrap() {
    return std::getenv("SEALANE_TEST_BOOTSTRAP");
}

std::string make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sealane-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    return pattern;
}

broker::BrokerConfig broker_config(const std::string& directory) {
    broker::BrokerConfig config;
    config.node_id = BrokerId(7);
    config.log_dir = directory;
    config.offsets_topic_partitions = 4;
    config.group_initial_rebalance_delay_ms = 0;
    config.auto_create_topics = false;
    broker::ListenerConfig listener;
    listener.name = "PLAIN";
    listener.address = {.host = "127.0.0.1", .port = 0, .unix_path = {}};
    config.listeners.push_back(listener);
    return config;
}

Task<void> run_scenario(
    runtime::World& world,
    runtime::Endpoint bootstrap,
    const std::function<Task<void>(TestCluster&)>& scenario
) {
    ClientOptions options;
    options.bootstrap.push_back(bootstrap);
    options.client_id = "client-test";
    ClusterClient client(world, options);
    TestCluster cluster{world, client, bootstrap, world.random_uuid().to_string()};
    co_await scenario(cluster);
    co_await client.stop();
}

Task<int> run_with_own_broker(
    runtime::World& world,
    std::string directory,
    const std::function<Task<void>(TestCluster&)>& scenario
) {
    broker::Broker broker(world, broker_config(directory));
    const Status started = co_await broker.start();
    EXPECT_TRUE(started) << started.error().to_string();
    if (started) co_await run_scenario(world, broker.endpoint("PLAIN"), scenario);
    co_await broker.stop();
    co_return 0;
}

Task<int> run_with_external(
    runtime::World& world, const std::function<Task<void>(TestCluster&)>& scenario
) {
    const auto endpoint = runtime::Endpoint::parse(external_bootstrap());
    EXPECT_TRUE(endpoint);
    if (endpoint) co_await run_scenario(world, *endpoint, scenario);
    co_return 0;
}

}  // namespace

bool is_external_broker() {
    return external_bootstrap() != nullptr;
}

void with_cluster(std::function<Task<void>(TestCluster&)> scenario) {
    const bool verbose = std::getenv("SEALANE_TEST_VERBOSE") != nullptr;
    asio_runtime::StderrLogSink sink(
        verbose ? runtime::LogLevel::kDebug : runtime::LogLevel::kWarning
    );
    const std::string directory = make_directory();
    {
        asio_runtime::AsioWorld world(sink);
        (void)world.run([&](asio_runtime::StopSignal&) -> Task<int> {
            if (is_external_broker()) return run_with_external(world, scenario);
            return run_with_own_broker(world, directory, scenario);
        });
    }
    std::filesystem::remove_all(directory);
}

}  // namespace sealane::client
