// Static membership (KIP-345, KIP-814): replacement, fencing, and what it spares the group.

#include "tests/unit/broker/groups/group_script.hpp"

namespace sealane::broker::groups {
namespace {

// A stable group of the static members i1 (id i1-1, leader) and i2 (id i2-2), generation 1.
void stable_static_group(GroupScript& script) {
    script.join("", "i1");
    script.join("", "i2");
    script.wait(10s);
    script.sync("i2-2", 1, {}, "i2");
    script.sync("i1-1", 1, {{"i1-1", "one"}, {"i2-2", "two"}}, "i1");
    ASSERT_EQ(script.state(), GroupState::kStable);
}

TEST(StaticMember, ReturnsToItsAssignmentWithoutARebalance) {
    GroupScript script;
    stable_static_group(script);
    const auto reply = script.answer<JoinReply>(script.join("", "i2"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->error, ErrorCode::kNone);
    EXPECT_EQ(reply->generation.value, 1);
    EXPECT_EQ(reply->member_id, "i2-3");
    EXPECT_EQ(script.state(), GroupState::kStable);
    EXPECT_EQ(script.answer<SyncReply>(script.sync("i2-3", 1, {}, "i2"))->assignment.text(), "two");
    // The old incarnation is fenced, and the replacement is persisted.
    EXPECT_EQ(script.heartbeat("i2-2", 1, "i2"), ErrorCode::kFencedInstanceId);
    EXPECT_EQ(script.heartbeat("i2-2", 1), ErrorCode::kUnknownMemberId);
    const auto& last = std::get<GroupRecord>(script.log.back().records.back());
    EXPECT_EQ(last.value->members.at(1).member_id, "i2-3");
    EXPECT_EQ(last.value->members.at(1).assignment.text(), "two");
}

TEST(StaticMember, OldClientThatLedIsNotToldSo) {
    GroupScript script;
    stable_static_group(script);
    const auto reply = script.answer<JoinReply>(script.join("", "i1"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->member_id, "i1-3");
    EXPECT_EQ(reply->leader, "i1-1") << "the old id, so that it does not assign anew";
    EXPECT_TRUE(reply->members.empty());
    EXPECT_FALSE(reply->skip_assignment);
}

TEST(StaticMember, NewClientThatLedSkipsTheAssignment) {
    GroupScript script;
    stable_static_group(script);
    JoinRequest request = GroupScript::join_of("", "i1");
    request.fresh_suffix = "9";
    request.skips_assignment = true;
    const auto reply = script.ask<JoinReply>(request);
    EXPECT_EQ(reply.leader, "i1-9");
    EXPECT_TRUE(reply.skip_assignment);
    EXPECT_EQ(reply.members.size(), 2U);
}

TEST(StaticMember, OtherProtocolsMakeARebalance) {
    GroupScript script;
    script.join("", "i1");
    script.wait(10s);
    script.sync("i1-1", 1, {{"i1-1", "one"}}, "i1");
    JoinRequest request = GroupScript::join_of("", "i1");
    request.fresh_suffix = "9";
    request.protocols = {{"sticky", {}}, {"range", {}}};
    const auto reply = script.ask<JoinReply>(request);
    EXPECT_EQ(reply.generation.value, 2) << "alone, so the rebalance completes at once";
    EXPECT_EQ(reply.protocol_name, "sticky");
}

TEST(StaticMember, ParkedRequestsOfTheOldIncarnationAreFenced) {
    GroupScript script;
    script.join("", "i1");
    const Ticket old_join = script.join("", "i2");
    const Ticket new_join = script.join("", "i2");
    ASSERT_TRUE(script.answer<JoinReply>(old_join));
    EXPECT_EQ(script.answer<JoinReply>(old_join)->error, ErrorCode::kFencedInstanceId);
    script.wait(10s);
    ASSERT_TRUE(script.answer<JoinReply>(new_join));
    const Ticket old_sync = script.sync("i2-3", 1, {}, "i2");
    script.join("", "i2");
    ASSERT_TRUE(script.answer<SyncReply>(old_sync));
    EXPECT_EQ(script.answer<SyncReply>(old_sync)->error, ErrorCode::kFencedInstanceId);
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
}

TEST(StaticMember, KeepsItsPlaceThroughARebalanceItMisses) {
    GroupScript script;
    stable_static_group(script);
    JoinRequest changed = GroupScript::join_of("i1-1", "i1");
    changed.session_timeout_ms = 300'000;
    JoinRequest patient = GroupScript::join_of("i2-2", "i2");
    patient.session_timeout_ms = 300'000;
    const Ticket leader = script.send(changed);
    const Ticket follower = script.send(patient);
    ASSERT_TRUE(script.answer<JoinReply>(follower));
    ASSERT_TRUE(script.answer<JoinReply>(leader));
    script.sync("i2-2", 2, {}, "i2");
    script.sync("i1-1", 2, {{"i1-1", "one"}}, "i1");
    const Ticket again = script.send(changed);
    script.wait(60s);
    ASSERT_TRUE(script.answer<JoinReply>(again));
    EXPECT_EQ(script.answer<JoinReply>(again)->members.size(), 2U) << "i2 is still a member";
}

TEST(StaticMember, AllAbsentMembersGetAnotherWait) {
    GroupScript script;
    stable_static_group(script);
    JoinRequest both = GroupScript::join_of("i1-1", "i1");
    both.session_timeout_ms = 300'000;
    const Ticket join = script.send(both);
    EXPECT_FALSE(script.answer<JoinReply>(join));
    // The one that joined is removed by an administrator: only the silent one is left.
    EXPECT_EQ(script.leave("", "i1"), ErrorCode::kNone);
    EXPECT_EQ(script.answer<JoinReply>(join)->error, ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
    script.wait(100s);
    EXPECT_EQ(script.state(), GroupState::kEmpty) << "its session ended";
}

TEST(StaticMember, LeavesByInstanceIdAndIsFencedOtherwise) {
    GroupScript script;
    stable_static_group(script);
    EXPECT_EQ(script.leave("", "i9"), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.leave("i1-1", "i2"), ErrorCode::kFencedInstanceId);
    EXPECT_EQ(script.leave("", "i2"), ErrorCode::kNone);
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
}

TEST(StaticMember, FailedPersistenceRebalancesInsteadOfLettingTwoIncarnationsLive) {
    GroupScript script;
    stable_static_group(script);
    script.fail_appends = ErrorCode::kCoordinatorNotAvailable;
    const auto reply = script.answer<JoinReply>(script.join("", "i2"));
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->error, ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
}

}  // namespace
}  // namespace sealane::broker::groups
