// JoinGroup: admission, the two-step join, the initial wait, and joins in every state.

#include "tests/unit/broker/groups/group_script.hpp"

namespace sealane::broker::groups {
namespace {

ErrorCode join_error(GroupScript& script, JoinRequest request) {
    return script.ask<JoinReply>(std::move(request)).error;
}

TEST(GroupJoin, FirstMemberLeadsAfterTheInitialWait) {
    GroupScript script;
    const Ticket join = script.join();
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
    script.wait(2999ms);
    EXPECT_FALSE(script.answer<JoinReply>(join));
    script.wait(1ms);
    // One member came at the start only, so the wait is not extended.
    const auto reply = script.answer<JoinReply>(join);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->error, ErrorCode::kNone);
    EXPECT_EQ(reply->generation.value, 1);
    EXPECT_EQ(reply->member_id, "c-1");
    EXPECT_EQ(reply->leader, "c-1");
    EXPECT_EQ(reply->protocol_name, "range");
    EXPECT_EQ(reply->protocol_type, "consumer");
    ASSERT_EQ(reply->members.size(), 1U);
    EXPECT_EQ(reply->members[0].metadata.text(), subscription({"t"}));
    EXPECT_EQ(script.state(), GroupState::kCompletingRebalance);
}

TEST(GroupJoin, InitialWaitIsExtendedWhileMembersComeAndEndsAtTheRebalanceTimeout) {
    GroupScript script;
    const Ticket first = script.join();
    script.wait(2s);
    const Ticket second = script.join();
    script.wait(3s);
    EXPECT_FALSE(script.answer<JoinReply>(first)) << "extended once";
    script.wait(1s);
    ASSERT_TRUE(script.answer<JoinReply>(first));
    ASSERT_TRUE(script.answer<JoinReply>(second));
    EXPECT_EQ(script.answer<JoinReply>(first)->members.size(), 2U);
    EXPECT_TRUE(script.answer<JoinReply>(second)->members.empty());
    EXPECT_EQ(script.answer<JoinReply>(second)->leader, "c-1");

    GroupScript busy;
    const Ticket oldest = busy.join();
    for (int i = 0; i < 30; ++i) {
        busy.wait(2s);
        if (!busy.answer<JoinReply>(oldest)) busy.join();
    }
    EXPECT_TRUE(busy.answer<JoinReply>(oldest)) << "60 s is the longest rebalance timeout";
}

TEST(GroupJoin, TwoStepJoinGivesAnIdFirst) {
    GroupScript script;
    JoinRequest request = GroupScript::join_of("");
    request.requires_member_id = true;
    request.fresh_suffix = "x";
    const auto told = script.ask<JoinReply>(request);
    EXPECT_EQ(told.error, ErrorCode::kMemberIdRequired);
    EXPECT_EQ(told.member_id, "c-x");
    EXPECT_EQ(told.generation, kNoGeneration);
    EXPECT_EQ(script.state(), GroupState::kEmpty);
    request.member_id = "c-x";
    const Ticket join = script.send(request);
    script.wait(3s);
    EXPECT_EQ(script.answer<JoinReply>(join)->error, ErrorCode::kNone);
}

TEST(GroupJoin, IdThatIsNotUsedExpiresWithItsSession) {
    GroupScript script;
    JoinRequest request = GroupScript::join_of("");
    request.requires_member_id = true;
    request.fresh_suffix = "x";
    script.ask<JoinReply>(request);
    script.wait(10s);
    EXPECT_EQ(script.state(), GroupState::kDead) << "nothing left of the group";
    request.member_id = "c-x";
    EXPECT_EQ(join_error(script, request), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.core.next_wake(), Instant::never());
}

TEST(GroupJoin, RebalanceWaitsForAPendingMemberUntilItsIdExpires) {
    GroupScript script;
    script.stable_group(1);
    JoinRequest request = GroupScript::join_of("");
    request.requires_member_id = true;
    request.fresh_suffix = "x";
    script.ask<JoinReply>(request);
    const Ticket rejoin = script.join("c-1");
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
    script.wait(9s);
    EXPECT_FALSE(script.answer<JoinReply>(rejoin));
    script.wait(1s);
    ASSERT_TRUE(script.answer<JoinReply>(rejoin));
    EXPECT_EQ(script.answer<JoinReply>(rejoin)->generation.value, 2);
}

TEST(GroupJoin, RefusesWhatNoGroupCouldAccept) {
    GroupScript script;
    JoinRequest request = GroupScript::join_of("");
    request.group_id = "";
    EXPECT_EQ(join_error(script, request), ErrorCode::kInvalidGroupId);
    request = GroupScript::join_of("");
    request.session_timeout_ms = 5'999;
    EXPECT_EQ(join_error(script, request), ErrorCode::kInvalidSessionTimeout);
    request.session_timeout_ms = 1'800'001;
    EXPECT_EQ(join_error(script, request), ErrorCode::kInvalidSessionTimeout);
    request = GroupScript::join_of("");
    request.protocols.clear();
    EXPECT_EQ(join_error(script, request), ErrorCode::kInconsistentGroupProtocol);
    request = GroupScript::join_of("");
    request.protocol_type = "";
    EXPECT_EQ(join_error(script, request), ErrorCode::kInconsistentGroupProtocol);
    EXPECT_EQ(join_error(script, GroupScript::join_of("nobody")), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.state(), GroupState::kDead) << "refused joins leave no group behind";
}

TEST(GroupJoin, RefusesProtocolsThatNotAllMembersShare) {
    GroupScript script;
    script.stable_group(2);
    JoinRequest request = GroupScript::join_of("");
    request.protocols = {{"sticky", {}}};
    EXPECT_EQ(join_error(script, request), ErrorCode::kInconsistentGroupProtocol);
    request = GroupScript::join_of("");
    request.protocol_type = "connect";
    EXPECT_EQ(join_error(script, request), ErrorCode::kInconsistentGroupProtocol);
    EXPECT_EQ(script.state(), GroupState::kStable);
}

TEST(GroupJoin, MostVotedCommonProtocolWins) {
    GroupScript script;
    const auto offer = [&](std::vector<std::string> names, const std::string& suffix) {
        JoinRequest request = GroupScript::join_of("");
        request.protocols.clear();
        for (const std::string& name : names)
            request.protocols.push_back({name, BufferSlice::copy_of(name + suffix)});
        request.fresh_suffix = suffix;
        return script.send(request);
    };
    const Ticket leader = offer({"a", "b", "only"}, "1");
    offer({"b", "a"}, "2");
    offer({"b", "a"}, "3");
    script.wait(60s);
    const auto reply = script.answer<JoinReply>(leader);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->protocol_name, "b");
    EXPECT_EQ(reply->members.at(1).metadata.text(), "b2");
}

