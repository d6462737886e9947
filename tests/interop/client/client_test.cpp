// The client against a broker: produce, consume, groups, administration. The same scenarios run
// against our broker and, with SEALANE_TEST_BOOTSTRAP, against Apache Kafka.

#include "common/client/admin.hpp"
#include "common/client/consumer.hpp"
#include "common/client/group_consumer.hpp"
#include "common/client/group_request.hpp"
#include "common/client/producer.hpp"
#include "common/kafka/messages/consumer_groups.hpp"
#include "common/kafka/records/compression.hpp"
#include "tests/interop/client/cluster_fixture.hpp"

#include <gtest/gtest.h>

#include <map>

namespace sealane::client {
namespace {

using kafka::text_record;
using runtime::Task;

#define ASSERT_OK(result)                                                 \
    if (!(result)) {                                                      \
        ADD_FAILURE() << #result << ": " << (result).error().to_string(); \
        co_return;                                                        \
    }

Task<bool> make_topic(TestCluster& cluster, std::string name, std::int32_t partitions) {
    Admin admin(cluster.client);
    const Status made = co_await admin.create_topic({name, partitions, 1, {}}, cluster.soon());
    EXPECT_TRUE(made) << made.error().to_string();
    co_return made.has_value();
}

// Sends key0..keyN-1 with value0.. to one partition.
Task<void> produce_some(
    TestCluster& cluster, TopicPartition to, int count, ProducerOptions options
) {
    Producer producer(cluster.client, options);
    for (int i = 0; i < count; ++i) {
        const auto pending = co_await producer.enqueue(
            to.topic,
            to.partition,
            text_record("key" + std::to_string(i), "value" + std::to_string(i)),
            cluster.soon()
        );
        EXPECT_TRUE(pending) << pending.error().to_string();
    }
    const Status flushed = co_await producer.flush(cluster.soon());
    EXPECT_TRUE(flushed) << flushed.error().to_string();
    EXPECT_EQ(producer.buffered_bytes(), 0U);
    co_await producer.stop();
}

Task<std::vector<ConsumerRecord>> consume(TestCluster& cluster, Consumer& consumer, std::size_t n) {
    std::vector<ConsumerRecord> all;
    const Instant limit = cluster.soon();
    while (all.size() < n && cluster.world.now() < limit) {
        auto some = co_await consumer.poll(limit);
        EXPECT_TRUE(some) << some.error().to_string();
        if (!some) break;
        for (ConsumerRecord& record : *some) all.push_back(std::move(record));
    }
    co_return all;
}

TEST(Client, NegotiatesVersionsAndKnowsTheCluster) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const auto apis = co_await admin.api_versions(std::nullopt, cluster.soon());
        ASSERT_OK(apis);
        EXPECT_TRUE(apis->advertised(kafka::ApiKey::kProduce));
        const auto described = co_await admin.describe_cluster(cluster.soon());
        ASSERT_OK(described);
        EXPECT_EQ(described->brokers.size(), 1U);
        EXPECT_EQ(described->cluster_id.size(), 22U);
    });
}

TEST(Client, CreatesDescribesGrowsAndDeletesTopics) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const std::string name = cluster.fresh_name("grows");
        NewTopic topic{name, 2, 1, {{"retention.ms", "3600000"}}};
        const Status made = co_await admin.create_topic(topic, cluster.soon());
        ASSERT_OK(made);
        const Status again = co_await admin.create_topic(topic, cluster.soon());
        EXPECT_EQ(again.error().code(), ErrorCode::kTopicAlreadyExists);
        const auto described = co_await admin.describe_topic(name, cluster.soon());
        ASSERT_OK(described);
        EXPECT_EQ(described->partitions.size(), 2U);
        EXPECT_FALSE(described->id.is_zero());
        const Status deleted = co_await admin.delete_topic(name, cluster.soon());
        ASSERT_OK(deleted);
        const auto gone = co_await admin.describe_topic(name, cluster.soon());
        EXPECT_FALSE(gone);
    });
}

