#include "tests/unit/broker/groups/group_script.hpp"

namespace sealane::broker::groups {
namespace {

const TopicPartition kPartition{"t", PartitionId(0)};

class TransactionalOffsets : public ::testing::Test {
 protected:
    ErrorCode commit(
        std::int64_t offset,
        std::int64_t producer = 7,
        std::string member = {},
        std::int32_t generation = -1
    ) {
        CommitRequest request;
        request.group_id = "g";
        request.generation = GroupGeneration(generation);
        request.member_id = std::move(member);
        request.producer = TransactionalProducer{ProducerId(producer), ProducerEpoch(0)};
        CommitRequest::Entry entry;
        entry.partition = kPartition;
        entry.offset = Offset(offset);
        request.entries.push_back(std::move(entry));
        return script.ask<CommitReply>(std::move(request)).errors.at(0);
    }
    void end(bool commit, std::int64_t producer = 7) {
        TransactionEnd end;
        end.producer = {ProducerId(producer), ProducerEpoch(0)};
        end.commit = commit;
        EXPECT_EQ(
            script.ask<EndTransactionReply>(EndTransactionRequest{end}).error, ErrorCode::kNone
        );
    }
    // What a coordinator finds that begins with nothing but the rewritten log.
    CoordinatorCore rewritten(std::size_t bytes) {
        CoordinatorCore core{GroupConfig{}};
        for (const Effects& part : script.core.snapshot(bytes)) GroupMachine::apply(part, core);
        core.begin(script.now);
        return core;
    }
    GroupScript script;
};

TEST_F(TransactionalOffsets, CountFromTheMarkerOn) {
    EXPECT_EQ(commit(5), ErrorCode::kNone);
    EXPECT_EQ(script.committed(), -1);
    EXPECT_TRUE(script.core.is_pending("g", kPartition));
    end(true);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_FALSE(script.core.is_pending("g", kPartition));
    EXPECT_EQ(commit(9), ErrorCode::kNone);
    EXPECT_EQ(script.committed(), 5);
    end(false);
    EXPECT_EQ(script.committed(), 5);
    end(true);
    EXPECT_EQ(script.committed(), 5);
}

TEST_F(TransactionalOffsets, ALaterCommitIsNotOverwritten) {
    EXPECT_EQ(commit(5), ErrorCode::kNone);
    EXPECT_EQ(script.commit("", -1, 6), ErrorCode::kNone);
    end(true);
    EXPECT_EQ(script.committed(), 6);
    EXPECT_EQ(script.commit("", -1, 7), ErrorCode::kNone);
    EXPECT_EQ(commit(8), ErrorCode::kNone);
    end(true);
    EXPECT_EQ(script.committed(), 8);
}

TEST_F(TransactionalOffsets, TransactionsOfSeveralProducersAreApart) {
    EXPECT_EQ(commit(5, 7), ErrorCode::kNone);
    EXPECT_EQ(commit(6, 8), ErrorCode::kNone);
    end(true, 7);
    EXPECT_EQ(script.committed(), 5);
    EXPECT_TRUE(script.core.is_pending("g", kPartition));
    end(true, 8);
    EXPECT_EQ(script.committed(), 6);
}

TEST_F(TransactionalOffsets, AnotherCoordinatorAndARewrittenLogGiveTheSame) {
    EXPECT_EQ(script.commit("", -1, 3), ErrorCode::kNone);
    EXPECT_EQ(commit(5, 7), ErrorCode::kNone);
    EXPECT_EQ(script.commit("", -1, 6), ErrorCode::kNone);
    EXPECT_EQ(commit(9, 8), ErrorCode::kNone);
    for (const std::size_t bytes : {std::size_t{1}, SIZE_MAX}) {
        for (CoordinatorCore core : {script.restarted(), rewritten(bytes)}) {
            EXPECT_EQ(live_records(core), live_records(script.core));
            EXPECT_EQ(core.live_bytes(), script.core.live_bytes());
            core.apply_end({{ProducerId(7), ProducerEpoch(0)}, true, 0, false});
            EXPECT_EQ(core.committed("g", kPartition)->offset, Offset(6));
            core.apply_end({{ProducerId(8), ProducerEpoch(0)}, true, 0, false});
            EXPECT_EQ(core.committed("g", kPartition)->offset, Offset(9));
        }
    }
}

// A crash may leave any part of the rewritten records behind the old ones.
TEST_F(TransactionalOffsets, APartlyRewrittenLogGivesTheSame) {
    EXPECT_EQ(script.commit("", -1, 3), ErrorCode::kNone);
    EXPECT_EQ(commit(5, 7), ErrorCode::kNone);
    const std::vector<Effects> parts = script.core.snapshot(1);
    for (std::size_t written = 0; written <= parts.size(); ++written) {
        CoordinatorCore core = script.restarted();
        for (std::size_t i = 0; i < written; ++i) GroupMachine::apply(parts[i], core);
        core.apply_end({{ProducerId(7), ProducerEpoch(0)}, true, 0, false});
        EXPECT_EQ(core.committed("g", kPartition)->offset, Offset(5)) << written;
    }
}

TEST_F(TransactionalOffsets, PendingOnesNeverExpire) {
    EXPECT_EQ(commit(5), ErrorCode::kNone);
    const auto never = [](const std::string&) { return false; };
    Effects effects;
    script.core.expire(WallTime{INT64_MAX / 2}, never, 10, effects);
    EXPECT_TRUE(effects.records.empty());
    end(false);
    EXPECT_FALSE(script.core.describe("g"));
    EXPECT_EQ(script.core.live_bytes(), 0U);
}

TEST_F(TransactionalOffsets, MembersAreChecked) {
    script.stable_group(1);
    EXPECT_EQ(commit(5, 7, "c-1", 1), ErrorCode::kNone);
    EXPECT_EQ(commit(5, 7, "c-1", 2), ErrorCode::kIllegalGeneration);
    EXPECT_EQ(commit(5, 7, "c-9", 1), ErrorCode::kUnknownMemberId);
    EXPECT_EQ(commit(5), ErrorCode::kNone);  // of clients that do not say who they are
}

TEST_F(TransactionalOffsets, DeletedGroupsTakeThemAlong) {
    EXPECT_EQ(commit(5), ErrorCode::kNone);
    EXPECT_EQ(script.ask<DeleteGroupReply>(DeleteGroupRequest{"g"}).error, ErrorCode::kNone);
    end(true);
    EXPECT_EQ(script.committed(), -1);
    EXPECT_EQ(script.core.live_bytes(), 0U);
}

}  // namespace
}  // namespace sealane::broker::groups
