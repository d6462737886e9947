// Start, stop, crash, start again; and starts that must fail with words that help.

#include "broker/api/services.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/producers.hpp"
#include "tests/unit/broker/app/broker_fixture.hpp"

#include <fstream>

namespace sealane::broker {
namespace {

LeaderEpoch epoch_of(Broker& broker, std::string_view topic) {
    return broker.services().metadata.image()->topic(topic)->partitions.at(0).leader_epoch;
}

TEST_F(BrokerTest, EverythingSurvivesACleanRestart) {
    auto cluster = std::make_shared<std::string>();
    auto producer = std::make_shared<ProducerId>();
    kafka::InitProducerIdRequest init;
    init.transactional_id = std::nullopt;
    with_broker([this, cluster, producer, init](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t", 1, {{"retention.ms", "777777"}});
        *producer = (co_await raw.call(init, 4)).producer_id;
        const Producing first{*producer, ProducerEpoch(0), 0};
        (void)co_await raw.call(produce_request("t", batch_bytes(4, world_.wall(), first)), 9);
        *cluster = broker.cluster_id();
    });
    with_broker([this, cluster, producer, init](Broker& broker) -> Task<void> {
        EXPECT_EQ(broker.cluster_id(), *cluster);
        // Every registration begins a new leadership, as in Kafka.
        EXPECT_GT(epoch_of(broker, "t"), LeaderEpoch(0));
        const PartitionPtr partition = broker.services().partitions.find("t", PartitionId(0));
        EXPECT_NE(partition, nullptr);
        EXPECT_EQ(partition->high_watermark(), Offset(4));
        EXPECT_EQ(partition->config().retention_ms, 777'777);
        RawClient raw = co_await client(broker);
        EXPECT_GT((co_await raw.call(init, 4)).producer_id, *producer);
        const Producing again{*producer, ProducerEpoch(0), 0};
        const auto repeated =
            co_await raw.call(produce_request("t", batch_bytes(4, world_.wall(), again)), 9);
        EXPECT_EQ(only(repeated).error_code, ErrorCode::kNone);
        EXPECT_EQ(only(repeated).base_offset, Offset(0));
    });
}

TEST_F(BrokerTest, ACrashBeginsANewLeaderEpoch) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        (void)co_await raw.call(produce_request("t", batch_bytes(4, world_.wall())), 9);
    });
    std::filesystem::remove(config_.log_dir + "/.kafka_cleanshutdown");
    with_broker([this](Broker& broker) -> Task<void> {
        const LeaderEpoch epoch = epoch_of(broker, "t");
        EXPECT_GT(epoch, LeaderEpoch(0));
        const PartitionPtr partition = broker.services().partitions.find("t", PartitionId(0));
        EXPECT_EQ(partition->high_watermark(), Offset(4));
        const EpochEnd end = partition->log().end_offset_for_epoch(LeaderEpoch(0));
        EXPECT_EQ(end.end, Offset(4));
        RawClient raw = co_await client(broker);
        const auto made = co_await raw.call(produce_request("t", batch_bytes(1, world_.wall())), 9);
        EXPECT_EQ(only(made).base_offset, Offset(4));
        EXPECT_EQ(partition->log().epochs().epoch_at(Offset(4)), epoch);
    });
}

TEST_F(BrokerTest, TwoBrokersCannotShareADirectoryOrAPort) {
    with_broker([this](Broker& broker) -> Task<void> {
        Broker same_directory(world_, config_);
        const Status locked = co_await same_directory.start();
        EXPECT_EQ(locked.error().code(), ErrorCode::kLocked) << locked.error().to_string();
        co_await same_directory.stop();
        BrokerConfig other = config_;
        other.log_dir = directory_ + "/other";
        other.listeners[0].address = broker.endpoint("plain");
        Broker same_port(world_, other);
        const Status taken = co_await same_port.start();
        EXPECT_EQ(taken.error().code(), ErrorCode::kAddressInUse) << taken.error().to_string();
        EXPECT_NE(taken.error().detail().find("plain"), std::string::npos);
        co_await same_port.stop();
    });
}

TEST_F(BrokerTest, AForeignDirectoryIsRefused) {
    with_broker([](Broker&) -> Task<void> { co_return; });
    BrokerConfig wrong_node = config_;
    wrong_node.node_id = BrokerId(2);
    BrokerConfig wrong_cluster = config_;
    wrong_cluster.cluster_id = "AQIDBAUGBwgJCgsMDQ4PEA";
    for (const BrokerConfig& config : {wrong_node, wrong_cluster}) {
        run([this, &config]() -> Task<void> {
            Broker broker(world_, config);
            const Status refused = co_await broker.start();
            EXPECT_EQ(refused.error().code(), ErrorCode::kBadConfig) << refused.error().to_string();
            co_await broker.stop();
        });
    }
}

TEST_F(BrokerTest, PartitionsWithoutTheirMetadataAreNotThrownAway) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
    });
    std::filesystem::remove_all(config_.log_dir + "/__cluster_metadata-0");
    run([this]() -> Task<void> {
        Broker broker(world_, config_);
        const Status refused = co_await broker.start();
        EXPECT_EQ(refused.error().code(), ErrorCode::kCorrupt) << refused.error().to_string();
        co_await broker.stop();
    });
    EXPECT_TRUE(std::filesystem::exists(config_.log_dir + "/t-0"));
}

TEST_F(BrokerTest, StopAnswersWhatWaits) {
    run([this]() -> Task<void> {
        Broker broker(world_, config_);
        EXPECT_TRUE((co_await broker.start()).has_value());
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        co_await raw.send(
            RawClient::frame_of(produce_request("t", batch_bytes(1, world_.wall())), 9, 77)
        );
        const auto made = co_await raw.answer<kafka::ProduceRequest>(9, 77);
        EXPECT_EQ(only(made).error_code, ErrorCode::kNone);
        co_await broker.stop();
        EXPECT_TRUE(co_await raw.closed_by_broker());
        co_await broker.stop();
    });
    EXPECT_TRUE(std::filesystem::exists(config_.log_dir + "/.kafka_cleanshutdown"));
    EXPECT_EQ(sink_.count_at_least(runtime::LogLevel::kWarning), 0U);
}

}  // namespace
}  // namespace sealane::broker