TEST(Client, AddsPartitions) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const std::string name = cluster.fresh_name("partitions");
        if (!co_await make_topic(cluster, name, 1)) co_return;
        const Status grown = co_await admin.create_partitions(name, 3, cluster.soon());
        ASSERT_OK(grown);
        const auto described = co_await admin.describe_topic(name, cluster.soon());
        ASSERT_OK(described);
        EXPECT_EQ(described->partitions.size(), 3U);
        const Status shrunk = co_await admin.create_partitions(name, 2, cluster.soon());
        EXPECT_EQ(shrunk.error().code(), ErrorCode::kInvalidPartitions);
    });
}

TEST(Client, ReadsAndChangesTopicConfigs) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const std::string name = cluster.fresh_name("configs");
        if (!co_await make_topic(cluster, name, 1)) co_return;
        const ConfigResource resource{ConfigResource::Type::kTopic, name};
        std::vector<ConfigChange> changes(1);
        changes[0].key = "retention.ms";
        changes[0].value = "1234567";
        const Status altered = co_await admin.alter_configs(resource, changes, cluster.soon());
        ASSERT_OK(altered);
        // Brokers other than the controller learn of it a moment later.
        ConfigEntry entry;
        for (int i = 0; i < 100 && entry.value != "1234567"; ++i) {
            const auto configs = co_await admin.describe_configs(resource, cluster.soon());
            ASSERT_OK(configs);
            entry = configs->at("retention.ms");
            (void)co_await cluster.client.pause(20ms);
        }
        EXPECT_EQ(entry.value, "1234567");
        EXPECT_FALSE(entry.is_default);
        changes[0].key = "no.such.key";
        const Status refused = co_await admin.alter_configs(resource, changes, cluster.soon());
        EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidConfig);
    });
}

class ClientCodecs : public testing::TestWithParam<kafka::Codec> {};

TEST_P(ClientCodecs, ProducedRecordsComeBackInOrder) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("codec"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        ProducerOptions options;
        options.codec = GetParam();
        options.batch_bytes = 2000;
        co_await produce_some(cluster, to, 500, options);

        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::earliest());
        const auto records = co_await consume(cluster, consumer, 500);
        EXPECT_EQ(records.size(), 500U);
        for (std::size_t i = 0; i < records.size(); ++i) {
            EXPECT_EQ(records[i].record.offset, Offset(static_cast<std::int64_t>(i)));
            EXPECT_EQ(records[i].record.key->text(), "key" + std::to_string(i));
            EXPECT_EQ(records[i].record.value->text(), "value" + std::to_string(i));
        }
        EXPECT_EQ(consumer.position(to), Offset(500));
        EXPECT_EQ(consumer.lag(to), 0);
        co_await consumer.stop();
    });
}

INSTANTIATE_TEST_SUITE_P(
    Codecs,
    ClientCodecs,
    testing::Values(
        kafka::Codec::kNone,
        kafka::Codec::kGzip,
        kafka::Codec::kSnappy,
        kafka::Codec::kLz4,
        kafka::Codec::kZstd
    ),
    [](const auto& tested) { return std::string(kafka::name_of(tested.param)); }
);

TEST(Client, EveryAcksLevelDelivers) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("acks"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        for (const int acks : {0, 1, -1}) {
            ProducerOptions options;
            options.idempotent = false;
            options.acks = static_cast<std::int16_t>(acks);
            co_await produce_some(cluster, to, 10, options);
        }
        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::earliest());
        EXPECT_EQ((co_await consume(cluster, consumer, 30)).size(), 30U);
        co_await consumer.stop();
    });
}

TEST(Client, KeysDecideThePartitionAsInJava) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const std::string topic = cluster.fresh_name("keys");
        if (!co_await make_topic(cluster, topic, 3)) co_return;
        Producer producer(cluster.client, {});
        for (const char* key : {"abc", "foobar", "21"}) {
            const auto sent =
                co_await producer.send(topic, std::nullopt, text_record(key, "v"), cluster.soon());
            ASSERT_OK(sent);
            EXPECT_EQ(sent->partition.partition, partition_for_key(as_bytes(key), 3));
            EXPECT_GE(sent->offset, Offset(0));
        }
        co_await producer.stop();
    });
}

