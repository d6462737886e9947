// Three real brokers in virtual time: what followers do with their logs, and what clients are told.

#include "broker/metadata/config_records.hpp"
#include "broker/peers/peers.hpp"
#include "common/kafka/messages/configs.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/topics.hpp"
#include "tests/unit/broker/app/cluster_fixture.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

constexpr const char* kTopic = "orders";
const TopicPartition kFirst{kTopic, PartitionId(0)};

class ReplicationTest : public BrokerCluster {
 protected:
    void create_topic(std::map<std::string, std::string> configs = {}) {
        run([&]() -> Task<void> {
            client::ClusterClient cluster(client_world_, client_options());
            client::Admin admin(cluster);
            client::NewTopic topic;
            topic.name = kTopic;
            topic.partitions = 1;
            topic.replication = 3;
            topic.configs = configs;
            const Status made = co_await admin.create_topic(topic, client_world_.now() + 20s);
            EXPECT_TRUE(made) << (made ? "" : made.error().to_string());
            co_await cluster.stop();
        });
        ASSERT_TRUE(run_until([&] { return in_sync(0) == 3; }));
        for (std::size_t i = 0; i < 3; ++i) {
            ASSERT_TRUE(run_until([&] { return replica(i) != nullptr; }));
        }
    }
    std::size_t in_sync(std::size_t seen_from) {
        const auto* partition = serves(seen_from) ? state(seen_from, kTopic) : nullptr;
        return partition == nullptr ? 0 : partition->isr.size();
    }
    PartitionPtr replica(std::size_t index) {
        return serves(index) ? services(index).partitions.find(kFirst) : nullptr;
    }
    std::size_t leader() {
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (const PartitionPtr here = replica(i); here && here->leads()) return i;
        }
        return nodes_.size();
    }
    std::size_t follower() { return leader() == 0 ? 1 : 0; }
    bool keeps_damaged_log(std::size_t index) {
        const auto entries = nodes_[index]->disk.list("/data");
        return entries && std::ranges::any_of(*entries, [](const auto& entry) {
                   return entry.name.ends_with("-damaged");
               });
    }

    template <class Request>
    Task<typename Request::Response> ask(std::size_t index, Request request) {
        const runtime::Endpoint to{host(index), kPort, ""};
        auto answer = co_await peers_.send_to(
            to, PeerLane::kController, std::move(request), client_world_.now() + 20s
        );
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().to_string());
        co_return answer ? *std::move(answer) : typename Request::Response{};
    }
    Uuid topic_id(std::size_t seen_from) {
        return services(seen_from).metadata.image()->topic(kTopic)->id;
    }
    kafka::ProduceRequest produce(std::size_t at, std::int16_t acks, int records = 1) {
        kafka::RecordBatchBuilder builder({});
        for (int i = 0; i < records; ++i) {
            EXPECT_TRUE(builder.add(
                kafka::text_record("k", "v" + std::to_string(next_++), client_world_.wall())
            ));
        }
        kafka::ProduceRequest request;
        request.acks = acks;
        request.timeout_ms = 10'000;
        auto& topic = request.topic_data.emplace_back();
        topic.name = kTopic;
        topic.topic_id = topic_id(at);
        topic.partition_data.emplace_back().records =
            BufferSlice::copy_of(std::move(builder).build()->bytes().view());
        return request;
    }
    // Acknowledged by all, at the leader of the moment.
    void write(int batches) {
        for (int i = 0; i < batches; ++i) {
            ASSERT_TRUE(run_until([&] { return leader() < nodes_.size(); }));
            run([&]() -> Task<void> {
                const std::size_t to = leader();
                const auto answer = co_await ask(to, produce(to, -1));
                EXPECT_EQ(
                    answer.responses.at(0).partition_responses.at(0).error_code, ErrorCode::kNone
                );
            });
        }
    }
    kafka::FetchRequest fetch(std::size_t at, Offset from, std::string rack = {}) {
        kafka::FetchRequest request;
        request.max_wait_ms = 2'000;
        request.min_bytes = 1;
        request.rack_id = std::move(rack);
        auto& topic = request.topics.emplace_back();
        topic.topic_id = topic_id(at);
        auto& partition = topic.partitions.emplace_back();
        partition.fetch_offset = from;
        partition.partition_max_bytes = 1 << 20;
        return request;
    }
    // Byte for byte, by the digest chains.
    void expect_equal_logs() {
        const Offset end = replica(leader())->log_end();
        std::optional<RangeDigest> first;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            const PartitionPtr here = replica(i);
            ASSERT_NE(here, nullptr) << host(i);
            ASSERT_TRUE(run_until([&] { return here->log_end() == end; })) << host(i);
            std::optional<RangeDigest> digest;
            runtime::TaskGroup group(*nodes_[i]->world);
            group.spawn([&]() -> Task<void> {
                auto found = co_await here->log().digest_of_range(Offset(0), end);
                EXPECT_TRUE(found);
                digest = *found;
            });
            ASSERT_TRUE(run_until([&] { return digest.has_value(); }));
            simulator_.settle();
            if (!first) first = digest;
            EXPECT_EQ(digest->hash, first->hash) << host(i);
            EXPECT_EQ(digest->next_offset, end) << host(i);
        }
    }
    void stop_asking() {
        run([&]() -> Task<void> { co_await peers_.stop(); });
    }

    Peers peers_{client_world_, {.client_id = "test", .tls = std::nullopt}};
    int next_ = 0;
};

