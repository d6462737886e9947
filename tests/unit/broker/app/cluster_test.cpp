// A cluster of three brokers in virtual time, as its clients see it: what is acknowledged stays
// while brokers are killed, stopped and started again.

#include "tests/unit/broker/app/cluster_fixture.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

constexpr const char* kTopic = "orders";

class ClusterTest : public BrokerCluster {
 protected:
    void create_topic(std::int32_t partitions, std::int16_t replication) {
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, client_options());
            client::Admin admin(cluster);
            client::NewTopic topic;
            topic.name = kTopic;
            topic.partitions = partitions;
            topic.replication = replication;
            const Status made = co_await admin.create_topic(topic, client_world_.now() + 20s);
            EXPECT_TRUE(made) << (made ? "" : made.error().to_string());
            co_await cluster.stop();
        });
    }
    // Writes `count` records to partition 0; every one must be acknowledged.
    void write(int count, const std::string& prefix) {
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, client_options());
            client::Producer producer(cluster, {.linger = 1ms});
            for (int i = 0; i < count; ++i) {
                const auto sent = co_await producer.send(
                    kTopic,
                    PartitionId(0),
                    kafka::text_record("", prefix + std::to_string(i), client_world_.wall()),
                    client_world_.now() + 60s
                );
                EXPECT_TRUE(sent) << (sent ? "" : sent.error().to_string());
                if (sent) written_.push_back(prefix + std::to_string(i));
            }
            co_await producer.stop();
            co_await cluster.stop();
        });
    }
    // Reads partition 0 until it has seen as many records as were written.
    void expect_all_there() {
        std::vector<std::string> seen;
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, client_options());
            client::ConsumerOptions reading;
            reading.max_wait = 100ms;
            client::Consumer consumer(cluster, reading);
            consumer.assign({kTopic, PartitionId(0)}, client::StartAt::earliest());
            const Instant limit = client_world_.now() + 60s;
            while (seen.size() < written_.size() && client_world_.now() < limit) {
                const auto records = co_await consumer.poll(client_world_.now() + 1s);
                if (!records) continue;
                for (const auto& each : *records) {
                    seen.emplace_back(each.record.value->text());
                }
            }
            co_await consumer.stop();
            co_await cluster.stop();
        });
        EXPECT_EQ(seen, written_);
    }
    bool all_in_sync(std::size_t seen_from, std::size_t replicas) {
        const auto* partition = state(seen_from, kTopic);
        return partition != nullptr && partition->isr.size() == replicas;
    }
    std::size_t any_running() {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (serves(i)) return i;
        }
        return 0;
    }

    std::vector<std::string> written_;
};

TEST_F(ClusterTest, BrokersElectAControllerAndServe) {
    start_all(3);
    EXPECT_TRUE(run_until([&] { return controller() < 3; }));
    run([&]() -> Task<void> {
        client::ClusterClient cluster(client_world_, client_options());
        client::Admin admin(cluster);
        const auto described = co_await admin.describe_cluster(client_world_.now() + 10s);
        EXPECT_TRUE(described);
        if (described) EXPECT_EQ(described->brokers.size(), 3U);
        co_await cluster.stop();
    });
}

TEST_F(ClusterTest, TopicsMayBeMadeThroughAnyBroker) {
    start_all(3);
    create_topic(3, 3);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(run_until([&] { return all_in_sync(i, 3); })) << host(i);
    }
}

TEST_F(ClusterTest, AcknowledgedRecordsSurviveTheDeathOfTheirLeader) {
    start_all(3);
    create_topic(1, 3);
    write(20, "before-");
    const std::size_t leader = index_of(state(0, kTopic)->leader);
    kill(leader);
    write(20, "after-");
    expect_all_there();
}

TEST_F(ClusterTest, WhoAsksRightAfterTheDeathOfALeaderIsToldTheNextOne) {
    start_all(3);
    create_topic(6, 3);
    write(5, "before-");  // everybody has fetched from everybody
    const std::size_t victim = controller() == 0 ? 1 : 0;
    const BrokerId dead = nodes_[victim]->config.node_id;
    const std::size_t asked = 2;
    kill(victim);
    const Instant killed = simulator_.now();
    run([&]() -> Task<void> {
        client::ClientOptions options = client_options();
        options.bootstrap = {runtime::Endpoint{host(asked), kPort, ""}};
        client::ClusterClient cluster(client_world_, options);
        for (std::int32_t i = 0; i < 6; ++i) {
            const Instant deadline = client_world_.now() + 10s;
            const auto leader = co_await cluster.leader({kTopic, PartitionId(i)}, deadline);
            EXPECT_TRUE(leader);
            if (leader) EXPECT_NE(leader->broker, dead);
        }
        co_await cluster.stop();
    });
    // Nobody listened at its address any more: no session had to run out.
    EXPECT_LT(simulator_.now() - killed, 500ms);
}

