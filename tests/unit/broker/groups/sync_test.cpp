// SyncGroup, Heartbeat, LeaveGroup and session timeouts.

#include "tests/unit/broker/groups/group_script.hpp"

namespace sealane::broker::groups {
namespace {

ErrorCode sync_error(GroupScript& script, Ticket ticket) {
    const auto reply = script.answer<SyncReply>(ticket);
    EXPECT_TRUE(reply) << "parked";
    return reply ? reply->error : ErrorCode::kNone;
}

TEST(GroupSync, FollowersWaitForTheLeadersAssignment) {
    GroupScript script;
    script.join();
    script.join();
    script.wait(10s);
    const Ticket follower = script.sync("c-2", 1);
    EXPECT_FALSE(script.answer<SyncReply>(follower));
    const Ticket leader = script.sync("c-1", 1, {{"c-1", "one"}, {"c-2", "two"}, {"x", "no"}});
    EXPECT_EQ(script.answer<SyncReply>(leader)->assignment.text(), "one");
    EXPECT_EQ(script.answer<SyncReply>(follower)->assignment.text(), "two");
    EXPECT_EQ(script.answer<SyncReply>(follower)->protocol_name, "range");
    EXPECT_EQ(script.state(), GroupState::kStable);
    // A late one gets the current assignment at once.
    EXPECT_EQ(script.answer<SyncReply>(script.sync("c-2", 1))->assignment.text(), "two");
}

TEST(GroupSync, MembersTheLeaderForgotGetAnEmptyAssignment) {
    GroupScript script;
    script.join();
    script.join();
    script.wait(10s);
    const Ticket follower = script.sync("c-2", 1);
    script.sync("c-1", 1, {{"c-1", "one"}});
    EXPECT_EQ(sync_error(script, follower), ErrorCode::kNone);
    EXPECT_TRUE(script.answer<SyncReply>(follower)->assignment.empty());
}

TEST(GroupSync, RefusesWrongIdentities) {
    GroupScript script;
    EXPECT_EQ(sync_error(script, script.sync("c-1", 1)), ErrorCode::kUnknownMemberId);
    script.stable_group(1);
    EXPECT_EQ(sync_error(script, script.sync("x", 1)), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(sync_error(script, script.sync("c-1", 2)), ErrorCode::kIllegalGeneration);
    EXPECT_EQ(sync_error(script, script.sync("c-1", 0)), ErrorCode::kIllegalGeneration);
    SyncRequest request{"g", GroupGeneration(1), "c-1", {}, "connect", {}, {}};
    EXPECT_EQ(script.ask<SyncReply>(request).error, ErrorCode::kInconsistentGroupProtocol);
    request.protocol_type = "consumer";
    request.protocol_name = "sticky";
    EXPECT_EQ(script.ask<SyncReply>(request).error, ErrorCode::kInconsistentGroupProtocol);
    request.protocol_name = "range";
    EXPECT_EQ(script.ask<SyncReply>(request).error, ErrorCode::kNone);
    request.group_id = "";
    EXPECT_EQ(script.ask<SyncReply>(request).error, ErrorCode::kInvalidGroupId);
}

TEST(GroupSync, RebalanceSendsWaitingMembersBack) {
    GroupScript script;
    script.join();
    script.join();
    script.wait(10s);
    const Ticket follower = script.sync("c-2", 1);
    script.join();
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
    EXPECT_EQ(sync_error(script, follower), ErrorCode::kRebalanceInProgress);
    EXPECT_EQ(sync_error(script, script.sync("c-1", 1)), ErrorCode::kRebalanceInProgress);
}

TEST(GroupSync, MembersWithoutSyncAreDroppedAtTheRebalanceTimeout) {
    GroupScript script;
    script.join();
    script.join();
    script.wait(10s);
    const Ticket follower = script.sync("c-2", 1);
    for (int i = 0; i < 55; ++i) {
        script.wait(1s);
        if (script.answer<SyncReply>(follower)) break;
        ASSERT_EQ(script.heartbeat("c-1", 1), ErrorCode::kNone);
    }
    script.wait(10s);
    EXPECT_EQ(sync_error(script, follower), ErrorCode::kRebalanceInProgress);
    EXPECT_EQ(script.heartbeat("c-1", 1), ErrorCode::kUnknownMemberId);
    const auto rejoined = script.answer<JoinReply>(script.join("c-2"));
    ASSERT_TRUE(rejoined);
    EXPECT_EQ(rejoined->leader, "c-2");
}

TEST(GroupHeartbeat, AnswersByState) {
    GroupScript script;
    EXPECT_EQ(script.heartbeat("c-1", 1), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(
        script.ask<HeartbeatReply>(HeartbeatRequest{"", GroupGeneration(1), "c-1", {}}).error,
        ErrorCode::kInvalidGroupId
    );
    script.stable_group(2);
    EXPECT_EQ(script.heartbeat("c-1", 1), ErrorCode::kNone);
    EXPECT_EQ(script.heartbeat("c-1", 0), ErrorCode::kIllegalGeneration);
    EXPECT_EQ(script.heartbeat("c-9", 1), ErrorCode::kUnknownMemberId);
    script.join("c-1");
    EXPECT_EQ(script.heartbeat("c-2", 1), ErrorCode::kRebalanceInProgress);
    script.join("c-2");
    EXPECT_EQ(script.state(), GroupState::kCompletingRebalance);
    EXPECT_EQ(script.heartbeat("c-2", 1), ErrorCode::kIllegalGeneration);
    EXPECT_EQ(script.heartbeat("c-2", 2), ErrorCode::kNone);
}

TEST(GroupSession, SilentMemberIsDroppedAndTheRestRebalances) {
    GroupScript script;
    script.stable_group(2);
    for (int i = 0; i < 9; ++i) {
        script.wait(1s);
        ASSERT_EQ(script.heartbeat("c-1", 1), ErrorCode::kNone);
    }
    script.wait(1s);
    EXPECT_EQ(script.heartbeat("c-1", 1), ErrorCode::kRebalanceInProgress);
    EXPECT_EQ(script.heartbeat("c-2", 1), ErrorCode::kUnknownMemberId);
    const auto rejoined = script.answer<JoinReply>(script.join("c-1"));
    ASSERT_TRUE(rejoined);
    EXPECT_EQ(rejoined->generation.value, 2);
    EXPECT_EQ(rejoined->members.size(), 1U);
}

TEST(GroupSession, CommitsKeepAMemberAlive) {
    GroupScript script;
    script.stable_group(1);
    for (int i = 0; i < 30; ++i) {
        script.wait(5s);
        ASSERT_EQ(script.commit("c-1", 1, i), ErrorCode::kNone);
    }
}

TEST(GroupSession, AllMembersGoneLeavesAnEmptyGroupThatIsPersisted) {
    GroupScript script;
    script.stable_group(2);
    script.wait(20s);
    EXPECT_EQ(script.state(), GroupState::kEmpty);
    const auto& last = std::get<GroupRecord>(script.log.back().records.back());
    ASSERT_TRUE(last.value);
    EXPECT_TRUE(last.value->members.empty());
    EXPECT_EQ(last.value->generation.value, 2);
    EXPECT_EQ(last.value->protocol_type, "consumer");
    EXPECT_FALSE(last.value->protocol);
    EXPECT_EQ(script.core.next_wake(), Instant::never());
}

TEST(GroupSession, GenerationGoesOnAfterAGroupThatWasNeverAssigned) {
    GroupScript script;
    script.join();
    script.wait(30s);
    ASSERT_EQ(script.state(), GroupState::kEmpty);
    const Ticket join = script.join();
    script.wait(3s);
    EXPECT_EQ(script.answer<JoinReply>(join)->generation.value, 3);
}

TEST(GroupLeave, StartsOneRebalanceForTheRest) {
    GroupScript script;
    script.stable_group(3);
    const auto reply =
        script.ask<LeaveReply>(LeaveRequest{"g", {{"c-2", {}}, {"nobody", {}}, {"c-3", {}}}});
    EXPECT_EQ(
        reply.member_errors,
        (std::vector{ErrorCode::kNone, ErrorCode::kUnknownMemberId, ErrorCode::kNone})
    );
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
    EXPECT_EQ(script.answer<JoinReply>(script.join("c-1"))->generation.value, 2);
}

TEST(GroupLeave, LastMemberLeavesTheGroupEmpty) {
    GroupScript script;
    script.stable_group(1);
    EXPECT_EQ(script.leave("c-1"), ErrorCode::kNone);
    EXPECT_EQ(script.state(), GroupState::kEmpty);
    EXPECT_EQ(script.leave("c-1"), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.heartbeat("c-1", 2), ErrorCode::kUnknownMemberId);
}

TEST(GroupLeave, ParkedRequestsOfWhoLeavesAreAnswered) {
    GroupScript script;
    script.stable_group(2);
    const Ticket join = script.join("c-1");
    EXPECT_EQ(script.leave("c-1"), ErrorCode::kNone);
    ASSERT_TRUE(script.answer<JoinReply>(join));
    EXPECT_EQ(script.answer<JoinReply>(join)->error, ErrorCode::kUnknownMemberId);

    script.join("c-2");
    script.join();
    script.wait(60s);
    ASSERT_EQ(script.parked(), 0U);
}

TEST(GroupLeave, UnknownGroupsAndPendingMembers) {
    GroupScript script;
    EXPECT_EQ(script.leave("c-1"), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(
        script.ask<LeaveReply>(LeaveRequest{"", {{"c-1", {}}}}).error, ErrorCode::kInvalidGroupId
    );
    JoinRequest request = GroupScript::join_of("");
    request.requires_member_id = true;
    request.fresh_suffix = "x";
    script.ask<JoinReply>(request);
    EXPECT_EQ(script.leave("c-x"), ErrorCode::kNone);
    EXPECT_EQ(script.state(), GroupState::kDead);
}

}  // namespace
}  // namespace sealane::broker::groups