TEST_F(ReplicationTest, FollowersServeConsumersAndSendProducersToTheLeader) {
    start_all(3);
    create_topic();
    write(5);
    const std::size_t here = follower();
    ASSERT_TRUE(run_until([&] { return replica(here)->high_watermark() == Offset(5); }));
    run([&]() -> Task<void> {
        const auto read = co_await ask(here, fetch(here, Offset(0)));
        const auto& data = read.responses.at(0).partitions.at(0);
        EXPECT_EQ(data.error_code, ErrorCode::kNone);
        EXPECT_EQ(data.high_watermark, Offset(5));
        EXPECT_FALSE(data.records->empty());

        const auto refused = co_await ask(here, produce(here, -1));
        const auto& answer = refused.responses.at(0).partition_responses.at(0);
        EXPECT_EQ(answer.error_code, ErrorCode::kNotLeaderOrFollower);
        EXPECT_EQ(answer.current_leader.leader_id, nodes_[leader()]->config.node_id);
        EXPECT_EQ(answer.current_leader.leader_epoch, replica(leader())->leader_epoch());
        EXPECT_EQ(refused.node_endpoints.size(), 1U);
        if (!refused.node_endpoints.empty()) {
            EXPECT_EQ(refused.node_endpoints[0].host, host(leader()));
        }
    });
    stop_asking();
}

TEST_F(ReplicationTest, ConsumersAreSentToTheReplicaInTheirRack) {
    make(3);
    for (std::size_t i = 0; i < 3; ++i) {
        nodes_[i]->config.cluster.rack = "rack" + std::to_string(i);
        start(i);
    }
    for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
    create_topic();
    write(3);
    const std::size_t at = leader();
    const std::size_t near = follower();
    run([&]() -> Task<void> {
        auto read = co_await ask(at, fetch(at, Offset(0), nodes_[near]->config.cluster.rack));
        EXPECT_EQ(
            read.responses.at(0).partitions.at(0).preferred_read_replica,
            nodes_[near]->config.node_id
        );
        EXPECT_TRUE(read.responses.at(0).partitions.at(0).records->empty());
        // The leader's own rack, and one that nobody is in.
        for (const std::string& rack : {nodes_[at]->config.cluster.rack, std::string("far")}) {
            read = co_await ask(at, fetch(at, Offset(0), rack));
            const auto& data = read.responses.at(0).partitions.at(0);
            EXPECT_EQ(data.preferred_read_replica, kNoBroker);
            EXPECT_FALSE(data.records->empty());
        }
    });
    stop_asking();
}

TEST_F(ReplicationTest, AFormerLeaderGivesUpWhatNobodyElseHas) {
    start_all(3);
    create_topic();
    write(5);
    const std::size_t old = leader();
    for (std::size_t i = 0; i < 3; ++i) {
        if (i == old) continue;
        network_.cut(host(i), host(old));
        network_.cut(host(old), host(i));
    }
    run([&]() -> Task<void> {
        // Only its page cache promises these.
        (void)co_await ask(old, produce(old, 1, 3));
        (void)co_await ask(old, produce(old, 1, 4));
    });
    EXPECT_EQ(replica(old)->log_end(), Offset(12));
    ASSERT_TRUE(run_until([&] {
        for (std::size_t i = 0; i < 3; ++i) {
            if (i != old && replica(i)->leads()) return true;
        }
        return false;
    }));
    std::size_t next = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        if (i != old && replica(i)->leads()) next = i;
    }
    run([&]() -> Task<void> { (void)co_await ask(next, produce(next, 1, 2)); });
    network_.heal_all();
    ASSERT_TRUE(run_until([&] { return in_sync(next) == 3 && !replica(old)->leads(); }));
    write(3);
    EXPECT_EQ(replica(next)->log_end(), Offset(10));
    expect_equal_logs();
    stop_asking();
}