TEST(Client, HeadersTombstonesAndTimestampsSurvive) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("headers"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        kafka::Record record = text_record("k", std::nullopt, cluster.world.wall());
        record.headers = {{"a", BufferSlice::copy_of("1")}, {"b", std::nullopt}};
        Producer producer(cluster.client, {});
        const auto sent = co_await producer.send(to.topic, to.partition, record, cluster.soon());
        ASSERT_OK(sent);
        co_await producer.stop();
        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::earliest());
        const auto records = co_await consume(cluster, consumer, 1);
        record.offset = Offset(0);
        EXPECT_EQ(records.at(0).record, record);
        co_await consumer.stop();
    });
}

TEST(Client, BatchesComeWholeAndUntouched) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("batches"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        co_await produce_some(cluster, to, 100, {});
        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::at(Offset(50)));
        Offset next(50);
        while (next < Offset(100)) {
            const auto fetched = co_await consumer.poll_batches(cluster.soon());
            ASSERT_OK(fetched);
            if (!fetched->has_value() || (*fetched)->error) {
                ADD_FAILURE() << "nothing fetched";
                break;
            }
            EXPECT_EQ((*fetched)->from, next);
            EXPECT_EQ((*fetched)->high_watermark, Offset(100));
            EXPECT_FALSE((*fetched)->topic_id.is_zero());
            for (const kafka::RecordBatch& batch : (*fetched)->batches) {
                EXPECT_TRUE(batch->check_crc());
                EXPECT_TRUE(batch->has_producer());
                next = batch->next_offset();
            }
        }
        co_await consumer.stop();
    });
}

TEST(Client, PositionBeyondTheLogStopsThePartitionWithAnError) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("range"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        co_await produce_some(cluster, to, 5, {});
        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::at(Offset(1000)));
        const auto refused = co_await consumer.poll(cluster.soon());
        EXPECT_FALSE(refused);
        if (!refused) EXPECT_EQ(refused.error().code(), ErrorCode::kOffsetOutOfRange);
        consumer.assign(to, StartAt::at(Offset(3)));
        EXPECT_EQ((co_await consume(cluster, consumer, 2)).size(), 2U);
        co_await consumer.stop();

        ConsumerOptions forgiving;
        forgiving.out_of_range = OutOfRange::kEarliest;
        Consumer other(cluster.client, forgiving);
        other.assign(to, StartAt::at(Offset(1000)));
        EXPECT_EQ((co_await consume(cluster, other, 5)).size(), 5U);
        co_await other.stop();
    });
}

TEST(Client, OffsetsByPlaceAndTime) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("times"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        Producer producer(cluster.client, {});
        const WallTime start = cluster.world.wall();
        for (int i = 0; i < 10; ++i) {
            const auto sent = co_await producer.send(
                to.topic,
                to.partition,
                text_record("k", "v", WallTime{start.ms - 100000 + i * 1000}),
                cluster.soon()
            );
            ASSERT_OK(sent);
        }
        co_await producer.stop();
        const auto offset_at = [&](StartAt place) {
            return list_offset(cluster.client, to, place, cluster.soon());
        };
        EXPECT_EQ((co_await offset_at(StartAt::earliest()))->offset, Offset(0));
        EXPECT_EQ((co_await offset_at(StartAt::latest()))->offset, Offset(10));
        const WallTime fifth{start.ms - 100000 + 4500};
        EXPECT_EQ((co_await offset_at(StartAt::time(fifth)))->offset, Offset(5));
        EXPECT_EQ((co_await offset_at(StartAt::time(start)))->offset, kNoOffset);
        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::time(fifth));
        const auto records = co_await consume(cluster, consumer, 5);
        EXPECT_EQ(records.size(), 5U);
        if (!records.empty()) EXPECT_EQ(records[0].record.offset, Offset(5));
        co_await consumer.stop();
    });
}

TEST(Client, DeletedRecordsMoveTheLogStart) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const TopicPartition to{cluster.fresh_name("trim"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        co_await produce_some(cluster, to, 10, {});
        const auto start = co_await admin.delete_records(to, Offset(4), cluster.soon());
        ASSERT_OK(start);
        EXPECT_EQ(*start, Offset(4));
        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::earliest());
        const auto records = co_await consume(cluster, consumer, 6);
        EXPECT_EQ(records.size(), 6U);
        if (!records.empty()) EXPECT_EQ(records[0].record.offset, Offset(4));
        consumer.assign(to, StartAt::at(Offset(2)));
        const auto refused = co_await consumer.poll(cluster.soon());
        EXPECT_FALSE(refused);
        co_await consumer.stop();
    });
}

