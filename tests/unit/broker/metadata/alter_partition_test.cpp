#include "broker/metadata/alter_partition.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

struct ThreeReplicas : ClusterImage {
    ThreeReplicas() {
        add_brokers(1, 4);
        create("t", {ids({1, 2, 3})});
    }
    // The proposal with one thing changed.
    template <class F>
    ErrorCode with(F&& change, const BrokerIds& isr = ids({1, 2})) {
        kafka::AlterPartitionRequest request = proposal("t", isr);
        change(request, request.topics.at(0).partitions.at(0));
        return alter(request).error_code;
    }
};

TEST(AlterPartition, TheLeaderShrinksAndExpandsTheInSyncSet) {
    ThreeReplicas cluster;
    const auto answer = cluster.alter(cluster.proposal("t", ids({2, 1})));
    EXPECT_EQ(answer.error_code, ErrorCode::kNone);
    EXPECT_EQ(answer.leader_id, BrokerId(1));
    EXPECT_EQ(answer.leader_epoch, LeaderEpoch(0));
    EXPECT_EQ(answer.partition_epoch, 1);
    EXPECT_EQ(answer.isr, ids({1, 2}));  // in the order of the replicas
    EXPECT_EQ(cluster.at("t").isr, ids({1, 2}));
    EXPECT_EQ(cluster.set_isr("t", {1, 2, 3}), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").isr, ids({1, 2, 3}));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(0));
}

TEST(AlterPartition, AProposalOfWhatIsChangesNothing) {
    ThreeReplicas cluster;
    const auto decision =
        alter_partition(cluster.image, cluster.policy, cluster.proposal("t", ids({3, 2, 1})));
    EXPECT_TRUE(decision.records.empty());
    EXPECT_EQ(decision.response.topics.at(0).partitions.at(0).partition_epoch, 0);
}

TEST(AlterPartition, TheSenderMustBeRegisteredAsItSays) {
    ThreeReplicas cluster;
    auto request = cluster.proposal("t", ids({1, 2}));
    ++request.broker_epoch;
    const auto stale = alter_partition(cluster.image, cluster.policy, request);
    EXPECT_EQ(stale.response.error_code, ErrorCode::kStaleBrokerEpoch);
    EXPECT_TRUE(stale.response.topics.empty());
    request.broker_id = BrokerId(9);
    EXPECT_EQ(
        alter_partition(cluster.image, cluster.policy, request).response.error_code,
        ErrorCode::kStaleBrokerEpoch
    );
}

// One request for each row of the table, in its order.
TEST(AlterPartition, RefusesInTheOrderOfTheTable) {
    ThreeReplicas cluster;
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);  // partition epoch 1
    cluster.apply(raise_leader_epoch(cluster.image, {"t", PartitionId(0)}, LeaderEpoch(5)));
    using Request = kafka::AlterPartitionRequest;
    using Asked = Request::PartitionData;
    const auto check = [&cluster](auto change, ErrorCode expected) {
        EXPECT_EQ(cluster.with(change), expected);
    };
    check([](Request& r, Asked&) { r.topics[0].topic_id = {}; }, ErrorCode::kUnknownTopicId);
    check(
        [](Request&, Asked& p) { p.partition_index = PartitionId(1); },
        ErrorCode::kUnknownTopicOrPartition
    );
    check([](Request&, Asked& p) { ++p.leader_epoch; }, ErrorCode::kNotController);
    check([](Request&, Asked& p) { ++p.partition_epoch; }, ErrorCode::kNotController);
    check(
        [](Request&, Asked& p) {
            p.leader_epoch = LeaderEpoch(4);
            --p.partition_epoch;
        },
        ErrorCode::kFencedLeaderEpoch
    );
    check(
        [&cluster](Request& r, Asked& p) {
            r.broker_id = BrokerId(2);
            r.broker_epoch = cluster.image.broker(BrokerId(2))->epoch;
            --p.partition_epoch;
        },
        ErrorCode::kInvalidRequest
    );
    check(
        [](Request&, Asked& p) {
            --p.partition_epoch;
            p.new_isr_with_epochs.clear();
        },
        ErrorCode::kInvalidUpdateVersion
    );
}