TEST(GroupJoin, LostAnswerIsGivenAgain) {
    GroupScript script;
    script.join();
    script.join();
    script.wait(10s);
    ASSERT_EQ(script.state(), GroupState::kCompletingRebalance);
    const auto leader = script.answer<JoinReply>(script.join("c-1"));
    ASSERT_TRUE(leader);
    EXPECT_EQ(leader->members.size(), 2U);
    const auto follower = script.answer<JoinReply>(script.join("c-2"));
    ASSERT_TRUE(follower);
    EXPECT_EQ(follower->generation.value, 1);
    EXPECT_EQ(script.state(), GroupState::kCompletingRebalance);
}

TEST(GroupJoin, StableGroupRebalancesForItsLeaderAndForChangesOnly) {
    GroupScript script;
    script.stable_group(2);
    const auto follower = script.answer<JoinReply>(script.join("c-2"));
    ASSERT_TRUE(follower) << "nothing changed";
    EXPECT_EQ(follower->generation.value, 1);
    EXPECT_TRUE(follower->members.empty());
    EXPECT_EQ(script.state(), GroupState::kStable);

    const Ticket leader = script.join("c-1");
    EXPECT_FALSE(script.answer<JoinReply>(leader));
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
    const Ticket second = script.join("c-2");
    EXPECT_EQ(script.answer<JoinReply>(leader)->generation.value, 2);
    EXPECT_EQ(script.answer<JoinReply>(second)->generation.value, 2);

    JoinRequest changed = GroupScript::join_of("c-2");
    changed.protocols = {{"range", BufferSlice::copy_of(subscription({"u"}))}};
    EXPECT_FALSE(script.answer<JoinReply>(script.send(changed)));
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
}

