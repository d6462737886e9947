// Three real brokers in virtual time whose disks are full for a while: who leads, who is in sync,
// and what producers are told.

#include "broker/peers/peers.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/topics.hpp"
#include "tests/unit/broker/app/cluster_fixture.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

constexpr const char* kTopic = "orders";

class FullDiskTest : public BrokerCluster {
 protected:
    void create_topic(std::int16_t replication = 3) {
        start_all(3);
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, client_options());
            client::Admin admin(cluster);
            client::NewTopic topic;
            topic.name = kTopic;
            topic.partitions = 1;
            topic.replication = replication;
            topic.configs = {{"min.insync.replicas", "1"}};
            const Status made = co_await admin.create_topic(topic, client_world_.now() + 20s);
            EXPECT_TRUE(made) << (made ? "" : made.error().to_string());
            co_await cluster.stop();
        });
        ASSERT_TRUE(run_until([&] { return in_sync() == static_cast<std::size_t>(replication); }));
        ASSERT_TRUE(run_until([&] { return leader() < 3; }));
        ASSERT_EQ(produce(leader()), ErrorCode::kNone);
    }
    PartitionPtr replica(std::size_t index) {
        return services(index).partitions.find(TopicPartition{kTopic, PartitionId(0)});
    }
    std::size_t leader() {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (const PartitionPtr here = replica(i); here && here->leads()) return i;
        }
        return nodes_.size();
    }
    bool in_sync_as_seen(std::size_t by, std::size_t member) {
        const auto& isr = state(by, kTopic)->isr;
        return std::ranges::find(isr, nodes_[member]->config.node_id) != isr.end();
    }
    std::size_t in_sync() {
        const PartitionState* known = state(0, kTopic);
        return known == nullptr ? 0 : known->isr.size();
    }
    void fill(std::size_t index) {
        simulation::Disk& disk = nodes_[index]->disk;
        disk.faults.capacity = disk.used();
    }
    void free(std::size_t index) {
        nodes_[index]->disk.faults.capacity = simulation::Disk::kNoLimit;
    }
    // One batch with acks=all; what the broker says.
    ErrorCode produce(std::size_t to) {
        ErrorCode said = ErrorCode::kUnknownServerError;
        run([&]() -> Task<void> {
            kafka::RecordBatchBuilder builder({});
            EXPECT_TRUE(builder.add(kafka::text_record("k", "v", client_world_.wall())));
            kafka::ProduceRequest request;
            request.acks = -1;
            request.timeout_ms = 10'000;
            auto& topic = request.topic_data.emplace_back();
            topic.name = kTopic;
            topic.topic_id = services(to).metadata.image()->topic(kTopic)->id;
            topic.partition_data.emplace_back().records =
                BufferSlice::copy_of(std::move(builder).build()->bytes().view());
            const auto answer = co_await peers_.send_to(
                runtime::Endpoint{host(to), kPort, ""},
                PeerLane::kController,
                std::move(request),
                client_world_.now() + 20s
            );
            EXPECT_TRUE(answer) << (answer ? "" : answer.error().to_string());
            if (answer) said = answer->responses.at(0).partition_responses.at(0).error_code;
        });
        return said;
    }
    // A node that leads nothing of the quorum: its disk has to carry the topic only.
    void lead_elsewhere_than_the_controller() {
        ASSERT_TRUE(run_until([&] { return controller() < 3; }));
        if (leader() != controller()) return;
        fill(leader());
        (void)produce(leader());
        ASSERT_TRUE(run_until([&] { return leader() < 3 && leader() != controller(); }));
        for (std::size_t i = 0; i < 3; ++i) free(i);
        ASSERT_TRUE(run_until([&] { return in_sync() == 3; }));
    }
    void TearDown() override {
        run([&]() -> Task<void> { co_await peers_.stop(); });
    }

    Peers peers_{client_world_, {.client_id = "test", .tls = std::nullopt}};
};

