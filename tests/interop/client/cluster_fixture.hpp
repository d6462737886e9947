#pragma once
// A real World and a cluster for tests of common/client: our own broker inside this process on a
// free port and a fresh directory, or, when SEALANE_TEST_BOOTSTRAP=host:port is set, whatever
// Kafka-compatible broker listens there.

#include "common/client/cluster_client.hpp"
#include "common/runtime/task.hpp"

#include <functional>
#include <string>

namespace sealane::client {

// What a scenario gets.
struct TestCluster {
    runtime::World& world;
    ClusterClient& client;
    runtime::Endpoint bootstrap;

    [[nodiscard]] Instant soon(Duration limit = 20s) const { return world.now() + limit; }
    // A name that no other scenario uses, also on a broker that outlives this process.
    [[nodiscard]] std::string fresh_name(const std::string& kind) const {
        return kind + "-" + world_unique_;
    }
    std::string world_unique_;
    // Our broker only: its listener with mutual TLS, and an identity that it trusts. The identity's
    // principal may use the private APIs.
    runtime::Endpoint secure;
    runtime::TlsIdentity identity;
};

// Runs the scenario to its end; everything is stopped and removed behind it.
void with_cluster(std::function<runtime::Task<void>(TestCluster&)> scenario);

// True when the tests run against a foreign broker.
[[nodiscard]] bool is_external_broker();

}  // namespace sealane::client
