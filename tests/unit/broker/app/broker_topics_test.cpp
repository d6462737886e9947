// Topics over the wire: made, found, grown, emptied, deleted, made again.

#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/list_offsets.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "tests/unit/broker/app/broker_fixture.hpp"

namespace sealane::broker {
namespace {

using kafka::MetadataRequest;

MetadataRequest metadata_of(std::string topic, bool create = false) {
    MetadataRequest request;
    request.topics->emplace_back().name = std::move(topic);
    request.allow_auto_topic_creation = create;
    return request;
}

TEST_F(BrokerTest, TopicsAreMadeOnDemandOnlyWhenAllowed) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        const auto refused = co_await raw.call(metadata_of("t", false), 9);
        EXPECT_EQ(refused.topics.at(0).error_code, ErrorCode::kUnknownTopicOrPartition);
        const auto made = co_await raw.call(metadata_of("t", true), 9);
        EXPECT_EQ(made.topics.at(0).error_code, ErrorCode::kNone);
        EXPECT_EQ(made.topics.at(0).partitions.at(0).leader_id, BrokerId(1));
        const auto bad = co_await raw.call(metadata_of("a/b", true), 9);
        EXPECT_EQ(bad.topics.at(0).error_code, ErrorCode::kInvalidTopicException);
        EXPECT_EQ(made.brokers.at(0).port, broker.endpoint("plain").port);
        EXPECT_EQ(made.cluster_id, std::string(broker.cluster_id()));
    });
}

TEST_F(BrokerTest, ADeletedTopicComesBackEmptyWithAnotherId) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t", 2);
        const auto first = co_await raw.call(metadata_of("t"), 12);
        const Uuid old_id = first.topics.at(0).topic_id;
        (void)co_await raw.call(produce_request("t", batch_bytes(3, world_.wall())), 9);
        kafka::DeleteTopicsRequest remove;
        remove.topics.emplace_back().topic_id = old_id;
        const auto removed = co_await raw.call(remove, 6);
        EXPECT_EQ(removed.responses.at(0).error_code, ErrorCode::kNone);
        const auto again = co_await raw.call(remove, 6);
        EXPECT_EQ(again.responses.at(0).error_code, ErrorCode::kUnknownTopicId);
        co_await make_topic(raw, "t");
        const auto second = co_await raw.call(metadata_of("t"), 12);
        EXPECT_NE(second.topics.at(0).topic_id, old_id);
        const auto made = co_await raw.call(produce_request("t", batch_bytes(1, world_.wall())), 9);
        EXPECT_EQ(only(made).base_offset, Offset(0));
        auto by_id = produce_request("", batch_bytes(1, world_.wall()));
        by_id.topic_data[0].topic_id = old_id;
        EXPECT_EQ(only(co_await raw.call(by_id, 13)).error_code, ErrorCode::kUnknownTopicId);
    });
}

TEST_F(BrokerTest, PartitionsGrowAndRecordsAreDeleted) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t");
        kafka::CreatePartitionsRequest grow;
        auto& topic = grow.topics.emplace_back();
        topic.name = "t";
        topic.count = 4;
        topic.assignments = std::nullopt;
        const auto grown = co_await raw.call(grow, 3);
        EXPECT_EQ(grown.results.at(0).error_code, ErrorCode::kNone);
        const std::string batch = batch_bytes(5, world_.wall());
        EXPECT_EQ(
            only(co_await raw.call(produce_request("t", batch, -1, 3), 9)).base_offset, Offset(0)
        );
        kafka::DeleteRecordsRequest cut;
        auto& cut_topic = cut.topics.emplace_back();
        cut_topic.name = "t";
        auto& partition = cut_topic.partitions.emplace_back();
        partition.partition_index = PartitionId(3);
        partition.offset = Offset(-1);
        const auto done = co_await raw.call(cut, 2);
        EXPECT_EQ(done.topics.at(0).partitions.at(0).low_watermark, Offset(5));
        cut.topics[0].partitions[0].offset = Offset(6);
        const auto beyond = co_await raw.call(cut, 2);
        EXPECT_EQ(beyond.topics.at(0).partitions.at(0).error_code, ErrorCode::kOffsetOutOfRange);
    });
}

TEST_F(BrokerTest, TheClusterAndItsDirectoryAreDescribed) {
    with_broker([this](Broker& broker) -> Task<void> {
        RawClient raw = co_await client(broker);
        co_await make_topic(raw, "t", 3);
        const auto cluster = co_await raw.call(kafka::DescribeClusterRequest{}, 1);
        EXPECT_EQ(cluster.cluster_id, broker.cluster_id());
        EXPECT_EQ(cluster.brokers.at(0).broker_id, BrokerId(1));
        kafka::DescribeLogDirsRequest request;
        request.topics = std::nullopt;
        const auto directories = co_await raw.call(request, 4);
        EXPECT_EQ(directories.results.at(0).log_dir, config_.log_dir);
        EXPECT_EQ(directories.results.at(0).topics.at(0).partitions.size(), 3U);
        EXPECT_GT(directories.results.at(0).total_bytes, 0);
    });
}

}  // namespace
}  // namespace sealane::broker