TEST(GroupJoin, RepeatedJoinReplacesTheParkedOne) {
    GroupScript script;
    script.stable_group(2);
    const Ticket first = script.join("c-1");
    const Ticket again = script.join("c-1");
    ASSERT_TRUE(script.answer<JoinReply>(first));
    EXPECT_EQ(script.answer<JoinReply>(first)->error, ErrorCode::kRebalanceInProgress);
    EXPECT_FALSE(script.answer<JoinReply>(again));
    script.join("c-2");
    EXPECT_EQ(script.answer<JoinReply>(again)->error, ErrorCode::kNone);
}

TEST(GroupJoin, MembersThatDoNotRejoinAreDroppedAtTheRebalanceTimeout) {
    GroupScript script;
    script.stable_group(2);
    const Ticket newcomer = script.join();
    for (int i = 0; i < 59; ++i) {
        script.wait(1s);
        ASSERT_EQ(script.heartbeat("c-1", 1), ErrorCode::kRebalanceInProgress) << i;
        ASSERT_EQ(script.heartbeat("c-2", 1), ErrorCode::kRebalanceInProgress);
    }
    EXPECT_FALSE(script.answer<JoinReply>(newcomer));
    script.wait(1s);
    const auto reply = script.answer<JoinReply>(newcomer);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->leader, "c-3");
    EXPECT_EQ(reply->members.size(), 1U);
    EXPECT_EQ(script.heartbeat("c-1", 1), ErrorCode::kUnknownMemberId);
}

TEST(GroupJoin, NewMemberIsDroppedAfterFiveMinutesWithoutAnAnswer) {
    GroupScript script;
    script.stable_group(1);
    JoinRequest slow = GroupScript::join_of("c-1");
    slow.rebalance_timeout_ms = 1'000'000;
    // The leader takes a very long rebalance timeout, then goes on with heartbeats only.
    const Ticket first = script.send(slow);
    ASSERT_TRUE(script.answer<JoinReply>(first));
    script.sync("c-1", 2);
    const Ticket newcomer = script.join();
    for (int i = 0; i < 299; ++i) {
        script.wait(1s);
        ASSERT_EQ(script.heartbeat("c-1", 2), ErrorCode::kRebalanceInProgress);
    }
    EXPECT_FALSE(script.answer<JoinReply>(newcomer));
    script.wait(1s);
    ASSERT_TRUE(script.answer<JoinReply>(newcomer));
    EXPECT_EQ(script.answer<JoinReply>(newcomer)->error, ErrorCode::kUnknownMemberId);
}

TEST(GroupJoin, SizeLimitHoldsForNewAndLateMembers) {
    GroupConfig config;
    config.max_size = 2;
    GroupScript script(config);
    script.stable_group(2);
    EXPECT_EQ(join_error(script, GroupScript::join_of("")), ErrorCode::kGroupMaxSizeReached);
    EXPECT_EQ(script.state(), GroupState::kStable);

    GroupScript starting(config);
    starting.join();
    starting.join();
    EXPECT_EQ(join_error(starting, GroupScript::join_of("")), ErrorCode::kGroupMaxSizeReached);
}

}  // namespace
}  // namespace sealane::broker::groups