TEST(Client, ProducingToUnknownTopicsAndPartitionsIsRefused) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Producer producer(cluster.client, {});
        const auto no_topic = co_await producer.send(
            cluster.fresh_name("nothing"), std::nullopt, text_record("k", "v"), cluster.soon()
        );
        EXPECT_EQ(no_topic.error().code(), ErrorCode::kUnknownTopicOrPartition);
        const std::string topic = cluster.fresh_name("one");
        if (co_await make_topic(cluster, topic, 1)) {
            const auto no_partition = co_await producer.send(
                topic, PartitionId(9), text_record("k", "v"), cluster.soon()
            );
            EXPECT_EQ(no_partition.error().code(), ErrorCode::kUnknownTopicOrPartition);
        }
        co_await producer.stop();
    });
}

TEST(Client, RecordsAboveTheBrokersLimitFailAndTheNextOnesPass) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const std::string name = cluster.fresh_name("large");
        NewTopic topic{name, 1, 1, {{"max.message.bytes", "5000"}}};
        const Status made = co_await admin.create_topic(topic, cluster.soon());
        ASSERT_OK(made);
        Producer producer(cluster.client, {});
        const std::string large(10000, 'x');
        const auto refused =
            co_await producer.send(name, PartitionId(0), text_record("k", large), cluster.soon());
        EXPECT_EQ(refused.error().code(), ErrorCode::kMessageTooLarge);
        const auto passed =
            co_await producer.send(name, PartitionId(0), text_record("k", "small"), cluster.soon());
        ASSERT_OK(passed);
        EXPECT_EQ(passed->offset, Offset(0));
        co_await producer.stop();
    });
}

TEST(Client, CommittedOffsetsFromOutsideAGroup) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const std::string topic = cluster.fresh_name("committed");
        const std::string group = cluster.fresh_name("group");
        if (!co_await make_topic(cluster, topic, 2)) co_return;
        const TopicPartition first{topic, PartitionId(0)};
        const TopicPartition second{topic, PartitionId(1)};
        std::map<TopicPartition, CommittedOffset> offsets;
        offsets[first] = {Offset(11), LeaderEpoch(0), "note"};
        offsets[second] = {Offset(22), kNoLeaderEpoch, ""};
        const Status committed =
            co_await commit_offsets(cluster.client, group, offsets, {}, cluster.soon());
        ASSERT_OK(committed);
        const auto all =
            co_await fetch_committed(cluster.client, group, std::nullopt, cluster.soon());
        ASSERT_OK(all);
        EXPECT_EQ(all->size(), 2U);
        EXPECT_EQ(all->at(first).offset, Offset(11));
        EXPECT_EQ(all->at(first).metadata, "note");
        const Status removed = co_await admin.delete_group_offsets(group, {first}, cluster.soon());
        ASSERT_OK(removed);
        const auto left =
            co_await fetch_committed(cluster.client, group, {{first, second}}, cluster.soon());
        ASSERT_OK(left);
        EXPECT_EQ(left->size(), 1U);
        const auto listed = co_await admin.list_groups(cluster.soon());
        ASSERT_OK(listed);
        EXPECT_TRUE(std::ranges::any_of(*listed, [&](const auto& g) { return g.group_id == group; })
        );
        const Status deleted = co_await admin.delete_group(group, cluster.soon());
        EXPECT_TRUE(deleted) << deleted.error().to_string();
    });
}

