// Thousands of seeds: faults first, with every promise checked at every step; then everything is
// healed and the quorum must commit again within bounded time.

#include "tests/unit/broker/quorum/raft_cluster.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace sealane::broker::quorum {
namespace {

struct Mix {
    int nodes = 3;
    int voters = 3;
    bool membership = false;
    bool snapshots = false;
};

// One fault or one piece of work.
void stir(RaftCluster& cluster, const Mix& mix) {
    Rng& rng = cluster.rng();
    const int node = static_cast<int>(rng.between(1, mix.nodes));
    switch (rng.below(12)) {
        case 0:
        case 1:
            if (cluster.alive(node)) cluster.crash(node);
            break;
        case 2:
        case 3:
        case 4:
            if (!cluster.alive(node)) cluster.boot(node);
            break;
        case 5:
            cluster.cut(node, static_cast<int>(rng.between(1, mix.nodes)));
            break;
        case 6:
            cluster.heal();
            if (rng.chance(1, 2)) cluster.faults.loss_percent = rng.below(30);
            if (rng.chance(1, 2)) cluster.faults.double_percent = rng.below(30);
            if (rng.chance(1, 3)) cluster.faults.delay_max = 400ms;
            if (rng.chance(1, 3)) cluster.faults.disk_max = 300ms;
            break;
        case 7:
            if (rng.chance(1, 3)) cluster.shut_down(node);
            break;
        case 8:
            if (mix.snapshots && cluster.alive(node)) cluster.snapshot(node);
            break;
        case 9:
            if (mix.membership) (void)cluster.add_voter(node);
            break;
        case 10:
            if (mix.membership) (void)cluster.remove_voter(node);
            break;
        default:
            break;
    }
    for (std::uint64_t i = rng.below(6); i > 0; --i) (void)cluster.propose();
    cluster.run_for(Duration(rng.between(1'000'000, 400'000'000)));
}

// What the run did, for the tests that look at coverage.
struct Totals {
    std::size_t committed = 0;
    std::uint64_t snapshots_loaded = 0;
    std::uint64_t truncations = 0;
    Duration slowest_recovery{0};
};

testing::AssertionResult run(std::uint64_t seed, const Mix& mix, Totals& totals) {
    RaftCluster cluster(seed, mix.nodes, mix.voters);
    cluster.boot_all();
    for (int i = 0; i < 40 && cluster.breach.empty(); ++i) stir(cluster, mix);
    cluster.heal();
    cluster.boot_all();
    // Proposals until one of after the healing is everywhere.
    const Instant healed = cluster.now();
    const std::size_t goal = cluster.committed() + 1;
    Instant propose_at = healed + 50ms;
    const bool recovered = cluster.run_until(
        [&] {
            cluster.boot_all();  // also whoever was still shutting down
            if (cluster.committed() >= goal && cluster.in_step()) return true;
            if (cluster.now() >= propose_at && cluster.committed() < goal && cluster.propose()) {
                propose_at = cluster.now() + 100ms;
            }
            return false;
        },
        15s
    );
    if (!cluster.breach.empty()) {
        return testing::AssertionFailure() << "seed " << seed << ": " << cluster.breach;
    }
    if (!recovered) {
        auto failure = testing::AssertionFailure() << "seed " << seed << ": no progress;";
        for (int id = 1; id <= mix.nodes; ++id) {
            if (!cluster.alive(id)) continue;
            const Raft& core = cluster.core(id);
            failure << " [" << id << " " << name_of(core.role()) << " epoch " << core.epoch().value
                    << " leader " << core.leader().value << " end " << core.log_end().value
                    << " durable " << core.durable_end().value << " hw "
                    << core.high_watermark().value << " start " << core.log_start().value
                    << " voters";
            for (const auto& [voter, node] : core.voters().nodes()) failure << " " << voter.value;
            failure << "]";
        }
        return failure;
    }
    totals.committed += cluster.committed();
    totals.snapshots_loaded += cluster.snapshots_loaded;
    totals.truncations += cluster.truncations;
    totals.slowest_recovery = std::max(totals.slowest_recovery, cluster.now() - healed);
    return testing::AssertionSuccess();
}

// SEALANE_RAFT_SEEDS: how many; SEALANE_RAFT_FIRST: from where on.
std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

Totals run_seeds(std::uint64_t count, const Mix& mix) {
    Totals totals;
    const std::uint64_t first = setting("SEALANE_RAFT_FIRST", 1);
    count = setting("SEALANE_RAFT_SEEDS", count);
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        const auto outcome = run(seed, mix, totals);
        EXPECT_TRUE(outcome);
        if (!outcome) break;
    }
    return totals;
}

TEST(RaftSimulation, ThreeVotersKeepTheirPromisesUnderFaults) {
    const Totals totals = run_seeds(1000, {.nodes = 3, .voters = 3});
    EXPECT_GT(totals.committed, 1000U);
    EXPECT_GT(totals.truncations, 0U);
}

TEST(RaftSimulation, FiveVotersAndAnObserverKeepTheirPromises) {
    EXPECT_GT(run_seeds(400, {.nodes = 6, .voters = 5}).committed, 400U);
}

TEST(RaftSimulation, SnapshotsLoseNothing) {
    const Totals totals = run_seeds(600, {.nodes = 4, .voters = 3, .snapshots = true});
    EXPECT_GT(totals.snapshots_loaded, 0U);
}

TEST(RaftSimulation, VotersComeAndGo) {
    const Totals totals =
        run_seeds(600, {.nodes = 5, .voters = 3, .membership = true, .snapshots = true});
    EXPECT_GT(totals.committed, 600U);
}

TEST(RaftSimulation, SameSeedSameRun) {
    const auto one = [] {
        RaftCluster cluster(7, 3, 3);
        cluster.boot_all();
        for (int i = 0; i < 20; ++i) stir(cluster, {});
        return std::pair(cluster.committed(), cluster.rng().next());
    };
    EXPECT_EQ(one(), one());
}

}  // namespace
}  // namespace sealane::broker::quorum
