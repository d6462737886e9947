#include "broker/metadata/broker_decisions.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

struct Three : ClusterImage {
    Three() {
        add_brokers(1, 3);
        create("t", {ids({1, 2, 3})});
    }
    [[nodiscard]] Result<RegistrationDecision> try_register(
        const kafka::BrokerRegistrationRequest& request, SessionState session = SessionState::kEnded
    ) const {
        return broker::register_broker(image, policy, request, session, next_epoch + 1);
    }
    [[nodiscard]] BrokerEpoch epoch_of(std::int32_t id) const {
        return image.broker(BrokerId(id))->epoch;
    }
    ErrorCode lose(std::int32_t broker, const std::string& topic = "t") {
        auto records = assign_directory(
            image,
            policy,
            {.broker = BrokerId(broker),
             .epoch = epoch_of(broker),
             .topic = image.topic(topic)->id,
             .partition = PartitionId(0),
             .directory = kLostDirectory}
        );
        if (!records) return records.error().code();
        apply(*records);
        return ErrorCode::kNone;
    }
};

TEST(BrokerDecisions, ARegisteredBrokerIsFencedUntilItCatchesUp) {
    ClusterImage cluster;
    auto request = cluster.start_of(7);
    request.rack = "r1";
    cluster.register_broker(request);
    const BrokerState* broker = cluster.image.broker(BrokerId(7));
    ASSERT_NE(broker, nullptr);
    EXPECT_TRUE(broker->fenced);
    EXPECT_EQ(broker->epoch, 1);
    EXPECT_EQ(broker->rack, "r1");
    EXPECT_EQ(broker->listeners.at(0).port, 9092);
    cluster.unfence(7);
    EXPECT_TRUE(cluster.image.is_active(BrokerId(7)));
    EXPECT_TRUE(unfence_broker(cluster.image, cluster.policy, BrokerId(7)).empty());
    EXPECT_TRUE(unfence_broker(cluster.image, cluster.policy, BrokerId(8)).empty());
}

TEST(BrokerDecisions, TheSameIncarnationKeepsItsEpoch) {
    ClusterImage cluster;
    const auto request = cluster.start_of(7);
    cluster.register_broker(request);
    const auto again =
        register_broker(cluster.image, cluster.policy, request, SessionState::kAlive, 50);
    EXPECT_EQ(again->epoch, 1);
    EXPECT_TRUE(again->records.empty());
}

TEST(BrokerDecisions, AnotherIncarnationWaitsForTheEndOfTheSession) {
    Three cluster;
    const auto request = cluster.start_of(2);
    EXPECT_EQ(
        cluster.try_register(request, SessionState::kAlive).error().code(),
        ErrorCode::kDuplicateBrokerRegistration
    );
    EXPECT_EQ(cluster.try_register(request)->epoch, cluster.next_epoch + 1);
}

TEST(BrokerDecisions, RegistrationsAreChecked) {
    Three cluster;
    auto request = cluster.start_of(4);
    request.listeners.clear();
    EXPECT_EQ(cluster.try_register(request).error().code(), ErrorCode::kInvalidRegistration);
    // The disk of another broker, copied.
    EXPECT_EQ(
        cluster.try_register(cluster.start_of(4, 1)).error().code(), ErrorCode::kInvalidRegistration
    );
    request = cluster.start_of(4);
    request.log_dirs = {kLostDirectory};
    EXPECT_EQ(cluster.try_register(request).error().code(), ErrorCode::kInvalidRegistration);
    kafka::FeatureLevelRecord feature;
    feature.name = "f";
    feature.feature_level = 3;
    cluster.apply(Records{feature});
    request = cluster.start_of(4);
    EXPECT_EQ(cluster.try_register(request).error().code(), ErrorCode::kUnsupportedVersion);
    request.features.push_back({"f", 1, 2});
    EXPECT_EQ(cluster.try_register(request).error().code(), ErrorCode::kUnsupportedVersion);
    request.features.back().max_supported_version = 3;
    EXPECT_TRUE(cluster.try_register(request).has_value());
}