TEST(Client, AGroupOfTheConsumerProtocolIsDescribedToo) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        Admin admin(cluster.client);
        const std::string group = cluster.fresh_name("modern");
        kafka::ConsumerGroupHeartbeatRequest join;
        join.group_id = group;
        join.member_id = "m";
        join.rebalance_timeout_ms = 60'000;
        join.subscribed_topic_names.emplace();
        join.topic_partitions.emplace();
        const auto joined = co_await send_to_coordinator(
            cluster.client,
            {.group = group, .deadline = cluster.soon()},
            join,
            [](const auto& answer) { return answer.error_code; }
        );
        ASSERT_OK(joined);
        EXPECT_EQ(joined->error_code, ErrorCode::kNone);
        const auto described = co_await admin.describe_group(group, cluster.soon());
        ASSERT_OK(described);
        EXPECT_EQ(described->group_state, "Stable");
        EXPECT_EQ(described->protocol_type, "consumer");
        EXPECT_EQ(described->members.size(), 1U);
    });
}

TEST(Client, GroupMemberReadsCommitsAndComesBackWhereItWas) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const std::string topic = cluster.fresh_name("member");
        if (!co_await make_topic(cluster, topic, 2)) co_return;
        co_await produce_some(cluster, {topic, PartitionId(0)}, 10, {});
        co_await produce_some(cluster, {topic, PartitionId(1)}, 10, {});
        GroupOptions options;
        options.group_id = cluster.fresh_name("group");
        options.topics = {topic};
        {
            GroupConsumer member(cluster.client, options);
            std::size_t seen = 0;
            while (seen < 20) {
                const auto records = co_await member.poll(cluster.soon());
                ASSERT_OK(records);
                if (records->empty()) break;
                seen += records->size();
            }
            EXPECT_EQ(seen, 20U);
            EXPECT_EQ(member.assigned().size(), 2U);
            co_await member.stop();
        }
        co_await produce_some(cluster, {topic, PartitionId(0)}, 3, {});
        GroupConsumer again(cluster.client, options);
        const auto records = co_await again.poll(cluster.soon());
        ASSERT_OK(records);
        EXPECT_EQ(records->size(), 3U);
        if (!records->empty()) EXPECT_EQ(records->front().record.offset, Offset(10));
        co_await again.stop();
    });
}

Task<std::size_t> poll_for(TestCluster& cluster, GroupConsumer& member, Duration limit) {
    const auto records = co_await member.poll(cluster.world.now() + limit);
    EXPECT_TRUE(records) << records.error().to_string();
    co_return records ? records->size() : 0;
}

TEST(Client, TwoMembersShareThePartitions) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const std::string topic = cluster.fresh_name("shared");
        if (!co_await make_topic(cluster, topic, 4)) co_return;
        GroupOptions options;
        options.group_id = cluster.fresh_name("group");
        options.topics = {topic};
        options.heartbeat_interval = 200ms;
        GroupConsumer first(cluster.client, options);
        GroupConsumer second(cluster.client, options);
        (void)co_await poll_for(cluster, first, 500ms);
        EXPECT_EQ(first.assigned().size(), 4U);
        runtime::TaskGroup side(cluster.world);
        side.spawn([&]() -> Task<void> {
            while (!side.stopping()) (void)co_await poll_for(cluster, second, 300ms);
        });
        const Instant limit = cluster.soon();
        while (cluster.world.now() < limit &&
               (first.assigned().size() != 2 || second.assigned().size() != 2))
            (void)co_await poll_for(cluster, first, 300ms);
        EXPECT_EQ(first.assigned().size(), 2U);
        EXPECT_EQ(second.assigned().size(), 2U);
        co_await side.stop_and_join();
        co_await second.stop();
        while (cluster.world.now() < limit && first.assigned().size() != 4)
            (void)co_await poll_for(cluster, first, 300ms);
        EXPECT_EQ(first.assigned().size(), 4U);
        co_await first.stop();
    });
}