TEST_F(ClusterTest, AcknowledgedRecordsSurviveTheDeathOfTheController) {
    start_all(3);
    create_topic(1, 3);
    write(10, "before-");
    kill(controller());
    write(10, "after-");
    expect_all_there();
}

TEST_F(ClusterTest, AKilledBrokerComesBackIntoTheInSyncSet) {
    start_all(3);
    create_topic(1, 3);
    write(10, "before-");
    const std::size_t victim = index_of(state(0, kTopic)->leader);
    kill(victim);
    write(10, "meanwhile-");
    start(victim);
    wait_serving(victim);
    EXPECT_TRUE(run_until([&] { return all_in_sync(victim, 3); }));
    write(10, "after-");
    expect_all_there();
}

TEST_F(ClusterTest, AllBrokersKilledAtOnceKeepWhatWasAcknowledged) {
    start_all(3);
    create_topic(1, 3);
    write(20, "before-");
    for (std::size_t i = 0; i < 3; ++i) kill(i);
    for (std::size_t i = 0; i < 3; ++i) start(i);
    for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
    write(5, "after-");
    expect_all_there();
}

TEST_F(ClusterTest, ARollingRestartLosesNothing) {
    start_all(3);
    create_topic(1, 3);
    for (std::size_t i = 0; i < 3; ++i) {
        write(5, "round" + std::to_string(i) + "-");
        stop(i);
        write(5, "without" + std::to_string(i) + "-");
        start(i);
        wait_serving(i);
        EXPECT_TRUE(run_until([&] { return all_in_sync(i, 3); }));
    }
    expect_all_there();
}

TEST_F(ClusterTest, AWipedBrokerIsFilledFromTheOthers) {
    start_all(3);
    create_topic(1, 3);
    write(20, "before-");
    const std::size_t victim = index_of(state(0, kTopic)->leader);
    kill(victim);
    nodes_[victim]->disk = simulation::Disk();
    start(victim);
    wait_serving(victim);
    EXPECT_TRUE(run_until([&] { return all_in_sync(victim, 3); }));
    write(5, "after-");
    expect_all_there();
}

TEST_F(ClusterTest, WritesAreRefusedBelowTheMinimumOfInSyncReplicas) {
    start_all(3);
    create_topic(1, 3);
    write(5, "before-");
    const std::size_t leader = index_of(state(0, kTopic)->leader);
    for (std::size_t i = 0; i < 3; ++i) {
        if (i != leader) kill(i);
    }
    run([&]() -> Task<void> {
        client::ClusterClient cluster(client_world_, client_options());
        client::Producer producer(cluster, {.linger = 1ms, .delivery_timeout = 8s});
        const auto sent = co_await producer.send(
            kTopic,
            PartitionId(0),
            kafka::text_record("", "lonely", client_world_.wall()),
            client_world_.now() + 20s
        );
        EXPECT_FALSE(sent);
        co_await producer.stop();
        co_await cluster.stop();
    });
}

// One number, two processes: the second one has another disk.
class TwoOfANumber : public ClusterTest {
 protected:
    void expect_refused(std::size_t whom) {
        const std::size_t controller_before = controller();
        auto impostor = std::make_unique<Node>();
        impostor->config = nodes_[whom]->config;
        impostor->config.listeners[0].address.host = host(3);
        nodes_.push_back(std::move(impostor));
        start(3);
        ASSERT_TRUE(run_until([&] { return nodes_[3]->started.has_value(); }));
        const Status said = *nodes_[3]->started;
        ASSERT_FALSE(said);
        EXPECT_EQ(said.error().code(), ErrorCode::kDuplicateBrokerRegistration);
        EXPECT_NE(
            said.error().to_string().find("node " + std::to_string(whom + 1)), std::string::npos
        ) << said.error().to_string();
        stop(3);
        nodes_.pop_back();
        EXPECT_EQ(controller(), controller_before);
        write(3, "after-");
        expect_all_there();
    }
};

TEST_F(TwoOfANumber, TheFirstIsTheActiveController) {
    start_all(3);
    create_topic(1, 3);
    expect_refused(controller());
}

TEST_F(TwoOfANumber, TheFirstIsAnotherNode) {
    start_all(3);
    create_topic(1, 3);
    expect_refused((controller() + 1) % 3);
}

// A crash leaves a session behind: the next life waits for its end.
TEST_F(ClusterTest, ABrokerThatRestartsIsNotTakenForASecondOne) {
    start_all(3);
    for (int round = 0; round < 3; ++round) {
        const std::size_t victim = round == 1 ? (controller() + 1) % 3 : controller();
        kill(victim);
        nodes_[victim]->disk = simulation::Disk();
        start(victim);
        wait_serving(victim);
    }
}

}  // namespace
}  // namespace sealane::broker
