// Committed offsets: who may commit, what is kept, when it expires, deletion.

#include "tests/unit/broker/groups/group_script.hpp"

namespace sealane::broker::groups {
namespace {

CommitRequest commit_of(std::int32_t generation, std::string member = {}) {
    CommitRequest request;
    request.group_id = "g";
    request.generation = GroupGeneration(generation);
    request.member_id = std::move(member);
    CommitRequest::Entry entry;
    entry.partition = {"t", PartitionId(0)};
    entry.offset = Offset(7);
    request.entries.push_back(std::move(entry));
    return request;
}

void expire_all(GroupScript& script, bool topic_exists = true) {
    while (true) {
        Effects effects;
        script.core.expire(
            script.wall, [&](const std::string&) { return topic_exists; }, 2, effects
        );
        if (effects.records.empty()) return;
        script.perform(std::move(effects));
    }
}

TEST(GroupOffsets, MemberCommitsInItsGeneration) {
    GroupScript script;
    script.stable_group(1);
    EXPECT_EQ(script.commit("c-1", 1, 5), ErrorCode::kNone);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_EQ(script.commit("c-1", 0, 6), ErrorCode::kIllegalGeneration);
    EXPECT_EQ(script.commit("c-1", 2, 6), ErrorCode::kIllegalGeneration);
    EXPECT_EQ(script.commit("c-9", 1, 6), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.commit("", -1, 6), ErrorCode::kUnknownMemberId) << "the group is not empty";
    EXPECT_EQ(script.committed(), 5);
}

TEST(GroupOffsets, CommitsWhileRebalancing) {
    GroupScript script;
    script.stable_group(2);
    script.join("c-2");
    script.join();
    ASSERT_EQ(script.state(), GroupState::kPreparingRebalance);
    EXPECT_EQ(script.commit("c-1", 1, 5), ErrorCode::kNone) << "revoked partitions are saved";
    script.join("c-1");
    script.join("c-2");
    ASSERT_EQ(script.state(), GroupState::kCompletingRebalance);
    EXPECT_EQ(script.commit("c-1", 2, 6), ErrorCode::kRebalanceInProgress);
    EXPECT_EQ(script.commit("c-1", 1, 6), ErrorCode::kIllegalGeneration);
}

TEST(GroupOffsets, SimpleConsumersCommitWithoutAGroup) {
    GroupScript script;
    EXPECT_EQ(script.commit("", -1, 5), ErrorCode::kNone);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_EQ(script.state(), GroupState::kEmpty);
    EXPECT_EQ(script.core.list().at(0).protocol_type, "");
    EXPECT_EQ(script.commit("x", 3, 6), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(script.commit("", -1, 4), ErrorCode::kNone) << "an administrator may go back";
    EXPECT_EQ(script.committed(), 4);
}

TEST(GroupOffsets, UnknownGroupWithAGeneration) {
    GroupScript script;
    EXPECT_EQ(script.commit("x", 3, 6), ErrorCode::kIllegalGeneration);
    CommitRequest request = commit_of(3, "x");
    request.reports_unknown_group = true;
    EXPECT_EQ(script.ask<CommitReply>(request).errors.at(0), ErrorCode::kGroupIdNotFound);
}

TEST(GroupOffsets, EmptyGroupNameIsASimpleConsumer) {
    GroupScript script;
    CommitRequest request = commit_of(-1);
    request.group_id = "";
    EXPECT_EQ(script.ask<CommitReply>(request).errors.at(0), ErrorCode::kNone);
    EXPECT_TRUE(script.core.committed("", {"t", PartitionId(0)}));
}

TEST(GroupOffsets, KeepsWhatWasGivenAndReportsEachPartition) {
    GroupScript script;
    CommitRequest request = commit_of(-1);
    request.entries[0].leader_epoch = LeaderEpoch(3);
    request.entries[0].metadata = std::string(4096, 'm');
    request.entries.push_back(request.entries[0]);
    request.entries[1].partition = {"u", PartitionId(1)};
    request.entries[1].metadata += 'm';
    request.entries.push_back(request.entries[0]);
    request.entries[2].error = ErrorCode::kUnknownTopicOrPartition;
    EXPECT_EQ(
        script.ask<CommitReply>(request).errors,
        (std::vector{
            ErrorCode::kNone,
            ErrorCode::kOffsetMetadataTooLarge,
            ErrorCode::kUnknownTopicOrPartition
        })
    );
    const auto value = script.core.committed("g", {"t", PartitionId(0)});
    ASSERT_TRUE(value);
    EXPECT_EQ(value->leader_epoch.value, 3);
    EXPECT_EQ(value->metadata.size(), 4096U);
    EXPECT_EQ(value->committed, script.wall);
    EXPECT_EQ(script.core.all_committed("g").size(), 1U);
}

TEST(GroupOffsets, OfASimpleGroupExpireAfterTheirCommit) {
    GroupScript script;
    script.commit("", -1, 5);
    const Duration retention = std::chrono::hours(7 * 24);
    script.wait(retention - 1ms);
    expire_all(script);
    EXPECT_EQ(script.committed(), 5);
    script.wait(1ms);
    expire_all(script);
    EXPECT_EQ(script.committed(), -1);
    EXPECT_EQ(script.state(), GroupState::kDead);
}

TEST(GroupOffsets, OfAConsumerGroupExpireAfterItBecameEmpty) {
    GroupScript script;
    script.stable_group(1);
    script.commit("c-1", 1, 5);
    for (int day = 0; day < 10; ++day) {
        for (int i = 0; i < 3; ++i) script.heartbeat("c-1", 1);
        script.now = script.now + std::chrono::hours(24);
        script.wall.ms += 24 * 3600 * 1000;
        script.heartbeat("c-1", 1);
    }
    expire_all(script);
    EXPECT_EQ(script.committed(), 5) << "subscribed topics do not expire";
    EXPECT_EQ(script.leave("c-1"), ErrorCode::kNone);
    script.wait(std::chrono::hours(7 * 24) - 1ms);
    expire_all(script);
    EXPECT_EQ(script.committed(), 5);
    script.wait(1ms);
    expire_all(script);
    EXPECT_EQ(script.state(), GroupState::kDead) << "offsets and metadata went";
    EXPECT_TRUE(script.restarted().list().empty());
}

TEST(GroupOffsets, OfTopicsNobodySubscribesToExpireInALiveGroup) {
    GroupScript script;
    script.stable_group(1);
    script.commit("c-1", 1, 5);
    script.commit("c-1", 1, 6, "other");
    script.wall.ms += 8LL * 24 * 3600 * 1000;
    expire_all(script);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_EQ(script.committed("other"), -1);
    EXPECT_EQ(script.state(), GroupState::kStable);
}

TEST(GroupOffsets, GivenRetentionCountsFromTheCommit) {
    GroupScript script;
    CommitRequest request = commit_of(-1);
    request.retention_ms = 1000;
    script.ask<CommitReply>(request);
    script.wait(999ms);
    expire_all(script);
    EXPECT_EQ(script.committed(), 7);
    script.wait(1ms);
    expire_all(script);
    EXPECT_EQ(script.committed(), -1);
}

TEST(GroupOffsets, OfDeletedTopicsGo) {
    GroupScript script;
    script.commit("", -1, 5);
    expire_all(script, false);
    EXPECT_EQ(script.committed(), -1);
    EXPECT_EQ(script.core.live_bytes(), 0U);
}

TEST(GroupDelete, OnlyEmptyGroups) {
    GroupScript script;
    const auto remove = [&](std::string id) {
        return script.ask<DeleteGroupReply>(DeleteGroupRequest{std::move(id)}).error;
    };
    EXPECT_EQ(remove("g"), ErrorCode::kGroupIdNotFound);
    EXPECT_EQ(remove(""), ErrorCode::kInvalidGroupId);
    script.stable_group(1);
    script.commit("c-1", 1, 5);
    EXPECT_EQ(remove("g"), ErrorCode::kNonEmptyGroup);
    script.leave("c-1");
    EXPECT_EQ(remove("g"), ErrorCode::kNone);
    EXPECT_EQ(script.state(), GroupState::kDead);
    EXPECT_EQ(script.committed(), -1);
    EXPECT_TRUE(script.restarted().list().empty());
    EXPECT_EQ(script.core.live_bytes(), 0U);
}

TEST(OffsetDelete, NotForSubscribedTopics) {
    GroupScript script;
    const std::vector<TopicPartition> both{{"t", PartitionId(0)}, {"other", PartitionId(0)}};
    EXPECT_EQ(
        script.ask<DeleteOffsetsReply>(DeleteOffsetsRequest{"g", both}).error,
        ErrorCode::kGroupIdNotFound
    );
    script.stable_group(1);
    script.commit("c-1", 1, 5);
    script.commit("c-1", 1, 6, "other");
    EXPECT_EQ(
        script.ask<DeleteOffsetsReply>(DeleteOffsetsRequest{"g", both}).errors,
        (std::vector{ErrorCode::kGroupSubscribedToTopic, ErrorCode::kNone})
    );
    EXPECT_EQ(script.committed(), 5);
    EXPECT_EQ(script.committed("other"), -1);
    script.leave("c-1");
    EXPECT_EQ(
        script.ask<DeleteOffsetsReply>(DeleteOffsetsRequest{"g", both}).errors,
        (std::vector{ErrorCode::kNone, ErrorCode::kNone})
    );
    EXPECT_EQ(script.committed(), -1);
}

TEST(OffsetDelete, NotInALiveGroupOfAnotherKind) {
    GroupScript script;
    JoinRequest request = GroupScript::join_of("");
    request.protocol_type = "connect";
    request.fresh_suffix = "1";
    script.send(request);
    EXPECT_EQ(
        script.ask<DeleteOffsetsReply>(DeleteOffsetsRequest{"g", {{"t", PartitionId(0)}}}).error,
        ErrorCode::kNonEmptyGroup
    );
}

}  // namespace
}  // namespace sealane::broker::groups
