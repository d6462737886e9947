#include "broker/metadata/topic_decisions.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sealane::broker {
namespace {

ClusterImage cluster_with(std::string_view name, std::int32_t partitions = 2) {
    ClusterImage cluster;
    cluster.add_brokers(1, 1);
    NewTopic topic;
    topic.name = name;
    topic.id.bytes[3] = 9;
    topic.partitions = partitions;
    cluster.apply(create_topic(cluster.image, cluster.policy, cluster.rng, topic));
    return cluster;
}

ErrorCode try_create(ClusterImage& cluster, const NewTopic& topic) {
    const auto records = create_topic(cluster.image, cluster.policy, cluster.rng, topic);
    return records ? ErrorCode::kNone : records.error().code();
}

ErrorCode try_grow(
    ClusterImage& cluster,
    const std::string& name,
    std::int32_t count,
    std::optional<Assignments> assignments = std::nullopt
) {
    const auto records = grow_topic(cluster.image, cluster.rng, {name, count, assignments});
    return records ? ErrorCode::kNone : records.error().code();
}

NewTopic named(std::string name) {
    NewTopic topic;
    topic.name = std::move(name);
    topic.id.bytes[0] = 1;
    return topic;
}

TEST(TopicDecisions, NamesFollowKafkasRules) {
    EXPECT_TRUE(check_topic_name(std::string(249, 'a')).has_value());
    EXPECT_TRUE(check_topic_name("A.b_c-9").has_value());
    for (const std::string& name :
         {std::string(),
          std::string("."),
          std::string(".."),
          std::string(250, 'a'),
          std::string("a b"),
          std::string("ä"),
          std::string("a/b"),
          std::string("a\0b", 3),
          std::string("__cluster_metadata")}) {
        EXPECT_EQ(check_topic_name(name).error().code(), ErrorCode::kInvalidTopicException) << name;
    }
}

TEST(TopicDecisions, NamesThatMetricsCannotTellApartCollide) {
    ClusterImage cluster = cluster_with("a.b_c");
    EXPECT_EQ(try_create(cluster, named("a_b.c")), ErrorCode::kInvalidTopicException);
    EXPECT_EQ(try_create(cluster, named("a.b_c")), ErrorCode::kTopicAlreadyExists);
    EXPECT_EQ(try_create(cluster, named("a-b-c")), ErrorCode::kNone);
}

TEST(TopicDecisions, CountsAreChecked) {
    ClusterImage cluster;
    cluster.add_brokers(1, 1);
    NewTopic topic = named("t");
    topic.partitions = 0;
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kInvalidPartitions);
    topic.partitions = 10'001;
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kPolicyViolation);
    topic.partitions = 1;
    topic.replication_factor = 3;
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kInvalidReplicationFactor);
    topic.replication_factor = 0;
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kInvalidReplicationFactor);
    topic.replication_factor = -1;
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kNone);
    topic.configs["segment.bytes"] = "x";
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kInvalidConfig);
}

TEST(TopicDecisions, WithoutABrokerThereIsNoPlace) {
    ClusterImage cluster;
    EXPECT_EQ(try_create(cluster, named("t")), ErrorCode::kInvalidReplicationFactor);
    cluster.add_brokers(1, 1);
    cluster.fence(1);
    EXPECT_EQ(try_create(cluster, named("t")), ErrorCode::kInvalidReplicationFactor);
}

TEST(TopicDecisions, TheDefaultIsThreeReplicasOrAsManyAsThereAreBrokers) {
    ClusterImage cluster;
    EXPECT_EQ(default_replication_factor(cluster.image, cluster.policy), 1);
    cluster.add_brokers(1, 2);
    EXPECT_EQ(default_replication_factor(cluster.image, cluster.policy), 2);
    cluster.add_brokers(3, 5);
    EXPECT_EQ(default_replication_factor(cluster.image, cluster.policy), 3);
    cluster.apply(create_topic(cluster.image, cluster.policy, cluster.rng, named("t")));
    const PartitionState& made = cluster.at("t");
    EXPECT_EQ(made.replicas.size(), 3U);
    EXPECT_EQ(made.isr, made.replicas);
    EXPECT_EQ(made.leader, made.replicas.front());
    EXPECT_EQ(made.directories.size(), 3U);
    EXPECT_EQ(made.directories.front(), cluster.image.broker(made.leader)->directory());
    cluster.policy.default_replication_factor = 5;
    EXPECT_EQ(default_replication_factor(cluster.image, cluster.policy), 5);
}

TEST(TopicDecisions, FencedReplicasOfANewPartitionAreNotInSync) {
    ClusterImage cluster;
    cluster.add_brokers(1, 3);
    cluster.fence(1);
    NewTopic topic = named("t");
    topic.partitions = 4;
    topic.replication_factor = 3;
    cluster.apply(create_topic(cluster.image, cluster.policy, cluster.rng, topic));
    for (std::int32_t i = 0; i < 4; ++i) {
        EXPECT_EQ(cluster.at("t", i).replicas.size(), 3U);
        EXPECT_TRUE(same_members(cluster.at("t", i).isr, ids({2, 3})));
        EXPECT_NE(cluster.at("t", i).leader, BrokerId(1));
    }
}