TEST(Client, ManyProducersAndPartitionsKeepOrderWithinEach) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        constexpr int kPartitions = 8;
        constexpr int kRecords = 500;
        const std::string topic = cluster.fresh_name("many");
        if (!co_await make_topic(cluster, topic, kPartitions)) co_return;
        ProducerOptions options;
        options.batch_bytes = 4000;
        options.buffer_bytes = 64 << 10;
        Producer producer(cluster.client, options);
        for (int i = 0; i < kRecords; ++i) {
            for (int p = 0; p < kPartitions; ++p) {
                const auto pending = co_await producer.enqueue(
                    topic,
                    PartitionId(p),
                    text_record(std::to_string(i), std::string(50, 'v')),
                    cluster.soon()
                );
                ASSERT_OK(pending);
            }
        }
        const Status flushed = co_await producer.flush(cluster.soon());
        EXPECT_TRUE(flushed);
        co_await producer.stop();
        Consumer consumer(cluster.client, {});
        for (int p = 0; p < kPartitions; ++p)
            consumer.assign({topic, PartitionId(p)}, StartAt::earliest());
        const auto records = co_await consume(cluster, consumer, kPartitions * kRecords);
        std::map<TopicPartition, int> next;
        for (const ConsumerRecord& record : records)
            EXPECT_EQ(record.record.key->text(), std::to_string(next[record.partition]++));
        EXPECT_EQ(records.size(), static_cast<std::size_t>(kPartitions * kRecords));
        co_await consumer.stop();
    });
}

TEST(Client, PollWithoutDataEndsAtItsDeadline) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("quiet"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        Consumer consumer(cluster.client, {});
        consumer.assign(to, StartAt::latest());
        const auto nothing = co_await consumer.poll(cluster.world.now() + 300ms);
        ASSERT_OK(nothing);
        EXPECT_TRUE(nothing->empty());
        co_await produce_some(cluster, to, 1, {});
        EXPECT_EQ((co_await consume(cluster, consumer, 1)).size(), 1U);
        co_await consumer.stop();
    });
}

TEST(Client, MutualTlsIdentifiesTheClient) {
    if (is_external_broker()) GTEST_SKIP() << "needs a TLS listener";
    with_cluster([](TestCluster& cluster) -> Task<void> {
        const TopicPartition to{cluster.fresh_name("tls"), PartitionId(0)};
        if (!co_await make_topic(cluster, to.topic, 1)) co_return;
        ClientOptions options;
        options.bootstrap.push_back(cluster.secure);
        options.tls = cluster.identity;
        ClusterClient secure(cluster.world, options);
        TestCluster same{cluster.world, secure, cluster.secure, "", cluster.secure, *options.tls};
        co_await produce_some(same, to, 1000, {});
        Consumer consumer(secure, {});
        consumer.assign(to, StartAt::earliest());
        EXPECT_EQ((co_await consume(same, consumer, 1000)).size(), 1000U);
        co_await consumer.stop();
        // The private APIs are shown to this principal and to nobody else.
        Admin trusted(secure);
        const auto all = co_await trusted.api_versions(std::nullopt, cluster.soon());
        EXPECT_TRUE(all && all->advertised(kafka::ApiKey::kMirrorPositions));
        Admin stranger(cluster.client);
        const auto some = co_await stranger.api_versions(std::nullopt, cluster.soon());
        EXPECT_TRUE(some && !some->advertised(kafka::ApiKey::kMirrorPositions));
        co_await secure.stop();
    });
}

TEST(Client, TlsListenerRefusesClientsWithoutACertificate) {
    if (is_external_broker()) GTEST_SKIP() << "needs a TLS listener";
    with_cluster([](TestCluster& cluster) -> Task<void> {
        ClientOptions options;
        options.bootstrap.push_back(cluster.secure);
        options.tls = cluster.identity;
        options.tls->certificate_file.clear();
        options.tls->key_file.clear();
        ClusterClient anonymous(cluster.world, options);
        const Status refreshed = co_await anonymous.refresh({}, cluster.soon(5s));
        EXPECT_FALSE(refreshed);
        co_await anonymous.stop();
    });
}

TEST(Client, BootstrapThatIsNotThereIsNamedInTheError) {
    with_cluster([](TestCluster& cluster) -> Task<void> {
        ClientOptions options;
        options.bootstrap.push_back({.host = "127.0.0.1", .port = 1, .unix_path = {}});
        ClusterClient lost(cluster.world, options);
        const Status refreshed = co_await lost.refresh({}, cluster.soon());
        EXPECT_FALSE(refreshed);
        if (!refreshed)
            EXPECT_NE(refreshed.error().detail().find("127.0.0.1:1"), std::string::npos);
        co_await lost.stop();
    });
}

}  // namespace
}  // namespace sealane::client