TEST(AlterPartition, RefusesSetsThatCannotBe) {
    ThreeReplicas cluster;
    const auto nothing = [](auto&, auto&) {};
    EXPECT_EQ(cluster.with(nothing, ids({})), ErrorCode::kInvalidRequest);
    EXPECT_EQ(cluster.with(nothing, ids({1, 2, 2})), ErrorCode::kInvalidRequest);
    EXPECT_EQ(cluster.with(nothing, ids({1, 4})), ErrorCode::kInvalidRequest);
    const auto recovering = [](auto&, auto& p) { p.leader_recovery_state = 1; };
    EXPECT_EQ(cluster.with(recovering, ids({1, 2})), ErrorCode::kInvalidRequest);
    EXPECT_EQ(cluster.with(recovering, ids({1})), ErrorCode::kInvalidRequest);
    const auto unknown = [](auto&, auto& p) { p.leader_recovery_state = 7; };
    EXPECT_EQ(cluster.with(unknown, ids({1})), ErrorCode::kInvalidRequest);
}

TEST(AlterPartition, MembersMustBeActiveInTheirPresentIncarnation) {
    ThreeReplicas cluster;
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    const auto proposal = cluster.proposal("t", ids({1, 2, 3}));
    cluster.fence(3);
    EXPECT_EQ(cluster.alter(proposal).error_code, ErrorCode::kIneligibleReplica);
    cluster.register_broker(cluster.start_of(3));
    cluster.unfence(3);
    EXPECT_EQ(cluster.alter(proposal).error_code, ErrorCode::kIneligibleReplica);
    // -1: the sender does not know the epoch.
    auto trusting = proposal;
    trusting.topics[0].partitions[0].new_isr_with_epochs[2].broker_epoch = kNoBrokerEpoch;
    EXPECT_EQ(cluster.alter(trusting).error_code, ErrorCode::kNone);
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    cluster.apply(start_controlled_shutdown(cluster.image, cluster.policy, BrokerId(3)));
    EXPECT_EQ(cluster.set_isr("t", {1, 2, 3}), ErrorCode::kIneligibleReplica);
}

TEST(AlterPartition, OneProposalPerPartitionAndRequest) {
    ThreeReplicas cluster;
    auto request = cluster.proposal("t", ids({1, 2}));
    auto& partitions = request.topics[0].partitions;
    partitions.push_back(partitions.front());
    const auto decision = alter_partition(cluster.image, cluster.policy, request);
    EXPECT_EQ(decision.records.size(), 1U);
    EXPECT_EQ(
        decision.response.topics.at(0).partitions.at(1).error_code, ErrorCode::kInvalidRequest
    );
}

TEST(AlterPartition, TheLeaderSaysThatItHasRecovered) {
    ThreeReplicas cluster;
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    cluster.fence(1);
    cluster.fence(2);
    EXPECT_EQ(cluster.elect("t", 1).error_code, ErrorCode::kNone);
    ASSERT_EQ(cluster.at("t").leader, BrokerId(3));
    ASSERT_TRUE(cluster.at("t").recovering);
    auto still = cluster.proposal("t", ids({3}));
    still.topics[0].partitions[0].leader_recovery_state = 1;
    EXPECT_EQ(cluster.alter(still).leader_recovery_state, 1);
    EXPECT_TRUE(cluster.at("t").recovering);
    EXPECT_EQ(cluster.alter(cluster.proposal("t", ids({3}))).leader_recovery_state, 0);
    EXPECT_FALSE(cluster.at("t").recovering);
}

// As `replica` itself asks for it.
struct Leaving : ThreeReplicas {
    std::optional<kafka::AlterPartitionRequest> request(std::int32_t replica) const {
        auto asked = withdrawal(at("t"), PartitionId(0), BrokerId(replica));
        if (!asked) return std::nullopt;
        kafka::AlterPartitionRequest request = proposal("t", {});
        request.broker_id = BrokerId(replica);
        request.broker_epoch = image.broker(BrokerId(replica))->epoch;
        request.topics[0].partitions[0] = *std::move(asked);
        return request;
    }
    ErrorCode leave(std::int32_t replica) { return alter(*request(replica)).error_code; }
};

TEST(AlterPartition, ALeaderThatLeavesHandsOver) {
    Leaving cluster;
    EXPECT_EQ(cluster.leave(1), ErrorCode::kNewLeaderElected);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(2));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(1));
    EXPECT_EQ(cluster.at("t").isr, ids({2, 3}));
    EXPECT_TRUE(cluster.at("t").elr.empty());
}

