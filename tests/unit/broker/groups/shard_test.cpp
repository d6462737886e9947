// The coordinator's shell over a log that takes time, fails, crashes and grows, in virtual time.

#include "tests/unit/broker/groups/group_shell.hpp"

namespace sealane::broker::groups {
namespace {

TEST_F(GroupShell, MakesTheTopicOnFirstUseAndKeepsOffsetsThroughARestart) {
    EXPECT_TRUE(topic_.logs.empty());
    EXPECT_EQ(commit(5), ErrorCode::kNone);
    EXPECT_EQ(fetch(), 5);
    restart();
    EXPECT_EQ(fetch(), 5);
    EXPECT_EQ(fetch("other"), -1);
}

TEST_F(GroupShell, TopicThatCannotBeMadeIsReportedAndTriedAgain) {
    topic_.faults.create = ErrorCode::kNoSpace;
    EXPECT_EQ(commit(5), ErrorCode::kCoordinatorNotAvailable);
    topic_.faults.create.reset();
    EXPECT_EQ(commit(5), ErrorCode::kNone);
}

TEST_F(GroupShell, AnswersWhenTheRecordsAreDurableAndNotBefore) {
    ASSERT_EQ(commit(1), ErrorCode::kNone);
    topic_.faults.sync_time = 300ms;
    const Instant before = simulator_.now();
    EXPECT_EQ(commit(2), ErrorCode::kNone);
    EXPECT_GE(simulator_.now() - before, 300ms);
    EXPECT_EQ(topic_.logs[0].durable, topic_.logs[0].end);
}

TEST_F(GroupShell, ReadsWaitForWhatTheyShow) {
    ASSERT_EQ(commit(1), ErrorCode::kNone);
    topic_.faults.sync_time = 300ms;
    ErrorCode committed = ErrorCode::kUnknownServerError;
    tasks_.spawn([&]() -> Task<void> {
        const auto reply = co_await coordinator_->commit(commit_request(2));
        committed = reply ? reply->errors.at(0) : reply.error().code();
    });
    simulator_.run_for(10ms);
    const Instant before = simulator_.now();
    EXPECT_EQ(fetch(), 2);
    EXPECT_GE(simulator_.now() - before, 250ms) << "offset 2 was not durable yet";
    simulator_.run_for(1s);
    EXPECT_EQ(committed, ErrorCode::kNone);
}

TEST_F(GroupShell, FailedAppendIsReportedAndChangesNothing) {
    ASSERT_EQ(commit(1), ErrorCode::kNone);
    topic_.faults.append = ErrorCode::kNoSpace;
    EXPECT_EQ(commit(2), ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(fetch(), 1);
    topic_.faults.append.reset();
    EXPECT_EQ(commit(3), ErrorCode::kNone);
    restart();
    EXPECT_EQ(fetch(), 3);
}

TEST_F(GroupShell, FailedSyncFailsTheRequestAndReadsTheLogAgain) {
    ASSERT_EQ(commit(1), ErrorCode::kNone);
    topic_.faults.sync = ErrorCode::kKafkaStorageError;
    EXPECT_EQ(commit(2), ErrorCode::kNotCoordinator);
    topic_.faults.sync.reset();
    topic_.logs[0].crash();
    simulator_.run_for(5s);
    EXPECT_EQ(fetch(), 1) << "what the disk has is what counts";
    EXPECT_EQ(commit(3), ErrorCode::kNone);
    EXPECT_EQ(fetch(), 3);
}

TEST_F(GroupShell, CrashKeepsWhatWasAnswered) {
    for (int i = 1; i <= 20; ++i) {
        ASSERT_EQ(commit(i), ErrorCode::kNone);
        if (i % 5 != 0) continue;
        topic_.logs[0].crash();
        restart();
        ASSERT_EQ(fetch(), i);
    }
}

TEST_F(GroupShell, StoppingAnswersWhoeverWaits) {
    ASSERT_EQ(commit(1), ErrorCode::kNone);
    std::optional<Result<JoinReply>> joined;
    begin_join(joined);
    simulator_.run_for(100ms);
    EXPECT_FALSE(joined);
    stop();
    simulator_.run_for(1ms);
    ASSERT_TRUE(joined);
    ASSERT_FALSE(*joined);
    EXPECT_EQ(joined->error().code(), ErrorCode::kNotCoordinator);
}

TEST_F(GroupShell, JoinsAreAnsweredWhenTheInitialWaitEnds) {
    ASSERT_EQ(commit(1), ErrorCode::kNone);
    std::optional<Result<JoinReply>> joined;
    const Instant before = simulator_.now();
    run([&]() -> Task<void> {
        JoinRequest request;
        request.group_id = "group";
        request.protocol_type = "consumer";
        request.protocols = {{"range", {}}};
        request.session_timeout_ms = 10'000;
        request.rebalance_timeout_ms = 60'000;
        request.client_id = "c";
        request.fresh_suffix = coordinator_->fresh_suffix();
        joined = co_await coordinator_->join(std::move(request));
    });
    ASSERT_TRUE(joined && *joined);
    EXPECT_EQ((*joined)->error, ErrorCode::kNone);
    EXPECT_EQ((*joined)->member_id.size(), std::string("c-").size() + 36);
    EXPECT_GE(simulator_.now() - before, 3s);
    EXPECT_LT(simulator_.now() - before, 3100ms);
}

TEST_F(GroupShell, OffsetsExpire) {
    config_.offsets_retention_ms = 3'600'000;
    restart();
    ASSERT_EQ(commit(1), ErrorCode::kNone);
    ASSERT_EQ(commit(2, "gone"), ErrorCode::kNone);
    topic_.deleted.insert("gone");
    simulator_.run_for(11min);
    EXPECT_EQ(fetch(), 1);
    EXPECT_EQ(fetch("gone"), -1);
    simulator_.run_for(1h);
    EXPECT_EQ(fetch(), -1);
    restart();
    EXPECT_EQ(fetch(), -1);
}

class GroupLogRewrite : public GroupShell {
 protected:
    GroupLogRewrite() {
        config_.rewrite_min_bytes = 20'000;
        restart();
    }
    void commit_many(int count) {
        for (int i = 0; i < count; ++i) {
            ASSERT_EQ(commit(i, "t" + std::to_string(i % 5)), ErrorCode::kNone);
            simulator_.run_for(1s);
        }
    }
};

TEST_F(GroupLogRewrite, KeepsTheLogSmallAndTheOffsetsRight) {
    commit_many(2000);
    EXPECT_GT(topic_.logs[0].rolls, 2);
    EXPECT_LT(topic_.logs[0].bytes(), 40'000U);
    EXPECT_GT(topic_.logs[0].start.value, 0);
    restart();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(fetch("t" + std::to_string(i)), 1995 + i);
}

TEST_F(GroupLogRewrite, CrashBeforeTheOldRecordsGoLosesNothing) {
    topic_.faults.remove = ErrorCode::kKafkaStorageError;
    commit_many(400);
    EXPECT_GT(topic_.logs[0].rolls, 0);
    EXPECT_EQ(topic_.logs[0].start.value, 0);
    topic_.logs[0].crash();
    restart();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(fetch("t" + std::to_string(i)), 395 + i);
    topic_.faults.remove.reset();
    commit_many(20);
    EXPECT_GT(topic_.logs[0].start.value, 0) << "the next attempt succeeds";
}

}  // namespace
}  // namespace sealane::broker::groups
