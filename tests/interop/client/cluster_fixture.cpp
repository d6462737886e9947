#include "tests/interop/client/cluster_fixture.hpp"

#include "broker/app/broker.hpp"
#include "common/identity/identity_files.hpp"
#include "common/identity/issue.hpp"
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

runtime::TlsIdentity identity_at(const std::string& directory, const std::string& name) {
    const std::string path = directory + "/" + name;
    return {"seoul", directory + "/ca.pem", path + ".pem", path + ".key"};
}

// An authority, a server certificate and a client certificate for CN=mirror.
void make_identities(const std::string& directory, WallTime now) {
    const auto valid = identity::Validity::days_from(now, 1);
    const auto ca = identity::make_authority({"ca", "seoul"}, valid);
    const auto server =
        identity::make_server_certificate(*ca, {"broker", "seoul"}, {"127.0.0.1"}, valid);
    const auto client = identity::make_client_certificate(*ca, {"mirror", "seoul"}, valid);
    EXPECT_TRUE(identity::write_certificate(ca->certificate_pem, directory + "/ca.pem"));
    const auto write = [&directory](const identity::Credential& made, const std::string& name) {
        const runtime::TlsIdentity at = identity_at(directory, name);
        EXPECT_TRUE(identity::write_credential(made, at.certificate_file, at.key_file));
    };
    write(*server, "server");
    write(*client, "client");
}

broker::BrokerConfig broker_config(const std::string& directory) {
    broker::BrokerConfig config;
    config.node_id = BrokerId(7);
    config.log_dir = directory + "/data";
    config.offsets_topic_partitions = 4;
    config.group_initial_rebalance_delay_ms = 0;
    config.auto_create_topics = false;
    config.mirror_principals.push_back("User:CN=mirror,O=seoul");
    broker::ListenerConfig listener;
    listener.name = "PLAIN";
    listener.address = {.host = "127.0.0.1", .port = 0, .unix_path = {}};
    config.listeners.push_back(listener);
    listener.name = "SECURE";
    listener.tls = identity_at(directory, "server");
    config.listeners.push_back(listener);
    return config;
}

Task<void> run_scenario(
    runtime::World& world,
    runtime::Endpoint bootstrap,
    const std::function<Task<void>(TestCluster&)>& scenario,
    runtime::Endpoint secure = {},
    runtime::TlsIdentity identity = {}
) {
    ClientOptions options;
    options.bootstrap.push_back(bootstrap);
    options.client_id = "client-test";
    ClusterClient client(world, options);
    TestCluster cluster{
        world, client, bootstrap, world.random_uuid().to_string(), secure, identity
    };
    co_await scenario(cluster);
    co_await client.stop();
}

Task<int> run_with_own_broker(
    runtime::World& world,
    std::string directory,
    const std::function<Task<void>(TestCluster&)>& scenario
) {
    make_identities(directory, world.wall());
    broker::Broker broker(world, broker_config(directory));
    const Status started = co_await broker.start();
    EXPECT_TRUE(started) << started.error().to_string();
    if (started)
        co_await run_scenario(
            world,
            broker.endpoint("PLAIN"),
            scenario,
            broker.endpoint("SECURE"),
            identity_at(directory, "client")
        );
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
