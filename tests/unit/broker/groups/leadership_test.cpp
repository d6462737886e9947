// Coordinators come and go with the leadership of their partitions: nothing is answered from a
// shard whose leadership has ended, and nothing that a later leader might not have.

#include "broker/coordinator/key_partition.hpp"
#include "tests/unit/broker/groups/group_shell.hpp"

namespace sealane::broker::groups {
namespace {

constexpr PartitionId kOnly{0};

class GroupLeadership : public GroupShell {
 protected:
    GroupLeadership() { EXPECT_EQ(commit(1), ErrorCode::kNone); }
    // Two partitions, of which this node leads the first.
    void lead_one_of_two() {
        stop();
        topic_.logs.clear();
        config_.offsets_topic_partitions = 2;
        topic_.leads_new = false;
        start();
        EXPECT_EQ(commit_once(1), ErrorCode::kNotCoordinator);
        topic_.lead(PartitionId(0), LeaderEpoch(3));
        simulator_.run_for(10ms);
    }
    // A group of partition `index` of two.
    static std::string group_in(std::int32_t index) {
        for (int i = 0;; ++i) {
            std::string name = "group-" + std::to_string(i);
            if (partition_of_key(name, 2) == PartitionId(index)) return name;
        }
    }
};

TEST_F(GroupLeadership, GroupsOfPartitionsLedElsewhereAreRefused) {
    lead_one_of_two();
    EXPECT_EQ(commit_once(5, group_in(0)), ErrorCode::kNone);
    EXPECT_EQ(commit_once(5, group_in(1)), ErrorCode::kNotCoordinator);
    EXPECT_EQ(fetch_once(group_in(1)), ErrorCode::kNotCoordinator);
}

TEST_F(GroupLeadership, ListShowsTheGroupsOfThisNodeOnly) {
    lead_one_of_two();
    ASSERT_EQ(commit(5, "t", group_in(0)), ErrorCode::kNone);
    run([&]() -> Task<void> {
        const auto listed = co_await coordinator_->list();
        EXPECT_TRUE(listed);
        if (!listed) co_return;
        EXPECT_EQ(listed->size(), 1U);
        EXPECT_EQ(listed->front().group_id, group_in(0));
    });
}

TEST_F(GroupLeadership, LosingItAnswersWhoeverWaitsAtOnce) {
    std::optional<Result<JoinReply>> joined;
    begin_join(joined);
    simulator_.run_for(100ms);
    ASSERT_FALSE(joined);
    topic_.lose(kOnly);
    simulator_.run_for(1ms);
    ASSERT_TRUE(joined);
    ASSERT_FALSE(*joined);
    EXPECT_EQ(joined->error().code(), ErrorCode::kNotCoordinator);
    EXPECT_EQ(commit_once(2), ErrorCode::kNotCoordinator);
    EXPECT_EQ(fetch_once(), ErrorCode::kNotCoordinator);
}

TEST_F(GroupLeadership, WhatTheOtherLeaderWroteIsReadWhenItIsGainedAgain) {
    topic_.lose(kOnly);
    simulator_.run_for(10ms);
    {
        // The other node: a coordinator of its own over the same log.
        topic_.lead(kOnly, LeaderEpoch(1));
        simulator_.run_for(10ms);
        EXPECT_EQ(commit(7), ErrorCode::kNone);
        topic_.lose(kOnly);
        simulator_.run_for(10ms);
    }
    topic_.lead(kOnly, LeaderEpoch(2));
    EXPECT_EQ(fetch(), 7);
}

TEST_F(GroupLeadership, ANewEpochDropsWhatWasOnlyInMemory) {
    std::optional<Result<JoinReply>> joined;
    begin_join(joined);
    simulator_.run_for(100ms);
    topic_.lead(kOnly, LeaderEpoch(1));  // elected again, it never stopped leading
    simulator_.run_for(1ms);
    ASSERT_TRUE(joined && !*joined);
    EXPECT_EQ(joined->error().code(), ErrorCode::kNotCoordinator);
    EXPECT_EQ(fetch(), 1);
    run([this]() -> Task<void> {
        const auto group = co_await coordinator_->describe("group");
        EXPECT_TRUE(group && !*group) << "nobody has completed a join";
    });
}

TEST_F(GroupLeadership, LoadingIsSaidWhileTheLogIsRead) {
    topic_.faults.read_time = 500ms;
    topic_.lose(kOnly);
    simulator_.run_for(10ms);
    topic_.lead(kOnly, LeaderEpoch(1));
    EXPECT_EQ(commit_once(2), ErrorCode::kCoordinatorLoadInProgress);
    simulator_.run_for(100ms);
    EXPECT_EQ(fetch_once(), ErrorCode::kCoordinatorLoadInProgress);
    simulator_.run_for(500ms);
    EXPECT_EQ(commit_once(2), ErrorCode::kNone);
}

TEST_F(GroupLeadership, LosingItWhileLoadingEndsTheLoading) {
    topic_.faults.read_time = 500ms;
    topic_.lead(kOnly, LeaderEpoch(1));
    simulator_.run_for(100ms);
    topic_.lose(kOnly);
    EXPECT_EQ(commit_once(2), ErrorCode::kNotCoordinator);
    simulator_.run_for(2s);
    EXPECT_EQ(commit_once(2), ErrorCode::kNotCoordinator);
}

TEST_F(GroupLeadership, APartitionThatIsNotReadyIsTriedAgainWhenTheMetadataMoves) {
    topic_.ready = false;
    topic_.lead(kOnly, LeaderEpoch(1));
    simulator_.run_for(50ms);
    EXPECT_EQ(commit_once(2), ErrorCode::kCoordinatorLoadInProgress);
    topic_.ready = true;
    topic_.changed().notify_all();
    simulator_.run_for(20ms);
    EXPECT_EQ(commit_once(2), ErrorCode::kNone);
}

TEST_F(GroupLeadership, AWriteThatIsNotReplicatedWhenItIsLostIsNotConfirmed) {
    topic_.faults.sync_time = 300ms;
    ErrorCode committed = ErrorCode::kNone;
    tasks_.spawn([&]() -> Task<void> {
        const auto reply = co_await coordinator_->commit(commit_request(2));
        committed = reply ? reply->errors.at(0) : reply.error().code();
    });
    simulator_.run_for(100ms);
    topic_.lose(kOnly);
    topic_.logs[0].crash();  // the new leader does not have it
    simulator_.run_for(1s);
    EXPECT_EQ(committed, ErrorCode::kNotCoordinator);
    topic_.faults.sync_time = 2ms;
    topic_.lead(kOnly, LeaderEpoch(2));
    EXPECT_EQ(fetch(), 1);
}

TEST_F(GroupLeadership, AnAppendThatFindsItLostIsRefusedAndNothingIsApplied) {
    // The log knows before the metadata is published.
    topic_.logs[0].led.reset();
    const auto first = commit_once(2);
    EXPECT_EQ(first, ErrorCode::kNotCoordinator);
    topic_.lead(kOnly, LeaderEpoch(1));
    EXPECT_EQ(fetch(), 1);
}

TEST_F(GroupLeadership, TooFewReplicasAreReportedAsCoordinatorNotAvailable) {
    topic_.faults.append = ErrorCode::kNotEnoughReplicas;
    EXPECT_EQ(commit_once(2), ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(fetch(), 1);
    topic_.faults.append.reset();
    EXPECT_EQ(commit_once(3), ErrorCode::kNone);
}

TEST_F(GroupLeadership, AWriteThatWaitsForReplicasIsShownWhenTheyHaveIt) {
    const int opens = topic_.opens;
    topic_.faults.sync = ErrorCode::kNotEnoughReplicasAfterAppend;
    EXPECT_EQ(commit_once(2), ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(fetch_once(), ErrorCode::kCoordinatorNotAvailable) << "2 is not committed yet";
    topic_.faults.sync.reset();
    EXPECT_EQ(fetch(), 2) << "it stayed in the log";
    EXPECT_EQ(topic_.opens, opens) << "nothing was loaded again";
}

TEST_F(GroupLeadership, ReplicationThatTakesTooLongIsReportedAsCoordinatorNotAvailable) {
    topic_.faults.sync_time = 1min;
    EXPECT_EQ(commit_once(2), ErrorCode::kCoordinatorNotAvailable);
    topic_.faults.sync_time = 2ms;
    EXPECT_EQ(fetch(), 2);
}

TEST_F(GroupLeadership, ReadsAreNotAnsweredOutOfTouchWithTheController) {
    topic_.in_touch = false;
    EXPECT_EQ(fetch_once(), ErrorCode::kCoordinatorNotAvailable);
    topic_.in_touch = true;
    EXPECT_EQ(fetch_once(), ErrorCode::kNone);
}

TEST_F(GroupLeadership, ReadsEndAlthoughWritesGoOn) {
    // Every commit is behind its replication by 20 ms, and there is always one: a read waits for
    // what it shows, not for whatever came since.
    topic_.faults.sync_time = 20ms;
    tasks_.spawn([this]() -> Task<void> {
        for (int i = 2; i < 2000; ++i) {
            tasks_.spawn([this, i]() -> Task<void> {
                (void)co_await coordinator_->commit(commit_request(i));
            });
            co_await world_.sleep(1ms);
        }
    });
    simulator_.run_for(1s);
    const Instant before = simulator_.now();
    EXPECT_EQ(fetch_once(), ErrorCode::kNone);
    EXPECT_LT(simulator_.now() - before, 100ms);
    simulator_.run_for(5s);
}

TEST_F(GroupLeadership, OneRequestMakesTheTopicForAllThatNeedIt) {
    stop();
    topic_.logs.clear();
    topic_.creations = 0;
    start();
    run([this]() -> Task<void> {
        runtime::TaskGroup many(world_);
        for (int i = 0; i < 20; ++i) {
            many.spawn([this]() -> Task<void> {
                const Status ready = co_await coordinator_->ensure_ready();
                EXPECT_TRUE(ready);
            });
        }
        co_await many.join();
    });
    EXPECT_EQ(topic_.creations, 1);
}

TEST_F(GroupLeadership, OldRecordsStayUntilTheRewritingIsReplicated) {
    stop();
    config_.rewrite_min_bytes = 2'000;
    start();
    for (int i = 0; i < 40; ++i) ASSERT_EQ(commit(i), ErrorCode::kNone);
    const Offset start_before = topic_.logs[0].start;
    // From here on nothing is replicated any more.
    topic_.faults.sync = ErrorCode::kNotEnoughReplicasAfterAppend;
    simulator_.run_for(20s);
    for (int i = 0; i < 40; ++i) (void)commit_once(i);
    EXPECT_EQ(topic_.logs[0].start, start_before);
    topic_.faults.sync.reset();
    simulator_.run_for(20s);
    for (int i = 0; i < 5; ++i) ASSERT_EQ(commit(100 + i), ErrorCode::kNone);
    simulator_.run_for(1s);
    EXPECT_GT(topic_.logs[0].start, start_before);
    restart();
    EXPECT_EQ(fetch(), 104);
}

}  // namespace
}  // namespace sealane::broker::groups
