#include "common/client/metadata_cache.hpp"

#include <gtest/gtest.h>

namespace sealane::client {
namespace {

const Uuid kFirstId{{1}};
const Uuid kSecondId{{2}};
const TopicPartition kPartition{"t", PartitionId(0)};

kafka::MetadataResponse answer(Uuid id, std::int32_t leader, std::int32_t epoch) {
    kafka::MetadataResponse response;
    for (const std::int32_t broker : {1, 2}) {
        auto& added = response.brokers.emplace_back();
        added.node_id = BrokerId(broker);
        added.host = "host";
        added.port = 9000 + broker;
    }
    response.cluster_id = "cluster";
    response.controller_id = BrokerId(1);
    auto& topic = response.topics.emplace_back();
    topic.name = "t";
    topic.topic_id = id;
    auto& partition = topic.partitions.emplace_back();
    partition.leader_id = BrokerId(leader);
    partition.leader_epoch = LeaderEpoch(epoch);
    return response;
}

TEST(MetadataCache, FindsTopicsByNameAndId) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{10}, false);
    ASSERT_NE(cache.topic("t"), nullptr);
    EXPECT_EQ(cache.topic(kFirstId), cache.topic("t"));
    EXPECT_EQ(cache.leader(kPartition), (Leader{BrokerId(1), LeaderEpoch(5), kFirstId}));
    EXPECT_EQ(cache.broker(BrokerId(2))->endpoint.port, 9002);
    EXPECT_EQ(cache.cluster_id(), "cluster");
    EXPECT_EQ(cache.refreshed_at("t"), Instant{10});
}

TEST(MetadataCache, LeaderEpochsOfOneTopicNeverGoBack) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{1}, false);
    cache.apply(answer(kFirstId, 2, 4), Instant{2}, false);
    EXPECT_EQ(cache.leader(kPartition)->broker, BrokerId(1));
    cache.apply(answer(kFirstId, 2, 6), Instant{3}, false);
    EXPECT_EQ(cache.leader(kPartition)->broker, BrokerId(2));
}

TEST(MetadataCache, RecreatedTopicStartsAtItsOwnEpoch) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{1}, false);
    cache.apply(answer(kSecondId, 2, 0), Instant{2}, false);
    EXPECT_EQ(cache.leader(kPartition)->epoch, LeaderEpoch(0));
    EXPECT_EQ(cache.topic(kFirstId), nullptr);
}

TEST(MetadataCache, DistrustedLeaderComesBackWhenConfirmed) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{1}, false);
    cache.distrust_leader(kPartition);
    EXPECT_FALSE(cache.leader(kPartition));
    cache.apply(answer(kFirstId, 1, 5), Instant{2}, false);
    EXPECT_EQ(cache.leader(kPartition)->broker, BrokerId(1));
}

TEST(MetadataCache, OldAnswerDoesNotConfirmADistrustedLeader) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{1}, false);
    cache.distrust_leader(kPartition);
    cache.apply(answer(kFirstId, 2, 4), Instant{2}, false);
    EXPECT_FALSE(cache.leader(kPartition));
}

TEST(MetadataCache, TakesHintsOnlyWhenNewer) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{1}, false);
    cache.learn_leader(kPartition, BrokerId(2), LeaderEpoch(5));
    EXPECT_EQ(cache.leader(kPartition)->broker, BrokerId(1));
    cache.learn_leader(kPartition, BrokerId(2), LeaderEpoch(6));
    EXPECT_EQ(cache.leader(kPartition)->broker, BrokerId(2));
    cache.learn_leader(kPartition, BrokerId(99), LeaderEpoch(7));  // nobody knows its address
    EXPECT_FALSE(cache.leader(kPartition));
}

TEST(MetadataCache, RemembersWhyATopicIsMissing) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{1}, false);
    kafka::MetadataResponse gone = answer(kFirstId, 1, 5);
    gone.topics[0].error_code = ErrorCode::kTopicAuthorizationFailed;
    cache.apply(gone, Instant{2}, false);
    EXPECT_EQ(cache.topic("t"), nullptr);
    EXPECT_EQ(cache.topic_error("t"), ErrorCode::kTopicAuthorizationFailed);
    cache.apply(answer(kFirstId, 1, 5), Instant{3}, false);
    EXPECT_EQ(cache.topic_error("t"), ErrorCode::kNone);
}

TEST(MetadataCache, FullAnswerRemovesWhatItLacks) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 1, 5), Instant{1}, false);
    kafka::MetadataResponse other = answer(kSecondId, 1, 0);
    other.topics[0].name = "u";
    cache.apply(other, Instant{2}, false);
    EXPECT_NE(cache.topic("t"), nullptr);
    cache.apply(other, Instant{3}, true);
    EXPECT_EQ(cache.topic("t"), nullptr);
    EXPECT_EQ(cache.topic_names(), std::vector<std::string>{"u"});
}

TEST(MetadataCache, LeaderThatIsNoKnownBrokerIsNone) {
    MetadataCache cache;
    cache.apply(answer(kFirstId, 3, 5), Instant{1}, false);
    EXPECT_FALSE(cache.leader(kPartition));
}

}  // namespace
}  // namespace sealane::client