TEST_F(ReplicationTest, DeleteRecordsIsAnsweredWhenAllReplicasHaveFollowed) {
    start_all(3);
    create_topic();
    write(6);
    run([&]() -> Task<void> {
        kafka::DeleteRecordsRequest request;
        request.timeout_ms = 20'000;
        auto& topic = request.topics.emplace_back();
        topic.name = kTopic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = PartitionId(0);
        partition.offset = Offset(4);
        const auto answer = co_await ask(leader(), std::move(request));
        const auto& result = answer.topics.at(0).partitions.at(0);
        EXPECT_EQ(result.error_code, ErrorCode::kNone);
        EXPECT_EQ(result.low_watermark, Offset(4));
        for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(replica(i)->log_start(), Offset(4));
    });
    stop_asking();
}

TEST_F(ReplicationTest, AReplicaWhoseRecordsRotIsCopiedAnew) {
    start_all(3);
    create_topic();
    write(20);
    const std::size_t victim = leader();
    simulator_.run_for(15s);  // checkpoints: everything is below the recovery point
    kill(victim);
    const std::string name = "/data/orders-0/00000000000000000000.log";
    auto inode = nodes_[victim]->disk.open(name, runtime::OpenMode::kRead);
    ASSERT_TRUE(inode);
    (*inode)->flip_bit((*inode)->bytes().size() / 2);
    start(victim);
    wait_serving(victim);
    ASSERT_TRUE(run_until([&] { return leader() != victim && in_sync(leader()) == 3; }));
    ASSERT_TRUE(run_until([&] { return keeps_damaged_log(victim); }));
    ASSERT_TRUE(run_until([&] {
        return replica(victim) && replica(victim)->log_end() == Offset(20);
    }));
    ASSERT_TRUE(run_until([&] { return in_sync(leader()) == 3; }));
    run([&]() -> Task<void> {
        const auto read = co_await ask(victim, fetch(victim, Offset(0)));
        EXPECT_EQ(read.responses.at(0).partitions.at(0).error_code, ErrorCode::kNone);
    });
    write(3);
    expect_equal_logs();
    stop_asking();
}

TEST_F(ReplicationTest, ALeaderWhoseRecordsRotHandsOver) {
    start_all(3);
    create_topic();
    write(20);
    const std::size_t victim = leader();
    for (std::size_t i = 0; i < 3; ++i) stop(i);
    start(victim);
    start(victim == 0 ? 1 : 0);
    start(victim == 2 ? 1 : 2);
    for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
    ASSERT_TRUE(run_until([&] { return leader() < 3 && in_sync(leader()) == 3; }));
    const std::string name = "/data/orders-0/00000000000000000000.log";
    auto inode = nodes_[victim]->disk.open(name, runtime::OpenMode::kRead);
    ASSERT_TRUE(inode);
    (*inode)->flip_bit((*inode)->bytes().size() / 2);
    // Nobody has looked there since: a reader finds it, is served nothing of it, and sets it off.
    run([&]() -> Task<void> {
        const auto read = co_await ask(victim, fetch(victim, Offset(10)));
        const auto& data = read.responses.at(0).partitions.at(0);
        // Retriable: another replica is about to lead.
        EXPECT_EQ(data.error_code, ErrorCode::kKafkaStorageError);
        EXPECT_TRUE(data.records->empty());
    });
    ASSERT_TRUE(run_until([&] {
        const PartitionPtr here = replica(victim);
        return leader() < 3 && leader() != victim && here != nullptr && !here->damage() &&
               here->log_end() == Offset(20) && in_sync(leader()) == 3;
    }));
    write(3);
    expect_equal_logs();
    stop_asking();
}

