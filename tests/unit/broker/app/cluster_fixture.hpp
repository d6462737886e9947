#pragma once
// Three brokers (or more) of one cluster in virtual time, each on a host and disk of its own, and a
// client on another host. Brokers can be started, stopped, killed and cut off.

#include "broker/api/services.hpp"
#include "broker/app/broker.hpp"
#include "common/client/admin.hpp"
#include "common/client/consumer.hpp"
#include "common/client/producer.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "tests/simulation/world/sim_world.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sealane::broker {

class BrokerCluster : public testing::Test {
 protected:
    static constexpr std::uint16_t kPort = 9092;
    using Body = std::function<runtime::Task<void>()>;

    struct Node {
        BrokerConfig config;
        simulation::Disk disk;
        std::unique_ptr<simulation::SimWorld> world;
        std::unique_ptr<Broker> broker;
        std::unique_ptr<runtime::TaskGroup> tasks;
        std::optional<Status> started;
    };

    BrokerCluster()
        : simulator_(7, std::getenv("VERBOSE") != nullptr),
          network_(simulator_),
          client_world_(simulator_, network_, client_disk_, "client", "client") {}
    ~BrokerCluster() override {
        client_world_.drop_everything();
        for (const auto& node : nodes_) drop(*node);
    }

    static std::string host(std::size_t index) { return "b" + std::to_string(index + 1); }

    void make(std::size_t count) {
        std::vector<QuorumVoter> voters;
        for (std::size_t i = 0; i < count; ++i) {
            voters.push_back(
                {BrokerId(static_cast<std::int32_t>(i + 1)), runtime::Endpoint{host(i), kPort, ""}}
            );
        }
        for (std::size_t i = 0; i < count; ++i) {
            auto node = std::make_unique<Node>();
            node->config.node_id = voters[i].id;
            node->config.cluster_id = "AQIDBAUGBwgJCgsMDQ4PEA";
            node->config.log_dir = "/data";
            node->config.cluster.voters = voters;
            node->config.cluster.broker_principals = {"User:ANONYMOUS"};
            node->config.group_initial_rebalance_delay_ms = 0;
            node->config.listeners.push_back(
                {"PLAINTEXT", {host(i), kPort, ""}, std::nullopt, std::nullopt}
            );
            nodes_.push_back(std::move(node));
        }
    }

    void start(std::size_t index) {
        Node& node = *nodes_[index];
        node.started.reset();
        node.world = std::make_unique<simulation::SimWorld>(
            simulator_, network_, node.disk, host(index), host(index)
        );
        node.broker = std::make_unique<Broker>(*node.world, node.config);
        node.tasks = std::make_unique<runtime::TaskGroup>(*node.world);
        node.tasks->spawn([&node]() -> runtime::Task<void> {
            node.started = co_await node.broker->start();
        });
    }
    void kill(std::size_t index) {
        Node& node = *nodes_[index];
        drop(node);
        network_.reset_host(host(index));
        node.disk.crash(simulator_.rng());
    }
    // As SIGTERM: until it has ended.
    void stop(std::size_t index) {
        Node& node = *nodes_[index];
        bool stopped = false;
        node.tasks->spawn([&]() -> runtime::Task<void> {
            co_await node.broker->stop();
            stopped = true;
        });
        ASSERT_TRUE(simulator_.run_until([&] { return stopped; }, simulator_.now() + 60s));
        simulator_.settle();
        drop(node);
    }
    [[nodiscard]] bool serves(std::size_t index) const {
        return nodes_[index]->broker != nullptr && nodes_[index]->broker->serving();
    }
    void wait_serving(std::size_t index) {
        const bool serving = simulator_.run_until(
            [&] { return serves(index) || nodes_[index]->started; }, simulator_.now() + 60s
        );
        ASSERT_TRUE(serving) << host(index) << " does not serve";
        if (nodes_[index]->started && !*nodes_[index]->started) {
            FAIL() << host(index) << ": " << nodes_[index]->started->error().to_string();
        }
    }
    void start_all(std::size_t count) {
        make(count);
        for (std::size_t i = 0; i < count; ++i) start(i);
        for (std::size_t i = 0; i < count; ++i) wait_serving(i);
    }
    [[nodiscard]] bool run_until(const std::function<bool()>& done, Duration limit = 60s) {
        return simulator_.run_until(done, simulator_.now() + limit);
    }
    // Runs a coroutine of the client to its end.
    void run(Body body) {
        bool done = false;
        runtime::TaskGroup group(client_world_);
        group.spawn([&]() -> runtime::Task<void> {
            co_await body();
            done = true;
        });
        ASSERT_TRUE(run_until([&] { return done; }, 10min)) << "the client did not end";
        simulator_.settle();
    }

    [[nodiscard]] client::ClientOptions client_options() const {
        client::ClientOptions options;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            options.bootstrap.push_back(runtime::Endpoint{host(i), kPort, ""});
        }
        options.connect_timeout = 1s;
        options.request_timeout = 5s;
        return options;
    }
    [[nodiscard]] Services& services(std::size_t index) {
        return nodes_[index]->broker->services();
    }
    // Index of the node that is the active controller; nodes_.size(): none.
    [[nodiscard]] std::size_t controller() {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (nodes_[i]->broker && services(i).metadata.is_active()) return i;
        }
        return nodes_.size();
    }
    // What the node `seen_from` has applied; -1: unknown.
    [[nodiscard]] const PartitionState* state(
        std::size_t seen_from, const std::string& topic, std::int32_t partition = 0
    ) {
        const auto image = services(seen_from).metadata.image();
        return image->partition(TopicPartition{topic, PartitionId(partition)});
    }
    static std::size_t index_of(BrokerId id) { return static_cast<std::size_t>(id.value - 1); }

    void drop(Node& node) {
        if (node.world) node.world->drop_everything();
        node.broker.reset();
        node.tasks.reset();
        node.world.reset();
    }

    simulation::Simulator simulator_;
    simulation::SimNetwork network_;
    simulation::Disk client_disk_;
    simulation::SimWorld client_world_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

}  // namespace sealane::broker
