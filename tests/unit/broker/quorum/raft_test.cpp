// Raft by hand: one node, chosen inputs.

#include "broker/quorum/raft.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sealane::broker::quorum {
namespace {

const Instant kStart{1'000'000'000};

ReplicaKey key(int id) {
    return {BrokerId(id), {}};
}

VoterSet voters(std::initializer_list<int> ids) {
    std::vector<VoterNode> nodes;
    for (const int id : ids) nodes.push_back({key(id), {}});
    return VoterSet(nodes);
}

// Node 1 of voters 1, 2, 3. Effects are performed at once: disks are quick here.
class OneNode : public ::testing::Test {
 protected:
    OneNode() { start.voters.reset(voters({1, 2, 3}), false); }

    void boot() {
        start.configured = start.voters.latest();
        raft = std::make_unique<Raft>(RaftConfig{key(1), 1s, 500ms}, start, Rng(5));
        fx = {};
        raft->start(now, fx);
        settle();
    }
    // A log of `count` records of each epoch, durable.
    void log_of(std::initializer_list<std::pair<int, int>> epochs) {
        for (const auto& [epoch, count] : epochs) {
            start.epochs.assign(LeaderEpoch(epoch), start.log_end);
            start.log_end = start.log_end + count;
            start.election.epoch = LeaderEpoch(epoch);
        }
        start.durable_end = start.log_end;
    }
    void settle() {
        if (fx.fatal) fatal = *fx.fatal;
        if (fx.persist) persisted.push_back(*fx.persist);
        for (const Outgoing& out : fx.send) sent.push_back(out);
        const auto append = fx.append;
        const auto cut = fx.truncate_to;
        fx = {};
        if (cut) raft->on_truncated(*cut, fx);
        if (append) {
            BatchFacts facts{raft->log_end(), raft->log_end() + 1, raft->epoch(), {}};
            if (const auto* change = std::get_if<VotersChange>(&*append)) {
                facts.voters = change->voters;
            }
            raft->on_appended(now, {facts}, fx);
            if (durable) raft->on_durable(now, raft->log_end(), fx);
        }
        for (const Outgoing& out : fx.send) sent.push_back(out);
        fx = {};
    }
    void tick_at_wake() {
        now = std::max(now, raft->wake_at());
        raft->tick(now, fx);
        settle();
    }
    void append() {
        raft->on_appended(now, {{raft->log_end(), raft->log_end() + 1, raft->epoch(), {}}}, fx);
        if (durable) raft->on_durable(now, raft->log_end(), fx);
        settle();
    }
    VoteAnswer vote(int from, int epoch, LogEnd last, bool pre_vote = false) {
        VoteAsk ask{key(from), key(1), LeaderEpoch(epoch), last, pre_vote, 0};
        const VoteAnswer answer = raft->on_vote(now, ask, fx);
        settle();
        return answer;
    }
    // All open votes are answered so.
    void answer_votes(bool granted) {
        std::vector<Outgoing> asked;
        asked.swap(sent);
        for (const Outgoing& out : asked) {
            const auto* ask = std::get_if<VoteAsk>(&out.message);
            if (ask == nullptr) continue;
            raft->on_vote_answer(
                now, out.to, *ask, {ErrorCode::kNone, {ask->epoch, kNoBroker}, granted}, fx
            );
            settle();
        }
    }
    void lead() {
        tick_at_wake();
        ASSERT_EQ(raft->role(), Role::kProspective);
        answer_votes(true);
        ASSERT_EQ(raft->role(), Role::kCandidate);
        answer_votes(true);
        ASSERT_EQ(raft->role(), Role::kLeader);
    }
    FetchVerdict fetch(int from, LogEnd position) {
        const auto verdict = raft->on_fetch(now, {key(from), raft->epoch(), position}, fx);
        settle();
        return verdict;
    }
    void follow(int leader, int epoch) {
        (void)raft->on_begin_epoch(now, {BrokerId(leader), LeaderEpoch(epoch), key(1)}, fx);
        settle();
        ASSERT_EQ(raft->role(), Role::kFollower);
    }
    FetchAnswer answer_from(int leader) {
        FetchAnswer answer;
        answer.asked = {BrokerId(leader), raft->epoch(), raft->end(), {}, 0};
        answer.view = {raft->epoch(), BrokerId(leader)};
        return answer;
    }
    template <class Message>
    std::size_t count_sent() const {
        return static_cast<std::size_t>(std::ranges::count_if(sent, [](const Outgoing& out) {
            return std::holds_alternative<Message>(out.message);
        }));
    }

    RaftStart start;
    Instant now = kStart;
    bool durable = true;
    std::unique_ptr<Raft> raft;
    Effects fx;
    std::vector<Outgoing> sent;
    std::vector<ElectionState> persisted;
    std::string fatal;
};

TEST_F(OneNode, PreVoteComesFirstAndChangesNoEpoch) {
    boot();
    EXPECT_EQ(raft->role(), Role::kUnattached);
    EXPECT_GE(raft->wake_at(), now + 500ms);
    EXPECT_LT(raft->wake_at(), now + 1000ms);
    tick_at_wake();
    EXPECT_EQ(raft->role(), Role::kProspective);
    EXPECT_EQ(raft->epoch(), LeaderEpoch(0));
    EXPECT_TRUE(persisted.empty());
    EXPECT_EQ(count_sent<VoteAsk>(), 2U);
}

TEST_F(OneNode, CandidatePersistsItsVoteBeforeItAsks) {
    boot();
    tick_at_wake();
    answer_votes(true);
    ASSERT_EQ(raft->role(), Role::kCandidate);
    ASSERT_EQ(persisted.size(), 1U);
    EXPECT_EQ(persisted[0].epoch, LeaderEpoch(1));
    EXPECT_EQ(persisted[0].voted, key(1));
}

TEST_F(OneNode, VotesOnceInAnEpochAlsoAfterARestart) {
    boot();
    EXPECT_TRUE(vote(2, 1, {}).granted);
    EXPECT_TRUE(vote(2, 1, {}).granted) << "asked again";
    EXPECT_FALSE(vote(3, 1, {}).granted);
    start.election = persisted.back();
    boot();
    EXPECT_FALSE(vote(3, 1, {}).granted);
    EXPECT_TRUE(vote(3, 2, {}).granted);
}

TEST_F(OneNode, VotesOnlyForLogsThatAreAsGood) {
    log_of({{1, 5}, {3, 2}});
    boot();
    EXPECT_FALSE(vote(2, 4, {LeaderEpoch(2), Offset(100)}).granted) << "older last epoch";
    EXPECT_FALSE(vote(2, 5, {LeaderEpoch(3), Offset(6)}).granted) << "shorter";
    EXPECT_TRUE(vote(2, 6, {LeaderEpoch(3), Offset(7)}).granted);
    EXPECT_EQ(vote(2, 5, {LeaderEpoch(3), Offset(7)}).error, ErrorCode::kFencedLeaderEpoch);
    EXPECT_EQ(vote(2, 7, {LeaderEpoch(7), Offset(7)}).error, ErrorCode::kInvalidRequest);
}

TEST_F(OneNode, FollowerInContactWithItsLeaderGrantsNoPreVote) {
    boot();
    follow(2, 1);
    EXPECT_TRUE(vote(3, 1, {}, true).granted) << "has not fetched yet";
    auto answer = answer_from(2);
    answer.high_watermark = Offset(0);
    raft->on_fetch_answer(now, answer, fx);
    EXPECT_FALSE(vote(3, 1, {}, true).granted);
    raft->on_fetch_failed(now, answer.asked, Raft::FetchFailure::kUnreachable, fx);
    EXPECT_TRUE(vote(3, 1, {}, true).granted) << "the leader is known to be gone";
    EXPECT_LT(raft->wake_at(), now + 150ms) << "and its own pre-vote comes early";
    EXPECT_EQ(raft->epoch(), LeaderEpoch(1));
}

TEST_F(OneNode, LostPreVoteLeadsBackToTheLeader) {
    boot();
    follow(2, 1);
    tick_at_wake();
    ASSERT_EQ(raft->role(), Role::kProspective);
    answer_votes(false);
    EXPECT_EQ(raft->role(), Role::kFollower);
    EXPECT_EQ(raft->leader(), BrokerId(2));
}

TEST_F(OneNode, LeaderThatRestartsDoesNotLeadItsEpochAgain) {
    boot();
    lead();
    start.election = persisted.back();
    ASSERT_EQ(start.election.leader, BrokerId(1));
    boot();
    EXPECT_EQ(raft->role(), Role::kUnattached);
    EXPECT_EQ(raft->leader(), kNoBroker);
    EXPECT_EQ(raft->view().leader, kNoBroker);
    EXPECT_FALSE(vote(2, 1, {}).granted);
}

TEST_F(OneNode, SoleVoterLeadsAtOnce) {
    start.voters.reset(voters({1}), false);
    boot();
    EXPECT_TRUE(raft->is_leader());
    EXPECT_EQ(raft->epoch(), LeaderEpoch(1));
    EXPECT_EQ(raft->high_watermark(), Offset(1));
    EXPECT_EQ(raft->wake_at(), Instant::never());
}

TEST_F(OneNode, CommitsOnlyWithARecordOfItsOwnEpoch) {
    log_of({{1, 3}});
    boot();
    lead();
    ASSERT_EQ(raft->epoch_start(), Offset(3));
    (void)fetch(2, {LeaderEpoch(1), Offset(3)});
    EXPECT_EQ(raft->high_watermark(), Offset(0)) << "a majority has it, but it is older";
    (void)fetch(2, {LeaderEpoch(2), Offset(4)});
    EXPECT_EQ(raft->high_watermark(), Offset(4));
}

TEST_F(OneNode, LeaderCountsItselfOnlyWithWhatIsDurable) {
    boot();
    lead();
    durable = false;
    append();
    (void)fetch(2, {LeaderEpoch(1), Offset(2)});
    EXPECT_EQ(raft->high_watermark(), Offset(1));
    raft->on_durable(now, Offset(2), fx);
    EXPECT_EQ(raft->high_watermark(), Offset(2));
}

TEST_F(OneNode, ObserversDoNotCount) {
    boot();
    lead();
    (void)fetch(7, {LeaderEpoch(1), Offset(1)});
    EXPECT_EQ(raft->high_watermark(), Offset(0));
    EXPECT_TRUE(raft->replicas().contains(BrokerId(7)));
}

TEST_F(OneNode, LeaderWithoutFetchesOfAMajorityResigns) {
    boot();
    lead();
    const Instant begun = now;
    while (raft->is_leader() && now < begun + 10s) {
        if (now < begun + 1s) (void)fetch(2, {LeaderEpoch(1), Offset(1)});
        tick_at_wake();
    }
    EXPECT_EQ(raft->role(), Role::kResigned);
    EXPECT_GE(now, begun + 1500ms);
    EXPECT_LE(now, begun + 3s);
    tick_at_wake();
    EXPECT_EQ(raft->role(), Role::kUnattached);
    EXPECT_EQ(raft->epoch(), LeaderEpoch(2));
}

TEST_F(OneNode, ResigningLeaderPrefersTheLongestLog) {
    boot();
    lead();
    append();
    (void)fetch(3, {LeaderEpoch(1), Offset(2)});
    sent.clear();
    raft->resign(now, fx);
    settle();
    ASSERT_EQ(count_sent<EndAsk>(), 2U);
    const auto& ask = std::get<EndAsk>(sent[0].message);
    ASSERT_EQ(ask.preferred.size(), 2U);
    EXPECT_EQ(ask.preferred[0].id, BrokerId(3));
}

TEST_F(OneNode, FirstSuccessorStandsAtOnceTheSecondLater) {
    for (const bool first : {true, false}) {
        boot();
        follow(2, 1);
        EndAsk ask{BrokerId(2), LeaderEpoch(1), {key(3), key(1)}};
        if (first) std::swap(ask.preferred[0], ask.preferred[1]);
        (void)raft->on_end_epoch(now, ask, fx);
        EXPECT_EQ(raft->wake_at() == now, first);
        EXPECT_LT(raft->wake_at(), now + 500ms);
    }
}

TEST_F(OneNode, FetchAtAnUnknownPastIsAnsweredWithWhereLogsPart) {
    log_of({{1, 5}, {3, 2}});
    boot();
    lead();  // epoch 4
    EXPECT_FALSE(fetch(2, {LeaderEpoch(3), Offset(6)}).diverging.has_value());
    const auto longer = fetch(2, {LeaderEpoch(2), Offset(9)}).diverging;
    EXPECT_EQ(longer, (LogEnd{LeaderEpoch(1), Offset(5)}));
    const auto ahead = fetch(2, {LeaderEpoch(3), Offset(9)}).diverging;
    EXPECT_EQ(ahead, (LogEnd{LeaderEpoch(3), Offset(7)}));
    EXPECT_EQ(fetch(2, {LeaderEpoch(0), Offset(0)}).error, ErrorCode::kNone);
}

TEST_F(OneNode, FetchInAnotherEpochIsFenced) {
    boot();
    lead();
    const auto at = [&](int epoch) {
        return raft->on_fetch(now, {key(2), LeaderEpoch(epoch), {}}, fx).error;
    };
    EXPECT_EQ(at(0), ErrorCode::kFencedLeaderEpoch);
    EXPECT_EQ(at(1), ErrorCode::kNone);
    EXPECT_EQ(at(2), ErrorCode::kUnknownLeaderEpoch);
}

TEST_F(OneNode, FollowerCutsItsLogToTheLeaders) {
    log_of({{1, 5}, {2, 3}});
    boot();
    follow(2, 3);
    auto answer = answer_from(2);
    answer.diverging = LogEnd{LeaderEpoch(1), Offset(9)};
    raft->on_fetch_answer(now, answer, fx);
    ASSERT_EQ(fx.truncate_to, Offset(5)) << "its own end of the leader's epoch";
    settle();
    EXPECT_EQ(raft->end(), (LogEnd{LeaderEpoch(1), Offset(5)}));
}

TEST_F(OneNode, LateAnswerAboutAnOlderPositionCutsNothing) {
    log_of({{1, 5}});
    boot();
    follow(2, 2);
    auto late = answer_from(2);
    late.asked.position = {LeaderEpoch(1), Offset(3)};
    late.diverging = LogEnd{LeaderEpoch(1), Offset(2)};
    raft->on_fetch_answer(now, late, fx);
    EXPECT_FALSE(fx.truncate_to.has_value());
}

TEST_F(OneNode, NothingCommittedIsEverCut) {
    log_of({{1, 5}});
    boot();
    follow(2, 2);
    auto answer = answer_from(2);
    answer.high_watermark = Offset(5);
    raft->on_fetch_answer(now, answer, fx);
    ASSERT_EQ(raft->high_watermark(), Offset(5));
    answer = answer_from(2);
    answer.diverging = LogEnd{LeaderEpoch(1), Offset(4)};
    raft->on_fetch_answer(now, answer, fx);
    settle();
    EXPECT_FALSE(fatal.empty());
    EXPECT_EQ(raft->log_end(), Offset(5));
}

TEST_F(OneNode, FollowerFetchesOnlyFromWhatIsDurable) {
    boot();
    follow(2, 1);
    auto answer = answer_from(2);
    answer.high_watermark = Offset(9);
    answer.batches = {{Offset(0), Offset(2), LeaderEpoch(1), {}}};
    raft->on_fetch_answer(now, answer, fx);
    ASSERT_TRUE(fx.append_fetched);
    raft->on_appended(now, answer.batches, fx);
    EXPECT_EQ(raft->high_watermark(), Offset(2)) << "not beyond its own end";
    EXPECT_FALSE(raft->fetch_plan(now).has_value());
    raft->on_durable(now, Offset(2), fx);
    EXPECT_EQ(raft->fetch_plan(now)->position.offset, Offset(2));
}

TEST_F(OneNode, BatchesThatDoNotContinueTheLogAreRefused) {
    boot();
    follow(2, 1);
    for (const BatchFacts& wrong :
         {BatchFacts{Offset(1), Offset(2), LeaderEpoch(1), {}},
          BatchFacts{Offset(0), Offset(1), LeaderEpoch(2), {}}}) {
        auto answer = answer_from(2);
        answer.batches = {wrong};
        raft->on_fetch_answer(now, answer, fx);
        EXPECT_FALSE(fx.append_fetched);
    }
}

TEST_F(OneNode, SnapshotIsFetchedWhenTheLeadersLogBeginsLater) {
    boot();
    follow(2, 3);
    auto answer = answer_from(2);
    answer.snapshot = SnapshotId{Offset(50), LeaderEpoch(2)};
    raft->on_fetch_answer(now, answer, fx);
    auto plan = raft->fetch_plan(now);
    ASSERT_TRUE(plan && plan->snapshot);
    SnapshotAnswer part{*plan, ErrorCode::kNone, answer.view, 10, 0, 6};
    raft->on_snapshot_answer(now, part, fx);
    EXPECT_TRUE(fx.write_part.has_value());
    EXPECT_FALSE(fx.install.has_value());
    plan = raft->fetch_plan(now);
    EXPECT_EQ(plan->snapshot_position, 6);
    part = {*plan, ErrorCode::kNone, answer.view, 10, 6, 4};
    raft->on_snapshot_answer(now, part, fx);
    ASSERT_EQ(fx.install, (SnapshotId{Offset(50), LeaderEpoch(2)}));
    raft->on_snapshot_installed(now, *fx.install, voters({1, 2}), fx);
    EXPECT_EQ(raft->end(), (LogEnd{LeaderEpoch(2), Offset(50)}));
    EXPECT_EQ(raft->high_watermark(), Offset(50));
    EXPECT_EQ(raft->voters(), voters({1, 2}));
}

TEST_F(OneNode, LeaderSendsWhoIsBelowItsLogStartToTheSnapshot) {
    log_of({{1, 5}, {2, 5}});
    start.snapshot = SnapshotId{Offset(6), LeaderEpoch(2)};
    start.log_start = Offset(6);
    start.epochs.truncate_from_start(Offset(6));
    boot();
    lead();
    EXPECT_EQ(fetch(2, {LeaderEpoch(1), Offset(3)}).snapshot, start.snapshot);
    EXPECT_EQ(fetch(2, {}).snapshot, start.snapshot);
    const auto good = fetch(2, {LeaderEpoch(2), Offset(6)});
    EXPECT_FALSE(good.snapshot || good.diverging);
}

TEST_F(OneNode, VotersCountFromTheAppendAndOneChangeWaitsForTheOther) {
    boot();
    lead();
    EXPECT_EQ(raft->remove_voter(now, key(3), fx), ErrorCode::kRequestTimedOut)
        << "nothing of its epoch is committed yet";
    (void)fetch(2, {LeaderEpoch(1), Offset(1)});
    (void)fetch(4, {LeaderEpoch(1), Offset(1)});
    EXPECT_EQ(raft->add_voter(now, {key(2), {}}, fx), ErrorCode::kDuplicateVoter);
    EXPECT_EQ(raft->add_voter(now, {key(5), {}}, fx), ErrorCode::kRequestTimedOut)
        << "does not fetch";
    EXPECT_EQ(raft->add_voter(now, {key(4), {}}, fx), ErrorCode::kNone);
    settle();
    EXPECT_EQ(raft->voters().size(), 4U);
    EXPECT_EQ(raft->remove_voter(now, key(3), fx), ErrorCode::kRequestTimedOut);
    (void)fetch(2, {LeaderEpoch(1), Offset(2)});
    EXPECT_FALSE(raft->voters_committed()) << "two of four";
    (void)fetch(4, {LeaderEpoch(1), Offset(2)});
    EXPECT_TRUE(raft->voters_committed());
    EXPECT_EQ(raft->remove_voter(now, key(9), fx), ErrorCode::kVoterNotFound);
}

TEST_F(OneNode, RemovedLeaderLeadsUntilItsRemovalIsCommittedWithoutIt) {
    boot();
    lead();
    (void)fetch(2, {LeaderEpoch(1), Offset(1)});
    ASSERT_EQ(raft->remove_voter(now, key(1), fx), ErrorCode::kNone);
    settle();
    EXPECT_FALSE(raft->is_voter());
    (void)fetch(2, {LeaderEpoch(1), Offset(2)});
    EXPECT_TRUE(raft->is_leader()) << "one of two";
    (void)fetch(3, {LeaderEpoch(1), Offset(2)});
    EXPECT_EQ(raft->role(), Role::kResigned);
    EXPECT_EQ(raft->high_watermark(), Offset(2));
}

TEST_F(OneNode, CutVotersRecordCountsNoMore) {
    log_of({{1, 1}});
    boot();
    follow(2, 1);
    raft->on_appended(now, {{Offset(1), Offset(2), LeaderEpoch(1), voters({1, 2})}}, fx);
    raft->on_durable(now, Offset(2), fx);
    EXPECT_EQ(raft->voters().size(), 2U);
    follow(3, 2);
    auto answer = answer_from(3);
    answer.diverging = LogEnd{LeaderEpoch(1), Offset(1)};
    raft->on_fetch_answer(now, answer, fx);
    settle();
    EXPECT_EQ(raft->voters().size(), 3U);
}

TEST_F(OneNode, ObserverAsksVotersInTurnForTheLeader) {
    start.voters.reset(voters({2, 3}), false);
    boot();
    EXPECT_EQ(raft->wake_at(), Instant::never());
    const auto first = raft->fetch_plan(now);
    ASSERT_TRUE(first.has_value());
    raft->on_fetch_failed(now, *first, Raft::FetchFailure::kNoAnswer, fx);
    EXPECT_FALSE(raft->fetch_plan(now).has_value()) << "a moment of rest";
    const auto second = raft->fetch_plan(raft->fetch_again_at());
    ASSERT_TRUE(second.has_value());
    EXPECT_NE(first->to, second->to);
    FetchAnswer answer;
    answer.asked = *second;
    answer.error = ErrorCode::kFencedLeaderEpoch;
    answer.view = {LeaderEpoch(4), first->to};
    raft->on_fetch_answer(now, answer, fx);
    EXPECT_EQ(raft->leader(), first->to);
    EXPECT_EQ(raft->fetch_plan(now)->to, first->to) << "without a rest";
}

}  // namespace
}  // namespace sealane::broker::quorum
