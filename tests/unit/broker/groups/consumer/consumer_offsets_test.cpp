// Offsets of groups of the consumer protocol, and groups that change from one kind to the other.

#include "tests/unit/broker/groups/consumer/consumer_script.hpp"

namespace sealane::broker::groups {
namespace {

class ConsumerOffsets : public ::testing::Test {
 protected:
    struct Commit {
        std::string member = "a";
        std::int32_t epoch = 1;
        std::string topic = "t";
        std::int32_t partition = 0;
        bool knows_epochs = true;
        bool transactional = false;
    };
    ErrorCode commit(const Commit& what) {
        CommitRequest request;
        request.group_id = "g";
        request.generation = GroupGeneration(what.epoch);
        request.member_id = what.member;
        request.knows_member_epochs = what.knows_epochs;
        request.reports_unknown_group = what.knows_epochs;
        if (what.transactional)
            request.producer = TransactionalProducer{ProducerId(7), ProducerEpoch(0)};
        CommitRequest::Entry entry;
        entry.partition = {what.topic, PartitionId(what.partition)};
        entry.topic_id = script.topics->find(what.topic)->id;
        entry.offset = Offset(5);
        request.entries.push_back(std::move(entry));
        return script.ask<CommitReply>(std::move(request)).errors.at(0);
    }
    ErrorCode read_as(std::string member, std::int32_t epoch) {
        return script.core.check_reader("g", {std::move(member), epoch});
    }
    void expire() {
        Effects effects;
        script.core.expire(script.wall, [](const std::string&) { return true; }, 1000, effects);
        script.perform(std::move(effects));
    }
    ErrorCode delete_group() { return script.ask<DeleteGroupReply>(DeleteGroupRequest{"g"}).error; }
    void classic_group_of_one() {
        script.join("");
        script.wait(10s);
        script.sync("c-1", 1, {{"c-1", "x"}});
        ASSERT_EQ(script.state(), GroupState::kStable);
    }
    ConsumerScript script;
};

TEST_F(ConsumerOffsets, AreForMembersInTheirEpoch) {
    (void)script.join_member("a");
    EXPECT_EQ(commit({}), ErrorCode::kNone);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_EQ(commit({.member = "x"}), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(commit({.epoch = 2}), ErrorCode::kStaleMemberEpoch);
    EXPECT_EQ(commit({.epoch = 0}), ErrorCode::kStaleMemberEpoch);
    EXPECT_EQ(commit({.knows_epochs = false}), ErrorCode::kUnsupportedVersion);
    EXPECT_EQ(commit({.member = "", .epoch = -1}), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(read_as("a", 1), ErrorCode::kNone);
    EXPECT_EQ(read_as("", -1), ErrorCode::kNone) << "an administrator";
    EXPECT_EQ(read_as("a", 2), ErrorCode::kStaleMemberEpoch);
    EXPECT_EQ(read_as("x", 1), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerOffsets, MayBeOfAnEarlierEpochInWhichThePartitionWasHeld) {
    (void)script.join_member("a");
    script.topics->set("t", 1, 6);
    EXPECT_EQ(script.beat("a", 1).member_epoch, 2);
    EXPECT_EQ(commit({.epoch = 1, .partition = 0}), ErrorCode::kNone);
    EXPECT_EQ(commit({.epoch = 1, .partition = 5}), ErrorCode::kStaleMemberEpoch);
    EXPECT_EQ(commit({.epoch = 3, .partition = 0}), ErrorCode::kStaleMemberEpoch);
}

TEST_F(ConsumerOffsets, OfTransactionsAreCheckedToo) {
    (void)script.join_member("a");
    EXPECT_EQ(commit({.transactional = true}), ErrorCode::kNone);
    EXPECT_EQ(commit({.epoch = 4, .transactional = true}), ErrorCode::kIllegalGeneration);
    EXPECT_EQ(commit({.member = "", .epoch = -1, .transactional = true}), ErrorCode::kNone);
    EXPECT_EQ(commit({.member = "x", .transactional = true}), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerOffsets, AreSetByAdministratorsWhileNobodyReads) {
    (void)script.join_member("a");
    (void)script.beat("a", kLeavingEpoch);
    EXPECT_EQ(commit({.member = "", .epoch = -1, .knows_epochs = false}), ErrorCode::kNone);
    EXPECT_EQ(commit({.member = "a", .epoch = 1}), ErrorCode::kUnknownMemberId);
}

TEST_F(ConsumerOffsets, OfSubscribedTopicsStay) {
    script.topics->set("u", 2, 1);
    (void)script.join_member("a");
    (void)commit({});
    (void)commit({.topic = "u"});
    const auto reply = script.ask<DeleteOffsetsReply>(
        DeleteOffsetsRequest{"g", {{"t", PartitionId(0)}, {"u", PartitionId(0)}}}
    );
    EXPECT_EQ(reply.errors.at(0), ErrorCode::kGroupSubscribedToTopic);
    EXPECT_EQ(reply.errors.at(1), ErrorCode::kNone);
    (void)commit({.topic = "u"});
    const std::int64_t eight_days = 8LL * 24 * 3600 * 1000;
    script.wall.ms += eight_days;
    expire();
    EXPECT_EQ(script.committed("t"), 5);
    EXPECT_EQ(script.committed("u"), -1);
    EXPECT_EQ(script.member_ids().size(), 1U);
}

TEST_F(ConsumerOffsets, AGroupGoesWhenNothingIsLeft) {
    (void)script.join_member("a");
    (void)commit({});
    EXPECT_EQ(delete_group(), ErrorCode::kNonEmptyGroup);
    (void)script.beat("a", kLeavingEpoch);
    expire();
    EXPECT_EQ(script.core.list().size(), 1U);
    script.wall.ms += 8LL * 24 * 3600 * 1000;
    expire();
    EXPECT_EQ(script.core.counts().groups, 0U);
    EXPECT_EQ(script.core.live_bytes(), 0U);
    EXPECT_TRUE(live_records(script.restarted()).empty());
}

TEST_F(ConsumerOffsets, AnEmptyGroupIsDeleted) {
    (void)script.join_member("a");
    (void)commit({});
    (void)script.beat("a", kLeavingEpoch);
    EXPECT_EQ(delete_group(), ErrorCode::kNone);
    EXPECT_EQ(script.core.counts().groups, 0U);
    EXPECT_TRUE(live_records(script.restarted()).empty());
    EXPECT_EQ(script.join_member("a").member_epoch, 1);
}

TEST_F(ConsumerOffsets, GroupsAreListedByKind) {
    (void)script.join_member("a");
    const auto listed = script.core.list();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].type, "consumer");
    EXPECT_EQ(listed[0].protocol_type, "consumer");
    EXPECT_EQ(listed[0].state, "Stable");
    EXPECT_FALSE(script.core.describe("g"));
}

TEST_F(ConsumerOffsets, AnEmptyClassicGroupBecomesOneOfConsumers) {
    classic_group_of_one();
    (void)script.commit("c-1", 1, 5);
    EXPECT_EQ(script.join_member("a").error, ErrorCode::kGroupIdNotFound);
    EXPECT_FALSE(script.core.describe_consumer("g"));
    (void)script.leave("c-1");
    EXPECT_EQ(script.join_member("a").error, ErrorCode::kNone);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_FALSE(script.core.describe("g"));
    EXPECT_EQ(live_records(script.restarted()), live_records(script.core));
}

TEST_F(ConsumerOffsets, AnEmptyGroupOfConsumersBecomesAClassicOne) {
    (void)script.join_member("a");
    (void)commit({});
    const Ticket refused = script.join("");
    EXPECT_EQ(script.answer<JoinReply>(refused)->error, ErrorCode::kInconsistentGroupProtocol);
    EXPECT_EQ(script.heartbeat("a", 1), ErrorCode::kUnknownMemberId);
    (void)script.beat("a", kLeavingEpoch);
    script.join("");
    script.wait(10s);
    script.sync("c-2", 1, {{"c-2", "x"}});
    EXPECT_EQ(script.state(), GroupState::kStable);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_FALSE(script.core.describe_consumer("g"));
    EXPECT_EQ(live_records(script.restarted()), live_records(script.core));
    EXPECT_EQ(script.join_member("b").error, ErrorCode::kGroupIdNotFound);
}

TEST_F(ConsumerOffsets, AConversionThatIsNotWrittenIsNone) {
    (void)script.join_member("a");
    (void)script.beat("a", kLeavingEpoch);
    script.fail_appends = ErrorCode::kCoordinatorNotAvailable;
    script.join("");
    script.fail_appends.reset();
    script.wait(10s);
    script.sync("c-1", 1, {{"c-1", "x"}});
    EXPECT_EQ(script.state(), GroupState::kStable);
    EXPECT_EQ(live_records(script.restarted()), live_records(script.core));
    EXPECT_FALSE(script.restarted().describe_consumer("g"));
}

}  // namespace
}  // namespace sealane::broker::groups