TEST_F(ReplicationTest, ReplicationGoesOnThroughRestartsOfEveryBroker) {
    start_all(3);
    create_topic({{"segment.bytes", "2048"}});
    for (std::size_t round = 0; round < 6; ++round) {
        const std::size_t victim = round % 3;
        write(10);
        kill(victim);
        ASSERT_TRUE(run_until([&] { return leader() < 3 && in_sync(leader()) == 2; }));
        write(10);
        start(victim);
        wait_serving(victim);
        ASSERT_TRUE(run_until([&] { return leader() < 3 && in_sync(leader()) == 3; }));
    }
    expect_equal_logs();
    EXPECT_EQ(replica(leader())->high_watermark(), Offset(120));
    stop_asking();
}

// In virtual time: the round trip is 40 ms, and an answer holds 1 KiB.
TEST_F(ReplicationTest, AFarFollowerCatchesUpFasterThanAnAnswerARoundTrip) {
    make(3);
    for (const auto& node : nodes_) node->config.cluster.replica_fetch_max_bytes = 1024;
    for (std::size_t i = 0; i < 3; ++i) start(i);
    for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
    create_topic();
    const std::size_t victim = follower();
    kill(victim);
    ASSERT_TRUE(run_until([&] { return leader() < 3 && in_sync(leader()) == 2; }));
    const Offset before = replica(leader())->log_end();
    write(1500);
    const auto bytes = replica(leader())->log().size_bytes();
    network_.latency_min = network_.latency_max = 20ms;
    start(victim);
    wait_serving(victim);
    const Instant begun = simulator_.now();
    const Offset end = replica(leader())->log_end();
    EXPECT_EQ(end - before, 1500);
    ASSERT_TRUE(run_until([&] { return replica(victim) && replica(victim)->log_end() == end; }));
    const auto round_trips = static_cast<std::int64_t>(bytes / 1024);
    EXPECT_GT(round_trips, 90);
    EXPECT_LT(simulator_.now() - begun, round_trips * 40ms / 2);
    ASSERT_TRUE(run_until([&] { return in_sync(leader()) == 3; }));
    expect_equal_logs();
    stop_asking();
}

// A kill -9, and a disk that dropped a write which it had confirmed: each checksum is right.
TEST_F(ReplicationTest, ThrottlesSetAtRunTimeBoundWhatCatchingUpTakes) {
    constexpr std::int64_t kRate = 1000;
    make(3);
    for (const auto& node : nodes_) node->config.cluster.replica_fetch_max_bytes = 1024;
    for (std::size_t i = 0; i < 3; ++i) start(i);
    for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
    create_topic();
    for (const std::string key : {"leader", "follower"}) {
        SCOPED_TRACE(key);
        const std::size_t late = follower();
        stop(late);
        ASSERT_TRUE(run_until([&] { return leader() < nodes_.size() && in_sync(leader()) == 2; }));
        const Offset before = replica(leader())->log_end();
        write(200);
        const std::size_t bytes = replica(leader())->log().size_bytes();
        const double share = 200.0 / static_cast<double>(before.value + 200);
        kafka::IncrementalAlterConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = kBrokerResource;
        resource.configs.push_back({key + ".replication.throttled.rate", 0, std::to_string(kRate)});
        run([&]() -> Task<void> {
            const auto answer = co_await ask(leader(), request);
            EXPECT_EQ(answer.responses.at(0).error_code, ErrorCode::kNone);
        });
        start(late);
        wait_serving(late);
        const Instant began = client_world_.now();
        ASSERT_TRUE(run_until([&] { return in_sync(leader()) == 3; }, 600s));
        const double seconds = std::chrono::duration<double>(client_world_.now() - began).count();
        // The first answers come before the rate is used up.
        EXPECT_GT(seconds, 0.5 * share * static_cast<double>(bytes) / kRate);
        resource.configs.front().config_operation = 1;
        resource.configs.front().value.reset();
        run([&]() -> Task<void> {
            const auto answer = co_await ask(leader(), request);
            EXPECT_EQ(answer.responses.at(0).error_code, ErrorCode::kNone);
        });
    }
    expect_equal_logs();
    stop_asking();
}

TEST_F(ReplicationTest, AHoleThatACrashLeftIsFilledFromTheLeader) {
    start_all(3);
    create_topic();
    write(20);
    const std::size_t victim = leader();
    kill(victim);
    const std::string name = "/data/orders-0/00000000000000000000.log";
    auto inode = nodes_[victim]->disk.open(name, runtime::OpenMode::kRead);
    ASSERT_TRUE(inode);
    std::vector<std::byte> bytes((*inode)->bytes().begin(), (*inode)->bytes().end());
    const std::size_t size = kafka::RecordBatchView::parse(bytes)->size();
    const auto hole = bytes.begin() + static_cast<std::ptrdiff_t>(7 * size);
    bytes.erase(hole, hole + static_cast<std::ptrdiff_t>(size));
    (*inode)->write(0, bytes);
    (*inode)->truncate(bytes.size());
    ASSERT_TRUE(run_until([&] { return leader() < 3 && leader() != victim; }));
    start(victim);
    wait_serving(victim);
    ASSERT_TRUE(run_until([&] { return in_sync(leader()) == 3; }));
    write(3);
    expect_equal_logs();
    EXPECT_EQ(replica(victim)->log().trusted_end(), replica(victim)->log_end());
    stop_asking();
}

