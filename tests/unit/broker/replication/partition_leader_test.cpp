#include "broker/replication/partition_leader.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace sealane::broker {
namespace {

constexpr Duration kLag = 5s;
const BrokerId kSelf{1};

Instant at(std::int64_t ms) {
    return Instant{1'000'000'000} + std::chrono::milliseconds(ms);
}

LeaderTerms terms(
    std::int32_t partition_epoch, std::vector<int> isr, std::vector<int> replicas = {1, 2, 3}
) {
    LeaderTerms made;
    made.epoch = LeaderEpoch(4);
    made.partition_epoch = partition_epoch;
    for (const int id : replicas) made.replicas.emplace_back(id);
    for (const int id : isr) made.isr.emplace_back(id);
    return made;
}

std::optional<std::int64_t> all_alive(BrokerId) {
    return 100;
}

struct Bench {
    explicit Bench(std::vector<int> isr = {1, 2, 3}, Offset log_end = Offset(10)) : end(log_end) {
        leader.begin(at(0), terms(7, std::move(isr)), log_end);
    }
    void fetch(int replica, std::int64_t offset, std::int64_t ms, std::int64_t epoch = 100) {
        FollowerFetch fetch;
        fetch.replica = BrokerId(replica);
        fetch.broker_epoch = epoch;
        fetch.offset = Offset(offset);
        fetch.log_start = Offset(0);
        fetch.eligible = true;
        EXPECT_TRUE(leader.on_fetch(at(ms), fetch, end));
        advance(ms);
    }
    void advance(std::int64_t ms) { hw = leader.high_watermark(at(ms), {end, end, hw}, 2, kLag); }
    std::optional<IsrProposal> propose(std::int64_t ms) {
        return leader.propose(at(ms), {end, end, hw}, kLag, all_alive);
    }
    static std::vector<int> ids(const IsrProposal& proposal) {
        std::vector<int> all;
        for (const IsrMember& member : proposal.isr) all.push_back(member.id.value);
        return all;
    }
    IsrAnswer answer(ErrorCode error, std::vector<int> isr = {}, std::int32_t epoch = 8) {
        IsrAnswer made{error, LeaderEpoch(4), epoch, {}};
        for (const int id : isr) made.isr.emplace_back(id);
        return made;
    }

    PartitionLeader leader{kSelf};
    Offset end;
    Offset hw{0};
};

TEST(PartitionLeader, WaitsForEveryMemberBeforeTheHighWatermarkMoves) {
    Bench bench;
    bench.advance(0);
    EXPECT_EQ(bench.hw, Offset(0));  // nobody has said anything in this leadership
    bench.fetch(2, 8, 1);
    EXPECT_EQ(bench.hw, Offset(0));
    bench.fetch(3, 5, 2);
    EXPECT_EQ(bench.hw, Offset(5));
    bench.fetch(3, 10, 3);
    EXPECT_EQ(bench.hw, Offset(8));
    bench.fetch(2, 4, 4);  // it lost records: what was committed stays so
    EXPECT_EQ(bench.hw, Offset(8));
}

TEST(PartitionLeader, CountsOfItselfOnlyWhatIsDurable) {
    Bench bench;
    bench.fetch(2, 10, 1);
    bench.fetch(3, 10, 1);
    const Offset durable{6};
    PartitionLeader& leader = bench.leader;
    EXPECT_EQ(leader.high_watermark(at(1), {Offset(10), durable, Offset(0)}, 2, kLag), durable);
}

TEST(PartitionLeader, AloneItIsItsOwnMeasure) {
    PartitionLeader leader(kSelf);
    leader.begin(at(0), terms(0, {1}, {1}), Offset(3));
    EXPECT_TRUE(leader.alone());
    EXPECT_EQ(leader.effective_min_isr(2), 1);
    EXPECT_EQ(leader.high_watermark({}, {Offset(9), Offset(5), Offset(1)}, 2, kLag), Offset(5));
    EXPECT_FALSE(leader.propose(at(99'999), {Offset(9), Offset(5), Offset(1)}, kLag, all_alive));
}

TEST(PartitionLeader, BelowTheMinimumNothingIsCommitted) {
    Bench bench({1});
    EXPECT_TRUE(bench.leader.under_min_isr(2));
    bench.advance(1);
    EXPECT_EQ(bench.hw, Offset(0));
    bench.fetch(2, 10, 2);
    EXPECT_EQ(bench.hw, Offset(0));
    ASSERT_TRUE(bench.propose(3));
    bench.leader.on_answer(bench.answer(ErrorCode::kNone, {1, 2}));
    bench.advance(4);
    EXPECT_EQ(bench.hw, Offset(10));
}

TEST(PartitionLeader, ShrinksWhenAFollowerStopsFetching) {
    Bench bench;
    bench.fetch(2, 10, 10);
    bench.fetch(3, 10, 10);
    bench.end = Offset(20);
    bench.fetch(2, 20, 4'000);
    EXPECT_FALSE(bench.propose(5'010));
    const auto proposal = bench.propose(5'011);
    ASSERT_TRUE(proposal);
    EXPECT_EQ(Bench::ids(*proposal), (std::vector{1, 2}));
    EXPECT_EQ(proposal->partition_epoch, 7);
    EXPECT_EQ(proposal->isr[1].broker_epoch, 100);
    // Until it is committed the one that is to go still counts.
    bench.advance(5'020);
    EXPECT_EQ(bench.hw, Offset(10));
    bench.leader.on_answer(bench.answer(ErrorCode::kNone, {1, 2}));
    bench.advance(5'030);
    EXPECT_EQ(bench.hw, Offset(20));
}

TEST(PartitionLeader, AFollowerThatHasEverythingStaysHoweverSilent) {
    Bench bench;
    bench.fetch(2, 10, 0);
    bench.fetch(3, 10, 0);
    EXPECT_FALSE(bench.propose(60'000));
}

TEST(PartitionLeader, AFollowerThatKeepsUpWithTheFetchBeforeIsCaughtUp) {
    Bench bench({1, 2, 3});
    bench.fetch(2, 10, 0);
    bench.fetch(3, 10, 0);
    // Under constant load it is never at the end, but always where the end was.
    for (int i = 1; i <= 40; ++i) {
        bench.end = Offset(10 + 10 * i);
        bench.fetch(2, 10 + 10 * (i - 1), 500 * i);
        bench.fetch(3, 10 + 10 * (i - 1), 500 * i);
        EXPECT_FALSE(bench.propose(500 * i)) << i;
    }
}

TEST(PartitionLeader, LetsAFollowerInWhenItHasReachedHighWatermarkAndEpochStart) {
    Bench bench({1, 2});
    bench.fetch(2, 10, 1);
    ASSERT_EQ(bench.hw, Offset(10));
    bench.end = Offset(30);
    bench.fetch(3, 9, 2);
    EXPECT_FALSE(bench.propose(3));
    bench.fetch(3, 10, 4);
    const auto proposal = bench.propose(5);
    ASSERT_TRUE(proposal);
    EXPECT_EQ(Bench::ids(*proposal), (std::vector{1, 2, 3}));
    // From here on it may be a member already.
    bench.fetch(2, 30, 6);
    EXPECT_EQ(bench.hw, Offset(10));
    EXPECT_FALSE(bench.propose(7));  // one at a time
}

TEST(PartitionLeader, AReplicaBelowTheEpochStartMayNotJoin) {
    Bench bench({1});
    bench.hw = Offset(5);  // known from before; the epoch began at 10
    bench.fetch(2, 9, 1);
    EXPECT_FALSE(bench.propose(2));
    bench.fetch(2, 10, 3);
    EXPECT_TRUE(bench.propose(4));
}

TEST(PartitionLeader, AnOldRegistrationNeitherFetchesNorJoins) {
    Bench bench({1});
    bench.fetch(2, 10, 1, 99);
    EXPECT_FALSE(bench.propose(2));  // the image knows it as 100
    bench.fetch(2, 10, 3, 100);
    FollowerFetch stale;
    stale.replica = BrokerId(2);
    stale.broker_epoch = 99;
    stale.offset = Offset(3);
    EXPECT_FALSE(bench.leader.on_fetch(at(4), stale, bench.end));
    EXPECT_TRUE(bench.propose(5));
}

TEST(PartitionLeader, FencedReplicasAreNotProposed) {
    Bench bench({1});
    bench.fetch(2, 10, 1);
    const auto fenced = [](BrokerId id) -> std::optional<std::int64_t> {
        if (id == BrokerId(2)) return std::nullopt;
        return 100;
    };
    EXPECT_FALSE(bench.leader.propose(at(2), {bench.end, bench.end, bench.hw}, kLag, fenced));
}

TEST(PartitionLeader, ReactsToEveryKindOfAnswer) {
    const auto propose_again_after = [](ErrorCode error) {
        Bench bench({1});
        bench.fetch(2, 10, 1);
        EXPECT_TRUE(bench.propose(2));
        bench.leader.on_answer(bench.answer(error));
        const bool wants = bench.propose(3).has_value();
        return wants;
    };
    // Back to what was committed; the follower is still there, so it is proposed anew.
    EXPECT_TRUE(propose_again_after(ErrorCode::kIneligibleReplica));
    EXPECT_TRUE(propose_again_after(ErrorCode::kOperationNotAttempted));
    // Perhaps committed: only metadata may tell.
    for (const ErrorCode code :
         {ErrorCode::kUnknownTopicOrPartition,
          ErrorCode::kUnknownTopicId,
          ErrorCode::kFencedLeaderEpoch,
          ErrorCode::kInvalidUpdateVersion,
          ErrorCode::kInvalidRequest,
          ErrorCode::kNewLeaderElected}) {
        EXPECT_FALSE(propose_again_after(code)) << static_cast<int>(code);
    }
    // The controller was not reached: the same again.
    EXPECT_TRUE(propose_again_after(ErrorCode::kNotController));
    EXPECT_TRUE(propose_again_after(ErrorCode::kUnknownServerError));
}

TEST(PartitionLeader, MetadataEndsAProposal) {
    Bench bench({1});
    bench.fetch(2, 10, 1);
    ASSERT_TRUE(bench.propose(2));
    bench.leader.on_answer(bench.answer(ErrorCode::kInvalidUpdateVersion));
    bench.leader.adopt(at(3), terms(6, {1, 2, 3}));  // older than what is known
    EXPECT_FALSE(bench.propose(4));
    bench.leader.adopt(at(5), terms(8, {1, 2}));
    EXPECT_TRUE(bench.leader.is_insync(BrokerId(2)));
    bench.fetch(3, 10, 6);
    EXPECT_TRUE(bench.propose(7));
    // The answer to the first proposal comes late: it says nothing about this one.
    bench.leader.adopt(at(8), terms(9, {1, 2, 3}));
    bench.leader.on_answer(bench.answer(ErrorCode::kNone, {1, 2}, 8));
    EXPECT_TRUE(bench.leader.is_insync(BrokerId(3)));
}

TEST(PartitionLeader, MetadataThatNeverComesDoesNotEndItsProposals) {
    // simulation: replicated 285. The controller that refused knew more than was ever committed.
    Bench bench({1});
    bench.fetch(2, 10, 1);
    ASSERT_TRUE(bench.propose(2));
    bench.leader.on_answer(bench.answer(ErrorCode::kInvalidUpdateVersion));
    EXPECT_FALSE(bench.propose(3));
    EXPECT_FALSE(bench.propose(5'000));
    EXPECT_TRUE(bench.propose(5'003));
}

TEST(PartitionLeader, AnUncleanLeaderSaysThatItHasRecovered) {
    PartitionLeader leader(kSelf);
    LeaderTerms unclean = terms(3, {1});
    unclean.recovering = true;
    leader.begin(at(0), unclean, Offset(10));
    const PartitionLeader::Position position{Offset(10), Offset(10), Offset(10)};
    const auto proposal = leader.propose(at(1), position, kLag, all_alive);
    ASSERT_TRUE(proposal);
    EXPECT_EQ(Bench::ids(*proposal), (std::vector{1}));
    leader.on_answer({ErrorCode::kNone, LeaderEpoch(4), 4, {kSelf}});
    EXPECT_FALSE(leader.propose(at(2), position, kLag, all_alive));
}

TEST(PartitionLeader, ReassignmentKeepsWhatIsKnownOfThoseThatStay) {
    Bench bench;
    bench.fetch(2, 10, 1);
    bench.fetch(3, 10, 1);
    bench.leader.adopt(at(2), terms(8, {1, 2, 3}, {4, 1, 2, 3}));
    EXPECT_EQ(bench.leader.followers().size(), 3U);
    bench.end = Offset(20);
    bench.fetch(2, 20, 3);
    bench.fetch(3, 20, 3);
    EXPECT_EQ(bench.hw, Offset(20));
    bench.fetch(4, 20, 4);
    const auto proposal = bench.propose(5);
    ASSERT_TRUE(proposal);
    EXPECT_EQ(Bench::ids(*proposal), (std::vector{4, 1, 2, 3}));
    EXPECT_EQ(bench.leader.effective_min_isr(9), 4);
}

TEST(PartitionLeader, ReplicasThatAReassignmentAddsDoNotRaiseTheMinimum) {
    PartitionLeader leader(kSelf);
    LeaderTerms growing = terms(3, {1}, {1, 2, 3});
    growing.most_min_isr = 1;
    leader.begin(at(0), growing, Offset(10));
    EXPECT_EQ(leader.effective_min_isr(2), 1);
    EXPECT_FALSE(leader.under_min_isr(2));
    growing.partition_epoch = 4;
    growing.most_min_isr = 3;
    leader.adopt(at(1), growing);
    EXPECT_TRUE(leader.under_min_isr(2));
}

TEST(PartitionLeader, AReplicaThatTheControllerPutOutHoldsTheHighWatermarkBackNoLonger) {
    Bench bench;
    bench.fetch(2, 10, 10);
    bench.fetch(3, 10, 10);
    bench.end = Offset(12);
    bench.fetch(2, 12, 20);
    EXPECT_EQ(bench.hw, Offset(10));
    bench.leader.adopt(at(1000), terms(8, {1, 2}));  // 3 is dead, well within the lag time
    bench.advance(1000);
    EXPECT_EQ(bench.hw, Offset(12));
    bench.fetch(3, 12, 1100);  // it lives after all: it is waited for again
    bench.end = Offset(14);
    bench.fetch(2, 14, 1200);
    EXPECT_EQ(bench.hw, Offset(12));
}

TEST(PartitionLeader, TheHighWatermarkDoesNotRunAwayFromAReplicaThatKeepsUp) {
    Bench bench({1, 2});
    bench.fetch(2, 10, 1);
    bench.fetch(3, 10, 2);
    bench.end = Offset(20);
    bench.fetch(2, 20, 3);
    EXPECT_EQ(bench.hw, Offset(10));  // 3 is about to join
    bench.advance(6'000);             // but not for ever
    EXPECT_EQ(bench.hw, Offset(20));
}

// Random fetches, appends, proposals and answers against a model that recomputes every rule
// from the whole history. Checked after each step: invariants A, B and C of the header.
class LeaderModel {
 public:
    explicit LeaderModel(std::uint64_t seed) : rng_(seed) {}
    void run() {
        std::set<int> isr{1};
        for (int id = 2; id <= 4; ++id) {
            if (rng_.below(2) == 0) isr.insert(id);
        }
        committed_ = isr;
        leader_.begin(at(0), now_terms(), end_);
        for (int step = 0; step < 400; ++step) {
            one_step();
            check();
        }
    }

 private:
    LeaderTerms now_terms() {
        LeaderTerms made = terms(epoch_, {}, {1, 2, 3, 4});
        for (const int id : committed_) made.isr.emplace_back(id);
        return made;
    }
    void one_step() {
        now_ += static_cast<std::int64_t>(rng_.below(900));
        switch (rng_.below(5)) {
            case 0:
                end_ = end_ + static_cast<std::int64_t>(rng_.below(20));
                break;
            case 1:
            case 2: {
                const int id = 2 + static_cast<int>(rng_.below(3));
                FollowerFetch fetch;
                fetch.replica = BrokerId(id);
                fetch.broker_epoch = 100;
                fetch.offset = Offset(static_cast<std::int64_t>(
                    rng_.below(static_cast<std::uint64_t>(end_.value) + 1)
                ));
                if (rng_.below(2) == 0) fetch.offset = end_;
                fetch.eligible = true;
                ASSERT_TRUE(leader_.on_fetch(at(now_), fetch, end_));
                ends_[id] = fetch.offset;
                break;
            }
            case 3:
                if (auto proposal = leader_.propose(at(now_), position(), kLag, all_alive)) {
                    ASSERT_FALSE(open_);  // D
                    open_ = *proposal;
                    EXPECT_EQ(proposal->partition_epoch, epoch_);
                }
                break;
            default:
                answer();
        }
    }
    void answer() {
        if (!open_) return;
        const IsrProposal proposal = *open_;
        open_.reset();
        IsrAnswer answer{ErrorCode::kNone, LeaderEpoch(4), epoch_, {}};
        switch (rng_.below(4)) {
            case 0:
                answer.error = ErrorCode::kIneligibleReplica;
                leader_.on_answer(answer);
                return;
            case 1:
                leader_.on_unanswered();
                return;
            default:
                break;
        }
        committed_.clear();
        for (const IsrMember& member : proposal.isr) committed_.insert(member.id.value);
        ++epoch_;
        answer.partition_epoch = epoch_;
        answer.isr = now_terms().isr;
        // By the answer or by the metadata log, whichever comes first.
        if (rng_.below(2) == 0) leader_.adopt(at(now_), now_terms());
        leader_.on_answer(answer);
    }
    PartitionLeader::Position position() const { return {end_, end_, hw_}; }
    void check() {
        const Offset next = leader_.high_watermark(at(now_), position(), kMin, kLag);
        ASSERT_GE(next, hw_);
        if (next > hw_) {
            EXPECT_GE(committed_.size(), static_cast<std::size_t>(kMin));  // B
            for (const int id : committed_) {
                if (id == 1) continue;
                ASSERT_TRUE(ends_.contains(id));  // C
                EXPECT_LE(next, ends_.at(id));    // A
            }
            for (const IsrMember& member : open_ ? open_->isr : std::vector<IsrMember>{}) {
                if (member.id.value != 1) EXPECT_LE(next, ends_.at(member.id.value));
            }
        }
        hw_ = next;
        std::set<int> known;
        for (const BrokerId id : leader_.isr()) known.insert(id.value);
        EXPECT_EQ(known, committed_);
    }

    static constexpr std::int32_t kMin = 2;
    Rng rng_;
    PartitionLeader leader_{kSelf};
    std::int64_t now_ = 0;
    Offset end_{5};
    Offset hw_{0};
    std::int32_t epoch_ = 7;
    std::set<int> committed_;
    std::map<int, Offset> ends_;
    std::optional<IsrProposal> open_;
};

TEST(PartitionLeader, KeepsItsInvariantsInAnyOrderOfEvents) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        LeaderModel(seed).run();
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace sealane::broker
