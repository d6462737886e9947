// Error at every step: the same life of a group is played again and again, each time with the n-th
// append failing. Nobody may be left without an answer, no failed change may be visible, and the
// group must come to rest afterwards.

#include "tests/unit/broker/groups/group_script.hpp"

namespace sealane::broker::groups {
namespace {

// Runs `script` with the append number `failing` refused; says how many appends there were.
class Play {
 public:
    explicit Play(int failing) : failing_(failing) {}

    void step(const std::function<void()>& body) {
        script.fail_appends.reset();
        if (appends_ == failing_) script.fail_appends = ErrorCode::kNotCoordinator;
        const std::size_t before = script.log.size();
        body();
        if (script.fail_appends || script.log.size() != before) ++appends_;
        script.fail_appends.reset();
        const auto live = live_records(script.core);
        EXPECT_EQ(live, live_records(script.restarted())) << "append " << failing_;
    }
    [[nodiscard]] int appends() const { return appends_; }

    GroupScript script;

 private:
    int failing_;
    int appends_ = 0;
};

int play(int failing) {
    Play play(failing);
    GroupScript& script = play.script;
    play.step([&] { script.join("", "i1"); });
    play.step([&] { script.join("", "i2"); });
    play.step([&] { script.wait(10s); });
    play.step([&] { script.sync("i2-2", 1, {}, "i2"); });
    play.step([&] { script.sync("i1-1", 1, {{"i1-1", "one"}, {"i2-2", "two"}}, "i1"); });
    play.step([&] { script.join("", "i2"); });
    play.step([&] { (void)script.commit("i1-1", 1, 5); });
    play.step([&] { (void)script.leave("", "i1"); });
    play.step([&] { (void)script.leave("", "i2"); });
    play.step([&] { (void)script.commit("", -1, 6); });
    play.step([&] { script.ask<DeleteGroupReply>(DeleteGroupRequest{"g"}); });
    // Afterwards a new member always gets through.
    play.step([&] { script.wait(120s); });
    EXPECT_EQ(script.parked(), 0U) << "append " << failing;
    const Ticket join = script.join();
    script.wait(120s);
    EXPECT_TRUE(script.answer<JoinReply>(join)) << "append " << failing;
    return play.appends();
}

TEST(FailingAppend, AtEveryStepLeavesAConsistentGroup) {
    const int appends = play(-1);
    EXPECT_GE(appends, 5);
    for (int failing = 0; failing < 12; ++failing) play(failing);
}

TEST(FailingAppend, OfAnAssignmentFailsAllWhoWaitAndRebalances) {
    GroupScript script;
    script.join();
    script.join();
    script.wait(10s);
    const Ticket follower = script.sync("c-2", 1);
    script.fail_appends = ErrorCode::kNotCoordinator;
    const Ticket leader = script.sync("c-1", 1, {{"c-1", "one"}, {"c-2", "two"}});
    script.fail_appends.reset();
    EXPECT_EQ(script.answer<SyncReply>(leader)->error, ErrorCode::kNotCoordinator);
    EXPECT_EQ(script.answer<SyncReply>(follower)->error, ErrorCode::kNotCoordinator);
    EXPECT_EQ(script.state(), GroupState::kPreparingRebalance);
    script.join("c-1");
    const Ticket again = script.join("c-2");
    EXPECT_EQ(script.answer<JoinReply>(again)->generation.value, 2);
}

TEST(FailingAppend, OfACommitReportsEveryPartitionAndChangesNothing) {
    GroupScript script;
    EXPECT_EQ(script.commit("", -1, 5), ErrorCode::kNone);
    script.fail_appends = ErrorCode::kCoordinatorNotAvailable;
    EXPECT_EQ(script.commit("", -1, 6), ErrorCode::kCoordinatorNotAvailable);
    EXPECT_EQ(
        script.ask<DeleteGroupReply>(DeleteGroupRequest{"g"}).error,
        ErrorCode::kCoordinatorNotAvailable
    );
    EXPECT_EQ(script.committed(), 5);
}

TEST(Replay, GivesMembersAFullSessionAndTheirAssignments) {
    GroupScript script;
    script.stable_group(2);
    script.commit("c-1", 1, 5);
    script.wait(9s);
    script.core = script.restarted();
    EXPECT_EQ(script.state(), GroupState::kStable);
    EXPECT_EQ(script.answer<SyncReply>(script.sync("c-2", 1))->assignment.text(), "a2");
    EXPECT_EQ(script.heartbeat("c-1", 1), ErrorCode::kNone);
    EXPECT_EQ(script.committed(), 5);
    script.wait(10s);
    script.wait(10s);
    EXPECT_EQ(script.state(), GroupState::kEmpty);
}

TEST(Replay, OfASnapshotAfterOldRecordsGivesTheSameState) {
    GroupScript script;
    script.stable_group(2);
    script.commit("c-1", 1, 5);
    script.commit("c-1", 1, 6);
    script.commit("c-1", 1, 7, "u");
    const auto live = live_records(script.core);
    // A crash may leave any part of the rewritten records behind the old ones.
    for (std::size_t written = 0; written <= live.size(); ++written) {
        CoordinatorCore core{GroupConfig{}};
        for (const auto& earlier : script.log) GroupMachine::apply(earlier, core);
        for (std::size_t i = 0; i < written; ++i) core.apply(live[i]);
        EXPECT_EQ(live_records(core), live);
        EXPECT_EQ(core.live_bytes(), script.core.live_bytes());
    }
    CoordinatorCore only_new{GroupConfig{}};
    for (const auto& record : live) only_new.apply(record);
    EXPECT_EQ(live_records(only_new), live);
}

}  // namespace
}  // namespace sealane::broker::groups
