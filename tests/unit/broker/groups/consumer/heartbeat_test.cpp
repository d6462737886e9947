// Members of the consumer protocol (KIP-848) by what they see: joining, handing over, leaving,
// being fenced, coming back.

#include "tests/unit/broker/groups/consumer/consumer_script.hpp"

namespace sealane::broker::groups {
namespace {

class ConsumerGroups : public ::testing::Test {
 protected:
    ErrorCode error_of(ConsumerHeartbeatRequest request) {
        return script.beat(std::move(request)).error;
    }
    // Two members that share topic t, two partitions each.
    void two_members() {
        (void)script.join_member("a");
        (void)script.join_member("b");
        script.settle();
        ASSERT_EQ(script.assigned("a").size(), 2U);
        ASSERT_EQ(script.assigned("b").size(), 2U);
    }
    ConsumerHeartbeatRequest joining_static(std::string member, std::string instance) {
        ConsumerHeartbeatRequest request = script.joining(std::move(member));
        request.instance_id = std::move(instance);
        return request;
    }

    ConsumerScript script;
};

TEST_F(ConsumerGroups, TheFirstMemberGetsEverythingAtOnce) {
    const auto reply = script.join_member("a");
    EXPECT_EQ(reply.error, ErrorCode::kNone);
    EXPECT_EQ(reply.member_id, "a");
    EXPECT_EQ(reply.member_epoch, 1);
    EXPECT_EQ(reply.heartbeat_interval_ms, 5'000);
    EXPECT_EQ(reply.assignment, partitions_of(1, {0, 1, 2, 3}));
    EXPECT_EQ(script.group().state, ConsumerGroupState::kStable);
}

TEST_F(ConsumerGroups, AHeartbeatWithoutNewsWritesNothing) {
    (void)script.join_member("a");
    const std::size_t written = script.log.size();
    const auto reply = script.beat("a", 1);
    EXPECT_EQ(reply.error, ErrorCode::kNone);
    EXPECT_FALSE(reply.assignment);
    EXPECT_EQ(script.log.size(), written);
}

TEST_F(ConsumerGroups, APartitionIsHandedOverOnlyWhenItWasGivenUp) {
    (void)script.join_member("a");
    const auto joined = script.join_member("b");
    EXPECT_EQ(joined.member_epoch, 2);
    EXPECT_EQ(joined.assignment, PartitionSet{});
    EXPECT_EQ(script.group().state, ConsumerGroupState::kReconciling);

    const auto revoke = script.beat("a", 1);
    EXPECT_EQ(revoke.member_epoch, 1);
    ASSERT_TRUE(revoke.assignment);
    EXPECT_EQ(revoke.assignment->size(), 2U);
    EXPECT_FALSE(script.beat("b", 2).assignment) << "not yet given up";
    EXPECT_FALSE(script.beat("a", 1).assignment) << "still giving up";

    const auto done = script.beat("a", 1, *revoke.assignment);
    EXPECT_EQ(done.member_epoch, 2);
    const auto taken = script.beat("b", 2);
    ASSERT_TRUE(taken.assignment);
    EXPECT_EQ(taken.assignment->size(), 2U);
    EXPECT_EQ(script.group().state, ConsumerGroupState::kStable);
}

TEST_F(ConsumerGroups, WhatALeavingMemberHadGoesToTheRest) {
    two_members();
    const auto left = script.beat("b", kLeavingEpoch);
    EXPECT_EQ(left.error, ErrorCode::kNone);
    EXPECT_EQ(left.member_epoch, kLeavingEpoch);
    EXPECT_EQ(script.group().state, ConsumerGroupState::kAssigning);
    script.settle();
    EXPECT_EQ(script.assigned("a").size(), 4U);
    (void)script.beat("a", kLeavingEpoch);
    EXPECT_EQ(script.group().state, ConsumerGroupState::kEmpty);
    EXPECT_EQ(script.core.next_wake(), Instant::never());
}

TEST_F(ConsumerGroups, SilentMembersAreOut) {
    two_members();
    for (int i = 0; i < 10; ++i) {
        script.wait(5s);
        (void)script.beat_and_obey("a");
    }
    EXPECT_EQ(script.member_ids(), std::vector<std::string>{"a"});
    script.settle();
    EXPECT_EQ(script.assigned("a").size(), 4U);
    EXPECT_EQ(script.beat("b", 2).error, ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, AMemberThatHoldsOnToPartitionsIsFenced) {
    (void)script.join_member("a");
    (void)script.join_member("b");
    (void)script.beat("a", 1);  // told to give up two
    for (int i = 0; i < 13; ++i) {
        script.wait(5s);
        (void)script.beat("a", 1, partitions_of(1, {0, 1, 2, 3}));
        (void)script.beat_and_obey("b");
    }
    EXPECT_EQ(script.member_ids(), std::vector<std::string>{"b"});
    EXPECT_EQ(script.assigned("b").size(), 4U);
    EXPECT_EQ(script.beat("a", 1).error, ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, EpochsThatDoNotFitAreFenced) {
    two_members();
    EXPECT_EQ(script.beat("a", 7).error, ErrorCode::kFencedMemberEpoch);
    EXPECT_EQ(script.beat("a", 1).error, ErrorCode::kFencedMemberEpoch);
}

TEST_F(ConsumerGroups, ALostAnswerIsGivenAgain) {
    (void)script.join_member("a");
    (void)script.join_member("b");
    const auto revoke = script.beat("a", 1);
    (void)script.beat("a", 1, *revoke.assignment);  // epoch 2; suppose that it is lost
    ConsumerHeartbeatRequest again = script.beating("a", 1);
    again.owned = *revoke.assignment;
    again.topics = std::vector<std::string>{"t"};
    again.rebalance_timeout_ms = 60'000;
    const auto reply = script.beat(std::move(again));
    EXPECT_EQ(reply.error, ErrorCode::kNone);
    EXPECT_EQ(reply.member_epoch, 2);
    EXPECT_EQ(reply.assignment, *revoke.assignment);
    // Not with more than it has.
    EXPECT_EQ(
        script.beat("a", 1, partitions_of(1, {0, 1, 2, 3})).error, ErrorCode::kFencedMemberEpoch
    );
}

TEST_F(ConsumerGroups, AMemberMayBeginAnew) {
    two_members();
    const PartitionSet had = script.assigned("a");
    const auto reply = script.join_member("a");
    EXPECT_EQ(reply.error, ErrorCode::kNone);
    EXPECT_EQ(reply.assignment, had);
    EXPECT_EQ(script.member_ids().size(), 2U);
}

TEST_F(ConsumerGroups, RequestsThatMakeNoSenseAreRefused) {
    const auto refused = [&](auto change) {
        ConsumerHeartbeatRequest request = script.joining("a");
        change(request);
        return error_of(std::move(request));
    };
    using R = ConsumerHeartbeatRequest;
    EXPECT_EQ(refused([](R& r) { r.group_id = ""; }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.member_id = ""; }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.instance_id = ""; }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.rack_id = ""; }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.rebalance_timeout_ms = -1; }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.owned.reset(); }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.owned = partitions_of(1, {0}); }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.topics.reset(); }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(refused([](R& r) { r.member_epoch = -3; }), ErrorCode::kInvalidRequest);
    EXPECT_EQ(
        refused([](R& r) { r.member_epoch = kStaticLeavingEpoch; }), ErrorCode::kInvalidRequest
    );
    EXPECT_EQ(refused([](R& r) { r.assignor = "best"; }), ErrorCode::kUnsupportedAssignor);
    EXPECT_EQ(refused([](R& r) { r.member_epoch = 1; }), ErrorCode::kGroupIdNotFound);
    EXPECT_TRUE(script.log.empty());
    (void)script.join_member("a");
    EXPECT_EQ(script.beat("x", 1).error, ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.beat("x", kLeavingEpoch).error, ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, OldClientsGetTheirMemberIdFromHere) {
    ConsumerHeartbeatRequest request = script.joining("");
    request.makes_own_member_id = false;
    EXPECT_EQ(script.beat(std::move(request)).member_id, "fresh");
}

TEST_F(ConsumerGroups, AFullGroupTakesNobodyMore) {
    GroupConfig config;
    config.consumer.max_size = 2;
    script = ConsumerScript(config);
    two_members();
    EXPECT_EQ(script.join_member("c").error, ErrorCode::kGroupMaxSizeReached);
    EXPECT_EQ(script.join_member("a").error, ErrorCode::kNone);
}

TEST_F(ConsumerGroups, MembersVoteForTheAssignor) {
    ConsumerHeartbeatRequest request = script.joining("a");
    request.assignor = "range";
    (void)script.beat(std::move(request));
    EXPECT_EQ(script.group().assignor, "range");
    (void)script.join_member("b");
    script.settle();
    EXPECT_EQ(script.assigned("a"), partitions_of(1, {0, 1}));
}

TEST_F(ConsumerGroups, AStaticMemberKeepsItsPartitionsWhileItIsAway) {
    (void)script.beat(joining_static("a", "one"));
    (void)script.join_member("b");
    script.settle();
    const PartitionSet had = script.assigned("a");
    const std::int32_t epoch = script.group().epoch;
    EXPECT_EQ(error_of(joining_static("a2", "one")), ErrorCode::kUnreleasedInstanceId);
    ConsumerHeartbeatRequest away = script.beating("a", kStaticLeavingEpoch);
    away.instance_id = "one";
    EXPECT_EQ(script.beat(away).member_epoch, kStaticLeavingEpoch);
    script.wait(20s);
    (void)script.beat_and_obey("b");
    EXPECT_EQ(script.assigned("b").size(), 2U);

    const auto back = script.beat(joining_static("a2", "one"));
    EXPECT_EQ(back.error, ErrorCode::kNone);
    EXPECT_EQ(back.member_epoch, epoch) << "nobody else has to move";
    EXPECT_EQ(back.assignment, had);
    EXPECT_EQ(script.group().epoch, epoch);
    EXPECT_EQ(script.member_ids(), (std::vector<std::string>{"a2", "b"}));
    ConsumerHeartbeatRequest old = script.beating("a", 2);
    old.instance_id = "one";
    EXPECT_EQ(script.beat(old).error, ErrorCode::kFencedInstanceId);
    old.instance_id = "two";
    EXPECT_EQ(script.beat(old).error, ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerGroups, AStaticMemberThatDoesNotComeBackIsOut) {
    (void)script.beat(joining_static("a", "one"));
    ConsumerHeartbeatRequest away = script.beating("a", kStaticLeavingEpoch);
    away.instance_id = "one";
    (void)script.beat(away);
    script.wait(46s);
    EXPECT_EQ(script.group().state, ConsumerGroupState::kEmpty);
    EXPECT_EQ(error_of(joining_static("b", "one")), ErrorCode::kNone);
}

TEST_F(ConsumerGroups, TheOwnerOfAnInstanceMayBeginAnew) {
    (void)script.beat(joining_static("a", "one"));
    EXPECT_EQ(script.beat(joining_static("a", "one")).assignment->size(), 4U);
}

TEST_F(ConsumerGroups, TopicsThatChangeAreNoticed) {
    (void)script.join_member("a");
    script.topics->set("other", 2, 3);
    EXPECT_EQ(script.beat("a", 1).member_epoch, 1) << "not subscribed to";
    script.topics->set("t", 1, 6);
    const auto grown = script.beat("a", 1);
    EXPECT_EQ(grown.member_epoch, 2);
    EXPECT_EQ(grown.assignment->size(), 6U);
    script.topics->remove("t");
    (void)script.beat("a", 2);
    script.settle();
    EXPECT_TRUE(script.assigned("a").empty());
    script.topics->set("t", 9, 2);
    script.settle();
    EXPECT_EQ(script.assigned("a"), partitions_of(9, {0, 1}));
}

TEST_F(ConsumerGroups, ATopicMayComeAfterItsSubscription) {
    const auto joined = script.beat(script.joining("a", {"later"}));
    EXPECT_EQ(joined.error, ErrorCode::kNone);
    EXPECT_TRUE(joined.assignment->empty());
    script.topics->set("later", 3, 2);
    EXPECT_EQ(script.beat("a", joined.member_epoch).assignment, partitions_of(3, {0, 1}));
}

TEST_F(ConsumerGroups, ANewSubscriptionCountsAtOnce) {
    script.topics->set("u", 2, 2);
    (void)script.join_member("a");
    ConsumerHeartbeatRequest change = script.beating("a", 1);
    change.topics = std::vector<std::string>{"u"};
    const auto reply = script.beat(std::move(change));
    EXPECT_TRUE(reply.assignment->empty()) << "first gives up t";
    script.settle();
    EXPECT_EQ(script.assigned("a"), partitions_of(2, {0, 1}));
}

TEST_F(ConsumerGroups, AFailedAppendLeavesNothingBehind) {
    script.fail_appends = ErrorCode::kNotCoordinator;
    EXPECT_EQ(script.join_member("a").error, ErrorCode::kNotCoordinator);
    EXPECT_EQ(script.core.counts().groups, 0U);
    script.fail_appends.reset();
    two_members();
    script.fail_appends = ErrorCode::kCoordinatorNotAvailable;
    script.wait(60s);  // nobody's end can be written
    EXPECT_EQ(script.member_ids().size(), 2U);
    script.fail_appends.reset();
    script.wait(2s);
    EXPECT_TRUE(script.member_ids().empty());
}

TEST_F(ConsumerGroups, ACoordinatorThatStartsKnowsEverything) {
    two_members();
    (void)script.join_member("c");
    (void)script.beat("a", script.member_of("a")->current.epoch);
    script.core = script.restarted();
    EXPECT_EQ(script.member_ids().size(), 3U);
    script.settle();
    script.wait(46s);
    EXPECT_EQ(script.group().state, ConsumerGroupState::kEmpty) << "sessions go on";
}

TEST_F(ConsumerGroups, AdministratorsTakeMembersOut) {
    (void)script.beat(joining_static("a", "one"));
    (void)script.join_member("b");
    EXPECT_EQ(script.leave("", "one"), ErrorCode::kNone);
    EXPECT_EQ(script.leave("", "one"), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.member_ids(), std::vector<std::string>{"b"});
}

}  // namespace
}  // namespace sealane::broker::groups