TEST(TopicDecisions, AssignmentsAreChecked) {
    ClusterImage cluster;
    cluster.add_brokers(1, 3);
    cluster.fence(3);
    NewTopic topic = named("t");
    topic.assignments = {ids({1, 2}), ids({2, 1})};
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kInvalidRequest);  // a count is there, too
    topic.partitions = -1;
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kNone);
    topic.replication_factor = 2;
    EXPECT_EQ(try_create(cluster, topic), ErrorCode::kInvalidRequest);
    topic.replication_factor = -1;
    for (const Assignments& wrong :
         {Assignments{ids({1, 1})},
          Assignments{ids({1, 2}), ids({1})},
          Assignments{ids({1, 9})},
          Assignments{ids({3})},
          Assignments{ids({})}}) {
        topic.assignments = wrong;
        EXPECT_EQ(try_create(cluster, topic), ErrorCode::kInvalidReplicaAssignment);
    }
    topic.assignments = {ids({3, 2})};
    cluster.apply(create_topic(cluster.image, cluster.policy, cluster.rng, topic));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(2));
    EXPECT_EQ(cluster.at("t").isr, ids({2}));
}

TEST(TopicDecisions, PartitionsOnlyGrow) {
    ClusterImage cluster = cluster_with("t", 3);
    EXPECT_EQ(try_grow(cluster, "t", 3), ErrorCode::kInvalidPartitions);
    EXPECT_EQ(try_grow(cluster, "t", -4), ErrorCode::kInvalidPartitions);
    EXPECT_EQ(try_grow(cluster, "t", INT32_MIN), ErrorCode::kInvalidPartitions);
    EXPECT_EQ(try_grow(cluster, "t", 20'000), ErrorCode::kPolicyViolation);
    EXPECT_EQ(try_grow(cluster, "u", 5), ErrorCode::kUnknownTopicOrPartition);
    EXPECT_EQ(grow_topic(cluster.image, cluster.rng, {"t", 5, {}})->size(), 2U);
}

TEST(TopicDecisions, NewPartitionsHaveAsManyReplicasAsTheOld) {
    ClusterImage cluster;
    cluster.add_brokers(1, 4);
    cluster.create("t", {ids({1, 2})});
    EXPECT_EQ(
        try_grow(cluster, "t", 3, Assignments{ids({1, 2})}), ErrorCode::kInvalidReplicaAssignment
    );
    EXPECT_EQ(
        try_grow(cluster, "t", 2, Assignments{ids({1})}), ErrorCode::kInvalidReplicaAssignment
    );
    cluster.apply(grow_topic(cluster.image, cluster.rng, {"t", 2, Assignments{ids({4, 3})}}));
    EXPECT_EQ(cluster.at("t", 1).replicas, ids({4, 3}));
    cluster.apply(grow_topic(cluster.image, cluster.rng, {"t", 3, {}}));
    EXPECT_EQ(cluster.at("t", 2).replicas.size(), 2U);
    EXPECT_EQ(cluster.reassign("t", ids({3, 4})), ErrorCode::kNone);
    EXPECT_EQ(try_grow(cluster, "t", 9), ErrorCode::kReassignmentInProgress);
}

TEST(TopicDecisions, OnlyRealConfigChangesAreWritten) {
    ClusterImage cluster = cluster_with("t");
    const auto change = [&cluster](const std::string& key, std::optional<std::string> value) {
        return configure_topic(cluster.image, cluster.policy, "t", {{key, std::move(value)}});
    };
    const auto set = change("retention.ms", "5");
    ASSERT_EQ(set->size(), 1U);
    cluster.apply(set);
    EXPECT_TRUE(change("retention.ms", "5")->empty());
    EXPECT_TRUE(change("segment.ms", std::nullopt)->empty());
    cluster.apply(change("retention.ms", std::nullopt));
    EXPECT_TRUE(cluster.image.topic("t")->configs.empty());
    EXPECT_EQ(change("nope", "1").error().code(), ErrorCode::kInvalidConfig);
}

// With min.insync.replicas=1 the in-sync set of one commits on its own; who was eligible before
// then misses records.
TEST(TopicDecisions, ASmallerMinimumEndsEligibility) {
    ClusterImage cluster;
    cluster.add_brokers(1, 3);
    cluster.create("t", {ids({1, 2, 3})});
    cluster.fence(3);
    cluster.fence(2);
    EXPECT_EQ(cluster.at("t").isr, ids({1}));
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
    cluster.configure("t", "min.insync.replicas", "1");
    EXPECT_TRUE(cluster.at("t").elr.empty());
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
}

TEST(TopicDecisions, AllowingUncleanElectionsHoldsThem) {
    ClusterImage cluster;
    cluster.add_brokers(1, 3);
    cluster.create("t", {ids({1, 2, 3})});
    EXPECT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    cluster.fence(1);
    cluster.fence(2);
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);
    cluster.configure("t", "unclean.leader.election.enable", "true");
    EXPECT_EQ(cluster.at("t").leader, BrokerId(3));
    EXPECT_TRUE(cluster.at("t").recovering);
}

}  // namespace
}  // namespace sealane::broker