TEST(BrokerDecisions, ARestartTakesTheBrokerOutOfInSyncSets) {
    Three cluster;
    cluster.register_broker(cluster.start_of(1));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(2));
    EXPECT_EQ(cluster.at("t").isr, ids({2, 3}));
    cluster.unfence(1);
    EXPECT_EQ(cluster.at("t").isr, ids({2, 3}));
}

// Everything that a synced topic acknowledged survived the crash.
TEST(BrokerDecisions, ACrashKeepsSyncedReplicasEligible) {
    Three cluster;
    for (const std::int32_t id : {3, 2, 1}) cluster.fence(id);
    EXPECT_EQ(cluster.at("t").elr, ids({1, 2}));
    cluster.register_broker(cluster.start_of(1));
    EXPECT_EQ(cluster.at("t").elr, ids({1, 2}));
    cluster.unfence(1);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
}

TEST(BrokerDecisions, ACrashEndsEligibilityForTopicsThatAreNotSynced) {
    Three cluster;
    cluster.configure("t", "sealane.flush", "os");
    for (const std::int32_t id : {3, 2, 1}) cluster.fence(id);
    // A clean stop is proved by the epoch of the registration that stopped.
    cluster.register_broker(cluster.start_of(1, 0, cluster.epoch_of(1)));
    EXPECT_EQ(cluster.at("t").elr, ids({1, 2}));
    cluster.register_broker(cluster.start_of(1, 0, cluster.epoch_of(1) - 1));
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
}

TEST(BrokerDecisions, AnEmptyDiskIsNobodysInSyncReplica) {
    Three cluster;
    for (const std::int32_t id : {3, 2, 1}) cluster.fence(id);
    EXPECT_EQ(cluster.at("t").last_known_elr, ids({1}));
    cluster.register_broker(cluster.start_of(1, 100, cluster.epoch_of(1)));
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
    EXPECT_TRUE(cluster.at("t").last_known_elr.empty());
    cluster.unfence(1);
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);
    cluster.register_broker(cluster.start_of(2, 101));
    cluster.unfence(2);
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);  // nothing is left but force
    EXPECT_EQ(cluster.elect("t", 1).error_code, ErrorCode::kNone);
    EXPECT_NE(cluster.at("t").leader, kNoBroker);
}

TEST(BrokerDecisions, ABrokerWithoutAFormerRegistrationIsKnownByItsDirectories) {
    Three cluster;
    cluster.create("u", {ids({3})});
    cluster.apply(unregister_broker(cluster.image, cluster.policy, BrokerId(3)));
    EXPECT_TRUE(cluster.at("u").elr.empty());
    EXPECT_TRUE(cluster.at("u").last_known_elr.empty());
    cluster.register_broker(cluster.start_of(3));
    cluster.unfence(3);
    EXPECT_EQ(cluster.at("u").leader, kNoBroker);
    EXPECT_EQ(
        unregister_broker(cluster.image, cluster.policy, BrokerId(9)).error().code(),
        ErrorCode::kBrokerIdNotRegistered
    );
}

// A data directory from before brokers registered.
TEST(BrokerDecisions, TheFirstRegistrationKeepsWhatIsThere) {
    ClusterImage cluster;
    kafka::TopicRecord topic;
    topic.name = "old";
    topic.topic_id = uuid_of(1, 1);
    kafka::PartitionRecord partition;
    partition.topic_id = topic.topic_id;
    partition.partition_id = PartitionId(0);
    partition.replicas = partition.isr = ids({1});
    partition.leader = BrokerId(1);
    partition.leader_epoch = LeaderEpoch(4);
    partition.partition_epoch = 0;
    cluster.apply(Records{topic, partition});
    EXPECT_TRUE(settle_partitions(cluster.image, cluster.policy).empty());
    cluster.register_broker(cluster.start_of(1));
    EXPECT_EQ(cluster.at("old").leader, kNoBroker);
    cluster.unfence(1);
    EXPECT_EQ(cluster.at("old").leader, BrokerId(1));
    EXPECT_EQ(cluster.at("old").isr, ids({1}));
    EXPECT_FALSE(cluster.at("old").recovering);
    EXPECT_GT(cluster.at("old").leader_epoch, LeaderEpoch(4));
}