TEST_F(ReplicationTest, AReplicaIsAddedToALogThatStartsInsideABatch) {
    start_all(3);
    create_topic();
    run([&]() -> Task<void> {
        const auto answer = co_await ask(leader(), produce(leader(), -1, 10));
        EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error_code, ErrorCode::kNone);
        kafka::DeleteRecordsRequest request;
        request.timeout_ms = 20'000;
        auto& topic = request.topics.emplace_back();
        topic.name = kTopic;
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = PartitionId(0);
        partition.offset = Offset(4);
        (void)co_await ask(leader(), std::move(request));
    });
    const std::size_t victim = follower();
    kill(victim);
    nodes_[victim]->disk = simulation::Disk();
    start(victim);
    wait_serving(victim);
    ASSERT_TRUE(run_until([&] {
        return replica(victim) && replica(victim)->log_end() == Offset(10) &&
               in_sync(leader()) == 3;
    }));
    EXPECT_EQ(replica(victim)->log_start(), Offset(4));
    write(3);
    expect_equal_logs();
    stop_asking();
}

// Sound records that are not the leader's: no checksum tells, only comparing does.
TEST_F(ReplicationTest, AReplicaThatDiffersFromItsLeaderIsCopiedAnew) {
    make(3);
    for (std::size_t i = 0; i < 3; ++i) {
        nodes_[i]->config.cluster.scrub_interval = 30s;
        nodes_[i]->config.cluster.scrub_bytes = 1 << 20;
        start(i);
    }
    for (std::size_t i = 0; i < 3; ++i) wait_serving(i);
    create_topic();
    write(20);
    const std::size_t victim = follower();
    stop(victim);
    const std::string directory = "/data/orders-0/00000000000000000000";
    auto inode = nodes_[victim]->disk.open(directory + ".log", runtime::OpenMode::kRead);
    ASSERT_TRUE(inode);
    std::vector<std::byte> bytes((*inode)->bytes().begin(), (*inode)->bytes().end());
    const std::size_t size = kafka::RecordBatchView::parse(bytes)->size();
    // Batch 3 takes the place of batch 5, under its offset.
    std::copy_n(
        bytes.begin() + static_cast<std::ptrdiff_t>(3 * size),
        size,
        bytes.begin() + static_cast<std::ptrdiff_t>(5 * size)
    );
    store_be<std::int64_t>(bytes.data() + 5 * size, 5);
    (*inode)->write(0, bytes);
    // The digest is as if it had been written so: the index and it are made anew.
    for (const char* suffix : {".index", ".timeindex", ".digest"}) {
        ASSERT_TRUE(nodes_[victim]->disk.remove(directory + suffix));
    }
    start(victim);
    wait_serving(victim);
    ASSERT_TRUE(run_until([&] { return leader() < 3 && in_sync(leader()) == 3; }));
    ASSERT_TRUE(run_until([&] { return keeps_damaged_log(victim); }));
    ASSERT_TRUE(run_until([&] {
        return replica(victim) && replica(victim)->log_end() == Offset(20) &&
               in_sync(leader()) == 3;
    }));
    write(3);
    expect_equal_logs();
    stop_asking();
}

// Others that leave at the same time make it a leader: nothing that an operator must know.
TEST_F(ReplicationTest, ANodeThatStopsTakesNoRolesAnyMore) {
    start_all(3);
    create_topic();
    ASSERT_TRUE(run_until([&] { return leader() < 3; }));
    const std::size_t stopping = leader();
    PartitionTable& table = services(stopping).partitions;
    const auto image = services(stopping).metadata.image();
    table.close();
    run([&]() -> Task<void> {
        const Status followed = co_await table.follow(nullptr, image);
        EXPECT_TRUE(followed) << (followed ? "" : followed.error().to_string());
    });
}

}  // namespace
}  // namespace sealane::broker