TEST(AlterPartition, AFollowerLeavesByItself) {
    Leaving cluster;
    EXPECT_EQ(cluster.leave(3), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(0));
    EXPECT_EQ(cluster.at("t").isr, ids({1, 2}));
    // Below the minimum it has all that is committed.
    EXPECT_EQ(cluster.leave(2), ErrorCode::kNone);
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
    EXPECT_FALSE(cluster.request(2));
    EXPECT_EQ(cluster.set_isr("t", {1, 2, 3}), ErrorCode::kNone);
}

// Full disks everywhere: leadership goes round once, and stays with the last.
TEST(AlterPartition, TheLastMemberStays) {
    Leaving cluster;
    EXPECT_EQ(cluster.leave(1), ErrorCode::kNewLeaderElected);
    EXPECT_EQ(cluster.leave(2), ErrorCode::kNewLeaderElected);
    EXPECT_EQ(cluster.at("t").leader, BrokerId(3));
    EXPECT_EQ(cluster.at("t").isr, ids({3}));
    EXPECT_EQ(cluster.at("t").elr, ids({2}));
    EXPECT_FALSE(cluster.request(3));
}

TEST(AlterPartition, ALeaderStaysWhenNobodyElseCanLead) {
    Leaving cluster;
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    const auto request = cluster.request(1);
    ASSERT_TRUE(request);
    cluster.apply(start_controlled_shutdown(cluster.image, cluster.policy, BrokerId(2)));
    EXPECT_EQ(cluster.alter(*request).error_code, ErrorCode::kInvalidUpdateVersion);
    EXPECT_FALSE(cluster.request(1));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(1));
}

TEST(AlterPartition, WhoLeavesTakesNobodyWithItAndBringsNobodyIn) {
    Leaving cluster;
    const auto refused = [&cluster](std::int32_t replica, std::initializer_list<std::int32_t> isr) {
        auto request = *cluster.request(replica);
        auto& members = request.topics[0].partitions[0].new_isr_with_epochs;
        members.clear();
        for (const std::int32_t id : isr) members.push_back({BrokerId(id), kNoBrokerEpoch});
        return cluster.alter(request).error_code;
    };
    EXPECT_EQ(refused(1, {2}), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused(1, {}), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused(3, {1}), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused(3, {1, 2, 3}), ErrorCode::kInvalidRequest);
    ASSERT_EQ(cluster.set_isr("t", {1, 2}), ErrorCode::kNone);
    EXPECT_EQ(refused(2, {1, 3}), ErrorCode::kInvalidRequest);
    EXPECT_EQ(cluster.at("t").isr, ids({1, 2}));
}

TEST(AlterPartition, EndsAReassignmentAndKeepsTheLeader) {
    ThreeReplicas cluster;
    ASSERT_EQ(cluster.reassign("t", ids({1, 2, 4})), ErrorCode::kNone);
    const auto answer = cluster.alter(cluster.proposal("t", ids({1, 2, 3, 4})));
    EXPECT_EQ(answer.error_code, ErrorCode::kNone);
    EXPECT_EQ(answer.isr, ids({1, 2, 4}));
    EXPECT_EQ(answer.leader_epoch, LeaderEpoch(1));  // a replica left
    EXPECT_EQ(cluster.at("t").replicas, ids({1, 2, 4}));
    EXPECT_FALSE(cluster.at("t").is_reassigning());
}

TEST(AlterPartition, EndsAReassignmentThatTheLeaderIsNotPartOf) {
    ThreeReplicas cluster;
    ASSERT_EQ(cluster.reassign("t", ids({4, 3})), ErrorCode::kNone);
    EXPECT_EQ(cluster.set_isr("t", {1, 3, 4}), ErrorCode::kNewLeaderElected);
    EXPECT_EQ(cluster.at("t").replicas, ids({4, 3}));
    EXPECT_EQ(cluster.at("t").isr, ids({4, 3}));
    EXPECT_EQ(cluster.at("t").leader, BrokerId(4));
    EXPECT_EQ(cluster.at("t").leader_epoch, LeaderEpoch(1));
}

}  // namespace
}  // namespace sealane::broker
