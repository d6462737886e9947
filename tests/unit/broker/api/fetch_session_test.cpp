#include "broker/api/fetch_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealane::broker {
namespace {

FetchTarget target(std::int32_t partition, std::int64_t offset = 0) {
    FetchTarget made;
    made.topic.name = "t";
    made.partition = PartitionId(partition);
    made.offset = Offset(offset);
    return made;
}

SessionRequest request(std::int32_t id, std::int32_t epoch, std::vector<FetchTarget> targets = {}) {
    SessionRequest made;
    made.id = id;
    made.epoch = epoch;
    made.targets = std::move(targets);
    return made;
}

TargetNews quiet(std::int64_t high_watermark = 10) {
    TargetNews news;
    news.high_watermark = Offset(high_watermark);
    news.log_start = Offset(0);
    return news;
}

TargetNews records() {
    TargetNews news = quiet();
    news.has_records = true;
    return news;
}

ErrorCode refusal(const Result<FetchPlan>& plan) {
    return plan ? ErrorCode::kNone : plan.error().code();
}

class FetchSessionsTest : public testing::Test {
 protected:
    FetchSessions sessions{2, 1};
    Instant now{1};

    std::int32_t opened(std::vector<FetchTarget> targets) {
        const auto plan = sessions.open(request(0, 0, std::move(targets)), now);
        EXPECT_TRUE(plan.has_value());
        (void)sessions.close(*plan, std::vector(plan->targets.size(), quiet()));
        return plan->session_id;
    }
};

TEST_F(FetchSessionsTest, SessionlessRequestsLeaveNothingBehind) {
    const auto plan = sessions.open(request(0, -1, {target(0)}), now);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->session_id, 0);
    EXPECT_EQ(sessions.close(*plan, {quiet()}), std::vector{true});
    EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(FetchSessionsTest, ReadingOnBeginsWhereTheLastAnswerEnded) {
    const std::int32_t id = opened({target(0), target(1, 7)});
    const auto ask = [&](std::int32_t epoch, std::vector<FetchTarget> targets) {
        SessionRequest made = request(id, epoch, std::move(targets));
        made.read_on = true;
        return sessions.open(std::move(made), now);
    };
    TargetNews sent = records();
    sent.next_offset = Offset(100);
    auto plan = sessions.open(request(id, 1), now);
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->targets[0].read_from, kNoOffset);
    (void)sessions.close(*plan, {sent, quiet()});
    // It holds 50 of them; the reading goes on at 100. The other had nothing: from where it is.
    plan = ask(2, {target(0, 50)});
    ASSERT_TRUE(plan.has_value());
    ASSERT_EQ(plan->targets.size(), 2U);
    const auto of = [&](std::int32_t partition) {
        return *std::ranges::find(plan->targets, PartitionId(partition), &FetchTarget::partition);
    };
    EXPECT_EQ(of(0).offset, Offset(50));
    EXPECT_EQ(of(0).read_from, Offset(100));
    EXPECT_EQ(of(1).read_from, Offset(7));
    (void)sessions.close(*plan, {quiet(), quiet()});
    // Another leadership's log may differ: from what it holds.
    FetchTarget later = target(0, 50);
    later.current_leader_epoch = LeaderEpoch(9);
    plan = ask(3, {later});
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(of(0).read_from, Offset(50));
}

TEST_F(FetchSessionsTest, IncrementalAnswersTellOnlyNews) {
    const std::int32_t id = opened({target(0), target(1), target(2)});
    EXPECT_NE(id, 0);
    auto plan = sessions.open(request(id, 1, {target(1, 5)}), now);
    ASSERT_TRUE(plan.has_value());
    ASSERT_EQ(plan->targets.size(), 3U);
    EXPECT_EQ(plan->targets[1].offset, Offset(5));
    EXPECT_EQ(
        sessions.close(*plan, {quiet(), records(), quiet(11)}), (std::vector{false, true, true})
    );
    plan = sessions.open(request(id, 2), now);
    ASSERT_TRUE(plan.has_value());
    // The one that had records is read last now.
    EXPECT_EQ(plan->targets[2].partition, PartitionId(1));
}