TEST(BrokerDecisions, AStoppingBrokerHandsOverBeforeItGoes) {
    Three cluster;
    EXPECT_TRUE(leads_any(cluster.image, BrokerId(1)));
    cluster.apply(start_controlled_shutdown(cluster.image, cluster.policy, BrokerId(1)));
    EXPECT_FALSE(leads_any(cluster.image, BrokerId(1)));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(2));
    EXPECT_FALSE(cluster.image.broker(BrokerId(1))->fenced);
    EXPECT_FALSE(cluster.image.is_active(BrokerId(1)));
    EXPECT_TRUE(start_controlled_shutdown(cluster.image, cluster.policy, BrokerId(1)).empty());
    cluster.fence(1);
    cluster.register_broker(cluster.start_of(1));
    EXPECT_FALSE(cluster.image.broker(BrokerId(1))->in_controlled_shutdown);
}

TEST(BrokerDecisions, ALostLogLeavesItsSetsAndRaisesTheEpoch) {
    Three cluster;
    EXPECT_EQ(cluster.lose(2), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").isr, ids({1, 3}));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(1));
    EXPECT_EQ(cluster.at("t").directories.at(1), kLostDirectory);
    const PartitionState before = cluster.at("t");
    EXPECT_EQ(cluster.lose(2), ErrorCode::kNone);  // said twice
    EXPECT_EQ(cluster.at("t"), before);
    // It rebuilt its log from the leader.
    EXPECT_EQ(cluster.set_isr("t", {1, 2, 3}), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").directories.at(1), cluster.image.broker(BrokerId(2))->directory());
    EXPECT_EQ(cluster.lose(1), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(2));
}

TEST(BrokerDecisions, ALostLogIsNotEligible) {
    Three cluster;
    cluster.fence(3);
    cluster.fence(2);
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
    cluster.unfence(2);
    EXPECT_EQ(cluster.lose(2), ErrorCode::kNone);
    EXPECT_TRUE(cluster.at("t").elr.empty());
    EXPECT_EQ(cluster.lose(1), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").leader, kNoBroker);
    EXPECT_TRUE(cluster.at("t").isr.empty());
    EXPECT_TRUE(cluster.at("t").last_known_elr.empty());
    // By force somebody may begin anew, even with nothing.
    EXPECT_EQ(cluster.elect("t", 1).error_code, ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
    EXPECT_TRUE(settle_partitions(cluster.image, cluster.policy).empty());
}

TEST(BrokerDecisions, DirectoriesAreReportedByTheirOwners) {
    Three cluster;
    const Uuid topic = cluster.image.topic("t")->id;
    const auto report = [&](ReplicaDirectory asked) {
        const auto records = assign_directory(cluster.image, cluster.policy, asked);
        return records ? ErrorCode::kNone : records.error().code();
    };
    ReplicaDirectory asked{BrokerId(1), cluster.epoch_of(1), topic, PartitionId(0), uuid_of(8, 8)};
    EXPECT_EQ(report(asked), ErrorCode::kNone);
    asked.partition = PartitionId(1);
    EXPECT_EQ(report(asked), ErrorCode::kUnknownTopicOrPartition);
    asked.topic = {};
    EXPECT_EQ(report(asked), ErrorCode::kUnknownTopicId);
    ++asked.epoch;
    EXPECT_EQ(report(asked), ErrorCode::kStaleBrokerEpoch);
    asked.broker = BrokerId(9);
    EXPECT_EQ(report(asked), ErrorCode::kBrokerIdNotRegistered);
    cluster.add_brokers(4, 4);
    asked = {BrokerId(4), cluster.epoch_of(4), topic, PartitionId(0), uuid_of(8, 8)};
    EXPECT_EQ(report(asked), ErrorCode::kNotLeaderOrFollower);
}

TEST(BrokerDecisions, ANewControllerSettlesWhatAnotherDefaultLeft) {
    Three cluster;
    cluster.fence(3);
    cluster.fence(2);
    ASSERT_EQ(cluster.at("t").elr, ids({2}));
    EXPECT_TRUE(settle_partitions(cluster.image, cluster.policy).empty());
    cluster.policy.topic_defaults.min_insync_replicas = 1;
    cluster.apply(settle_partitions(cluster.image, cluster.policy));
    EXPECT_TRUE(cluster.at("t").elr.empty());
}

}  // namespace
}  // namespace sealane::broker