TEST_F(FullDiskTest, ALeaderHandsOverAndComesBackWhenThereIsRoom) {
    create_topic();
    lead_elsewhere_than_the_controller();
    const std::size_t full = leader();
    const Instant began = simulator_.now();
    fill(full);
    EXPECT_EQ(produce(full), ErrorCode::kNotLeaderOrFollower);
    ASSERT_TRUE(run_until([&] { return leader() < 3 && leader() != full; }));
    EXPECT_LT(simulator_.now() - began, 1s);
    const std::size_t next = leader();
    EXPECT_EQ(produce(next), ErrorCode::kNone);
    EXPECT_FALSE(in_sync_as_seen(next, full));
    // Nobody elects it while it cannot write, however long it has everything there is.
    simulator_.run_for(20s);
    EXPECT_FALSE(in_sync_as_seen(next, full));
    EXPECT_EQ(leader(), next);
    free(full);
    ASSERT_TRUE(run_until([&] { return in_sync_as_seen(next, full); }, 10s));
    EXPECT_EQ(replica(full)->log_end(), replica(next)->log_end());
}

TEST_F(FullDiskTest, AFollowerHoldsNobodyUp) {
    create_topic();
    lead_elsewhere_than_the_controller();
    const std::size_t at = leader();
    std::size_t full = 0;
    while (full == at || full == controller()) ++full;
    fill(full);
    const Instant began = simulator_.now();
    EXPECT_EQ(produce(at), ErrorCode::kNone);
    EXPECT_LT(simulator_.now() - began, 1s);
    EXPECT_FALSE(in_sync_as_seen(at, full));
    EXPECT_EQ(produce(at), ErrorCode::kNone);
    free(full);
    ASSERT_TRUE(run_until([&] { return in_sync_as_seen(at, full); }, 10s));
    EXPECT_EQ(replica(full)->log_end(), replica(at)->log_end());
}

// It decides its own withdrawal, with the room that is kept for metadata.
TEST_F(FullDiskTest, AControllerWithAFullDiskGoesOnControlling) {
    create_topic();
    ASSERT_TRUE(run_until([&] { return controller() < 3; }));
    const std::size_t full = controller();
    fill(full);
    (void)produce(leader());
    ASSERT_TRUE(run_until([&] {
        return leader() < 3 && leader() != full && !in_sync_as_seen(leader(), full);
    }));
    EXPECT_EQ(produce(leader()), ErrorCode::kNone);
    EXPECT_EQ(controller(), full);
    free(full);
    ASSERT_TRUE(run_until([&] { return in_sync_as_seen(leader(), full); }, 30s));
}

// Leadership goes round once, and stays with the last.
TEST_F(FullDiskTest, FullDisksEverywhereMoveLeadershipOnlyOnce) {
    create_topic();
    const LeaderEpoch before = state(0, kTopic)->leader_epoch;
    for (std::size_t i = 0; i < 3; ++i) fill(i);
    for (int tries = 0; tries < 30; ++tries) {
        // The last may write into what the metadata's reserve has left.
        if (leader() < 3) (void)produce(leader());
        simulator_.run_for(1s);
    }
    EXPECT_EQ(in_sync(), 1U);
    EXPECT_LE(state(0, kTopic)->leader_epoch.value, before.value + 2);
    ASSERT_LT(leader(), 3U);
    fill(leader());
    EXPECT_EQ(produce(leader()), ErrorCode::kKafkaStorageError);
    for (std::size_t i = 0; i < 3; ++i) free(i);
    ASSERT_TRUE(run_until([&] { return in_sync() == 3; }, 30s));
    EXPECT_EQ(produce(leader()), ErrorCode::kNone);
}

TEST_F(FullDiskTest, TheOnlyReplicaStaysAndTriesAgain) {
    create_topic(1);
    const std::size_t at = leader();
    fill(at);
    EXPECT_EQ(produce(at), ErrorCode::kKafkaStorageError);
    EXPECT_EQ(produce(at), ErrorCode::kKafkaStorageError);
    EXPECT_EQ(leader(), at);
    free(at);
    EXPECT_EQ(produce(at), ErrorCode::kNone);
}

}  // namespace
}  // namespace sealane::broker