TEST_F(FetchSessionsTest, RecoveryAfterAnErrorIsTold) {
    const std::int32_t id = opened({target(0)});
    TargetNews broken = quiet(-1);
    broken.must_tell = true;
    auto plan = sessions.open(request(id, 1), now);
    EXPECT_EQ(sessions.close(*plan, {broken}), std::vector{true});
    plan = sessions.open(request(id, 2), now);
    EXPECT_EQ(sessions.close(*plan, {quiet()}), std::vector{true});
    plan = sessions.open(request(id, 3), now);
    EXPECT_EQ(sessions.close(*plan, {quiet()}), std::vector{false});
}

TEST_F(FetchSessionsTest, WrongIdsEpochsAndStylesAreRefused) {
    const std::int32_t id = opened({target(0)});
    EXPECT_EQ(refusal(sessions.open(request(id + 1, 1), now)), ErrorCode::kFetchSessionIdNotFound);
    EXPECT_EQ(refusal(sessions.open(request(id, 2), now)), ErrorCode::kInvalidFetchSessionEpoch);
    SessionRequest by_id = request(id, 1, {target(0)});
    by_id.by_topic_id = true;
    EXPECT_EQ(refusal(sessions.open(by_id, now)), ErrorCode::kFetchSessionTopicIdError);
    EXPECT_EQ(refusal(sessions.open(request(id, 1), now)), ErrorCode::kNone);
    EXPECT_EQ(refusal(sessions.open(request(id, 1), now)), ErrorCode::kInvalidFetchSessionEpoch);
}

TEST_F(FetchSessionsTest, ForgottenPartitionsGoAndAnEmptySessionWithThem) {
    const std::int32_t id = opened({target(0), target(1)});
    SessionRequest forget = request(id, 1);
    forget.forgotten.emplace_back(TopicName{"t", Uuid{}}, PartitionId(0));
    auto plan = sessions.open(forget, now);
    ASSERT_EQ(plan->targets.size(), 1U);
    EXPECT_EQ(plan->session_id, id);
    forget = request(id, 2);
    forget.forgotten.emplace_back(TopicName{"t", Uuid{}}, PartitionId(1));
    plan = sessions.open(forget, now);
    EXPECT_TRUE(plan->targets.empty());
    EXPECT_EQ(plan->session_id, 0);
    EXPECT_EQ(sessions.size(), 0U);
}

TEST_F(FetchSessionsTest, AFullCacheGivesNoSessionUntilOneWasIdle) {
    const std::int32_t first = opened({target(0)});
    now = now + FetchSessions::kIdle / 2;
    EXPECT_NE(opened({target(0)}), 0);
    EXPECT_EQ(opened({target(0)}), 0);
    now = now + FetchSessions::kIdle / 2;
    EXPECT_NE(opened({target(0)}), 0);
    EXPECT_EQ(sessions.evictions(), 1U);
    EXPECT_EQ(refusal(sessions.open(request(first, 1), now)), ErrorCode::kFetchSessionIdNotFound);
}

TEST_F(FetchSessionsTest, AReplicaTakesTheSessionOfAConsumerButNotOfAReplica) {
    const auto open_as_replica = [this] {
        SessionRequest asked = request(0, 0, {target(0)});
        asked.by_replica = true;
        return sessions.open(std::move(asked), now)->session_id;
    };
    const std::int32_t consumer = opened({target(0)});
    EXPECT_NE(open_as_replica(), 0);
    const std::int32_t second = open_as_replica();
    EXPECT_NE(second, 0);
    const auto gone = sessions.open(request(consumer, 1), now);
    EXPECT_EQ(refusal(gone), ErrorCode::kFetchSessionIdNotFound);
    EXPECT_EQ(open_as_replica(), 0);
    EXPECT_EQ(opened({target(0)}), 0);
    EXPECT_TRUE(sessions.open(request(second, 1), now));
}

TEST_F(FetchSessionsTest, ClosingIsByEpochMinusOneOrANewOne) {
    const std::int32_t id = opened({target(0)});
    const auto renewed = sessions.open(request(id, 0, {target(0)}), now);
    EXPECT_NE(renewed->session_id, 0);
    EXPECT_EQ(sessions.size(), 1U);
    const auto closed = sessions.open(request(renewed->session_id, -1, {target(0)}), now);
    EXPECT_EQ(closed->session_id, 0);
    EXPECT_EQ(sessions.size(), 0U);
}

}  // namespace
}  // namespace sealane::broker
