// The shells: three and more nodes over the simulated network and disks.

#include "broker/quorum/quorum_state_file.hpp"
#include "tests/unit/broker/quorum/sim_quorum.hpp"

namespace sealane::broker::quorum {
namespace {

using runtime::Task;

std::string text_of(SimQuorum& nodes, int id, const std::string& name) {
    std::string text;
    nodes.act(id, [&]() -> Task<void> {
        const auto bytes = co_await runtime::read_file(
            nodes.world(id).files(), std::string(SimQuorum::kDirectory) + "/" + name, 1U << 20U
        );
        if (bytes) text = bytes->text();
    });
    return text;
}

TEST(Quorum, SoleVoterLeadsAtOnceAndKeepsWhatItCommitted) {
    SimQuorum nodes(1, 1, 0);
    nodes.boot(1);
    ASSERT_TRUE(nodes.wait([&] { return nodes.leader() == 1; }, 50ms));
    EXPECT_EQ(nodes.quorum(1).epoch(), LeaderEpoch(1));
    EXPECT_TRUE(nodes.commit("a"));
    nodes.crash(1);
    nodes.boot(1);
    ASSERT_EQ(nodes.settled_leader(100ms), 1);
    EXPECT_EQ(nodes.quorum(1).epoch(), LeaderEpoch(2));
    EXPECT_TRUE(nodes.commit("b"));
    EXPECT_EQ(nodes.values(1), (std::vector<std::string>{"a", "b"}));
}

TEST(Quorum, OldDirectoryOfOneBrokerGoesOnInTheLogsEpoch) {
    SimQuorum nodes(2, 1, 0);
    nodes.boot(1);
    ASSERT_TRUE(nodes.commit("a"));
    nodes.stop(1);
    ASSERT_TRUE(nodes.disk(1).remove(std::string(SimQuorum::kDirectory) + "/quorum-state"));
    nodes.boot(1);
    ASSERT_EQ(nodes.settled_leader(), 1);
    EXPECT_EQ(nodes.quorum(1).epoch(), LeaderEpoch(2));
    EXPECT_EQ(nodes.values(1), std::vector<std::string>{"a"});
}

TEST(Quorum, DamagedStateFileRefusesToStartAndNamesIt) {
    SimQuorum nodes(3, 1, 0);
    nodes.boot(1);
    ASSERT_TRUE(nodes.commit("a"));
    nodes.act(1, [&]() -> Task<void> {
        const auto written = co_await runtime::write_file_atomically(
            nodes.world(1).files(),
            std::string(SimQuorum::kDirectory) + "/quorum-state",
            BufferSlice::copy_of("{\"leaderId\":1,")
        );
        EXPECT_TRUE(written.has_value());
    });
    nodes.crash(1);
    nodes.boot(1);
    ASSERT_TRUE(nodes.wait([&] { return nodes.failed(1).has_value(); }));
    EXPECT_EQ(nodes.failed(1)->code(), ErrorCode::kCorrupt);
    EXPECT_NE(nodes.failed(1)->detail().find("quorum-state"), std::string::npos);
}

TEST(Quorum, ThreeNodesElectCommitAndAgree) {
    SimQuorum nodes(4, 3, 3);
    nodes.boot_all();
    for (const char* value : {"a", "b", "c"}) ASSERT_TRUE(nodes.commit(value));
    const std::vector<std::string> all{"a", "b", "c"};
    for (int id = 1; id <= 3; ++id) {
        EXPECT_EQ(nodes.values(id), all);
        EXPECT_EQ(nodes.quorum(id).leader(), BrokerId(nodes.leader()));
        EXPECT_TRUE(nodes.quorum(id).is_voter());
    }
    EXPECT_NE(
        text_of(nodes, nodes.leader(), "quorum-state").find("\"data_version\":1"), std::string::npos
    );
}

TEST(Quorum, CommitTakesARoundTripAndNoLongPoll) {
    SimQuorum nodes(5, 3, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("warm"));
    const Instant before = nodes.simulator.now();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(nodes.commit("x"));
    EXPECT_LT(nodes.simulator.now() - before, 10 * 30ms);
}

TEST(Quorum, KilledLeaderIsReplacedWellBelowASecond) {
    for (std::uint64_t seed = 10; seed < 40; ++seed) {
        SimQuorum nodes(seed, 3, 3);
        nodes.boot_all();
        ASSERT_TRUE(nodes.commit("a"));
        const int old = nodes.leader();
        const LeaderEpoch epoch = nodes.quorum(old).epoch();
        const Instant before = nodes.simulator.now();
        nodes.crash(old);
        const int next = nodes.settled_leader(5s);
        ASSERT_NE(next, 0);
        EXPECT_GT(nodes.quorum(next).epoch(), epoch);
        EXPECT_LT(nodes.simulator.now() - before, 700ms) << "seed " << seed;
        ASSERT_TRUE(nodes.commit("b"));
        nodes.boot(old);
        ASSERT_TRUE(nodes.commit("c"));
        EXPECT_EQ(nodes.values(old), (std::vector<std::string>{"a", "b", "c"}));
    }
}

TEST(Quorum, StoppingLeaderHandsOver) {
    SimQuorum nodes(6, 3, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    const int old = nodes.leader();
    const Instant before = nodes.simulator.now();
    nodes.stop(old);
    ASSERT_NE(nodes.settled_leader(5s), 0);
    EXPECT_LT(nodes.simulator.now() - before, 500ms);
    ASSERT_TRUE(nodes.commit("b"));
}

TEST(Quorum, IsolatedLeaderStepsDownAndItsTailIsCutOff) {
    SimQuorum nodes(7, 3, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    const int old = nodes.leader();
    for (int id = 1; id <= 3; ++id) {
        if (id == old) continue;
        nodes.network.cut(SimQuorum::host(old), SimQuorum::host(id));
        nodes.network.cut(SimQuorum::host(id), SimQuorum::host(old));
    }
    nodes.act(old, [&]() -> Task<void> {
        Quorum& at = nodes.quorum(old);
        const auto end = co_await at.append(SimQuorum::batch("lost"), at.epoch());
        EXPECT_TRUE(end.has_value());
    });
    ASSERT_TRUE(nodes.wait([&] { return !nodes.quorum(old).is_leader(); }, 3s));
    ASSERT_TRUE(nodes.wait([&] { return nodes.leader() != 0; }, 5s));
    nodes.act(nodes.leader(), [&]() -> Task<void> {
        Quorum& at = nodes.quorum(nodes.leader());
        EXPECT_TRUE((co_await at.append(SimQuorum::batch("b"), at.epoch())).has_value());
    });
    nodes.network.heal_all();
    ASSERT_TRUE(nodes.commit("c"));
    EXPECT_EQ(nodes.values(old), (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(nodes.quorum(old).figures().truncations, 1U);
}

TEST(Quorum, AppendElsewhereOrInAnotherEpochIsRefused) {
    SimQuorum nodes(8, 3, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    const int leader = nodes.leader();
    for (int id = 1; id <= 3; ++id) {
        nodes.act(id, [&]() -> Task<void> {
            const LeaderEpoch other = nodes.quorum(id).epoch() + (id == leader ? 1 : 0);
            const auto end = co_await nodes.quorum(id).append(SimQuorum::batch("x"), other);
            EXPECT_EQ(end.error().code(), ErrorCode::kNotController);
        });
    }
}

TEST(Quorum, ObserverFindsTheLeaderAndFollowsTheNext) {
    SimQuorum nodes(9, 4, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    EXPECT_FALSE(nodes.quorum(4).is_voter());
    EXPECT_EQ(nodes.values(4), std::vector<std::string>{"a"});
    nodes.crash(nodes.leader());
    ASSERT_TRUE(nodes.commit("b"));
    EXPECT_EQ(nodes.values(4), (std::vector<std::string>{"a", "b"}));
}

TEST(Quorum, SnapshotTrimsTheLogAndReachesWhoComesLate) {
    SimQuorum nodes(11, 4, 3);
    for (int id = 1; id <= 3; ++id) nodes.boot(id);
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(nodes.commit("v" + std::to_string(i)));
    const std::vector<std::string> before = nodes.values(1);
    const int leader = nodes.leader();
    nodes.act(leader, [&]() -> Task<void> {
        std::vector<BufferSlice> batches;
        for (const std::string& value : before) batches.push_back(SimQuorum::batch(value));
        Quorum& at = nodes.quorum(leader);
        const auto written = co_await at.write_snapshot(at.high_watermark(), batches);
        EXPECT_TRUE(written.has_value()) << written.error().to_string();
    });
    EXPECT_GT(nodes.log(leader).log_start_offset(), Offset(0));
    ASSERT_TRUE(nodes.commit("after"));
    nodes.boot(4);
    ASSERT_TRUE(nodes.commit("last"));
    EXPECT_EQ(nodes.quorum(4).figures().snapshots_loaded, 1U);
    std::vector<std::string> all = before;
    all.insert(all.end(), {"after", "last"});
    EXPECT_EQ(nodes.values(4), all);
    EXPECT_EQ(nodes.values(leader), all);
    // Everything is there after a restart too.
    nodes.crash(4);
    nodes.crash(leader);
    nodes.boot(4);
    nodes.boot(leader);
    ASSERT_TRUE(nodes.commit("more"));
    all.emplace_back("more");
    EXPECT_EQ(nodes.values(4), all);
    EXPECT_EQ(nodes.values(leader), all);
}

kafka::AddRaftVoterRequest add_request(int id) {
    kafka::AddRaftVoterRequest request;
    request.cluster_id = "c";
    request.timeout_ms = 5000;
    request.voter_id = BrokerId(id);
    request.voter_directory_id = SimQuorum::directory_of(id);
    request.listeners.push_back({"INTERNAL", SimQuorum::host(id), kQuorumPort});
    return request;
}

TEST(Quorum, VotersAreAddedAndRemovedEvenTheLeader) {
    SimQuorum nodes(12, 4, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    const int first = nodes.leader();
    nodes.act(first, [&]() -> Task<void> {
        const auto added = co_await nodes.quorum(first).add_voter(add_request(4));
        EXPECT_EQ(added.error_code, ErrorCode::kNone) << added.error_message.value_or("");
        const auto again = co_await nodes.quorum(first).add_voter(add_request(4));
        EXPECT_EQ(again.error_code, ErrorCode::kDuplicateVoter);
    });
    ASSERT_TRUE(nodes.commit("b"));
    EXPECT_TRUE(nodes.quorum(4).is_voter());
    nodes.act(first, [&]() -> Task<void> {
        kafka::RemoveRaftVoterRequest request;
        request.cluster_id = "c";
        request.voter_id = BrokerId(first);
        request.voter_directory_id = SimQuorum::directory_of(first);
        const auto removed = co_await nodes.quorum(first).remove_voter(request);
        EXPECT_EQ(removed.error_code, ErrorCode::kNone) << removed.error_message.value_or("");
    });
    ASSERT_TRUE(nodes.commit("c"));
    EXPECT_NE(nodes.leader(), first);
    EXPECT_FALSE(nodes.quorum(first).is_voter());
    EXPECT_EQ(nodes.quorum(4).voters().size(), 3U);
    // The set is in the log: a restart finds it.
    nodes.crash(4);
    nodes.boot(4);
    ASSERT_TRUE(nodes.commit("d"));
    EXPECT_EQ(nodes.quorum(4).voters().size(), 3U);
    EXPECT_EQ(nodes.values(first), (std::vector<std::string>{"a", "b", "c", "d"}));
}

TEST(Quorum, RequestsOfOtherClustersTopicsAndVotersAreRefused) {
    SimQuorum nodes(13, 3, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    nodes.act(1, [&]() -> Task<void> {
        kafka::VoteRequest vote;
        vote.cluster_id = "other";
        EXPECT_EQ(
            (co_await nodes.quorum(1).vote(vote)).error_code, ErrorCode::kInconsistentClusterId
        );
        vote.cluster_id = "c";
        EXPECT_EQ((co_await nodes.quorum(1).vote(vote)).error_code, ErrorCode::kInvalidRequest);
        auto& topic = vote.topics.emplace_back();
        topic.topic_name = "__cluster_metadata";
        auto& asked = topic.partitions.emplace_back();
        asked.replica_id = BrokerId(2);
        asked.replica_epoch = nodes.quorum(1).epoch().value;
        asked.last_offset_epoch = LeaderEpoch(0);
        vote.voter_id = BrokerId(3);
        const auto wrong_voter = co_await nodes.quorum(1).vote(vote);
        EXPECT_EQ(wrong_voter.topics[0].partitions[0].error_code, ErrorCode::kInvalidVoterKey);
        vote.topics[0].topic_name = "t";
        EXPECT_EQ((co_await nodes.quorum(1).vote(vote)).error_code, ErrorCode::kInvalidRequest);
        kafka::FetchRequest fetch;
        EXPECT_EQ((co_await nodes.quorum(1).fetch(fetch)).error_code, ErrorCode::kInvalidRequest);
        kafka::FetchSnapshotRequest snapshot;
        snapshot.cluster_id = "other";
        const auto refused = co_await nodes.quorum(1).fetch_snapshot(snapshot);
        EXPECT_EQ(refused.error_code, ErrorCode::kInconsistentClusterId);
    });
}

TEST(Quorum, DescribeNamesVotersObserversAndTheirEnds) {
    SimQuorum nodes(14, 4, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    ASSERT_TRUE(nodes.wait([] { return false; }, 1s) == false);
    const int leader = nodes.leader();
    nodes.act(leader, [&]() -> Task<void> {
        kafka::DescribeQuorumRequest request;
        auto& topic = request.topics.emplace_back();
        topic.topic_name = "__cluster_metadata";
        topic.partitions.emplace_back();
        const auto response = co_await nodes.quorum(leader).describe(request);
        const auto& partition = response.topics.at(0).partitions.at(0);
        EXPECT_EQ(partition.leader_id, BrokerId(leader));
        EXPECT_EQ(partition.current_voters.size(), 3U);
        EXPECT_EQ(partition.observers.size(), 1U);
        for (const auto& voter : partition.current_voters) {
            EXPECT_EQ(voter.log_end_offset, nodes.log(leader).end_offset());
            EXPECT_GT(voter.last_caught_up_timestamp, 0);
        }
    });
}

TEST(Quorum, NothingCommittedIsLostWhenAllCrashTogether) {
    for (std::uint64_t seed = 50; seed < 70; ++seed) {
        SimQuorum nodes(seed, 3, 3);
        nodes.boot_all();
        std::vector<std::string> all;
        for (int round = 0; round < 4; ++round) {
            all.push_back(std::to_string(round));
            ASSERT_TRUE(nodes.commit(all.back())) << "seed " << seed;
            for (int id = 1; id <= 3; ++id) nodes.crash(id);
            nodes.boot_all();
        }
        ASSERT_TRUE(nodes.commit("end")) << "seed " << seed;
        all.emplace_back("end");
        for (int id = 1; id <= 3; ++id) EXPECT_EQ(nodes.values(id), all) << "seed " << seed;
    }
}

// Crashes, restarts, cuts and stops at random; what a leader said was committed is on every node in
// the end, in order.
TEST(Quorum, AcknowledgedRecordsOutliveBadDays) {
    for (std::uint64_t seed = 100; seed < 125; ++seed) {
        SimQuorum nodes(seed, 3, 3);
        Rng rng(seed);
        nodes.boot_all();
        std::vector<std::string> acknowledged;
        for (int round = 0; round < 30; ++round) {
            const int id = static_cast<int>(rng.between(1, 3));
            const auto what = rng.below(6);
            if (what == 0 && nodes.up(id)) nodes.crash(id);
            if (what == 1 && nodes.up(id)) nodes.stop(id);
            if (what >= 2 && !nodes.running(id)) nodes.boot(id);
            if (what == 3) {
                nodes.network.cut(
                    SimQuorum::host(id), SimQuorum::host(static_cast<int>(rng.between(1, 3)))
                );
            }
            if (what == 5) nodes.network.heal_all();
            const std::string value = std::to_string(round);
            if (nodes.try_commit(value)) acknowledged.push_back(value);
            nodes.simulator.run_for(Duration(rng.between(1'000'000, 500'000'000)));
        }
        nodes.network.heal_all();
        nodes.boot_all();
        ASSERT_TRUE(nodes.commit("end", 20s)) << "seed " << seed;
        acknowledged.emplace_back("end");
        const std::vector<std::string> all = nodes.values(1);
        EXPECT_EQ(nodes.values(2), all) << "seed " << seed;
        EXPECT_EQ(nodes.values(3), all) << "seed " << seed;
        auto at = all.begin();
        for (const std::string& value : acknowledged) {
            at = std::find(at, all.end(), value);
            ASSERT_NE(at, all.end()) << "seed " << seed << " lost " << value;
        }
        EXPECT_GT(acknowledged.size(), 3U) << "seed " << seed;
    }
}

TEST(Quorum, FullDiskOfTheLeaderLeavesTheLogUsable) {
    SimQuorum nodes(15, 1, 0);
    nodes.boot(1);
    ASSERT_TRUE(nodes.commit("a"));
    // There is room that is kept for metadata.
    bool told = false;
    nodes.quorum(1).on_full_disk([&told] { told = true; });
    nodes.disk(1).faults.capacity = nodes.disk(1).used();
    ASSERT_TRUE(nodes.commit("kept"));
    EXPECT_TRUE(told);
    nodes.disk(1).faults.capacity = nodes.disk(1).used();
    nodes.act(1, [&]() -> Task<void> {
        Quorum& at = nodes.quorum(1);
        const auto end = co_await at.append(SimQuorum::batch("x"), at.epoch());
        EXPECT_EQ(end.error().code(), ErrorCode::kNoSpace);
        EXPECT_FALSE(co_await at.keep_reserve());
    });
    nodes.disk(1).faults.capacity = simulation::Disk::kNoLimit;
    nodes.act(1, [&]() -> Task<void> {
        EXPECT_TRUE(co_await nodes.quorum(1).keep_reserve());
        nodes.disk(1).faults.capacity = nodes.disk(1).used();
    });
    EXPECT_TRUE(nodes.commit("b"));
}

TEST(Quorum, BrokenDiskOfTheLeaderLetsAnotherLead) {
    SimQuorum nodes(16, 3, 3);
    nodes.boot_all();
    ASSERT_TRUE(nodes.commit("a"));
    const int old = nodes.leader();
    nodes.disk(old).faults.sync_fails = true;
    nodes.act(old, [&]() -> Task<void> {
        Quorum& at = nodes.quorum(old);
        (void)co_await at.append(SimQuorum::batch("x"), at.epoch());
    });
    ASSERT_TRUE(nodes.wait([&] { return nodes.quorum(old).figures().failed.has_value(); }));
    EXPECT_FALSE(nodes.quorum(old).is_leader());
    ASSERT_TRUE(nodes.wait([&] { return nodes.leader() != 0; }));
}

TEST(QuorumStateFile, ReadsBothVersionsAndSaysWhatIsWrong) {
    ElectionState state;
    state.epoch = LeaderEpoch(5);
    state.leader = BrokerId(1);
    state.voted = {BrokerId(2), SimQuorum::directory_of(9)};
    const auto again = parse_quorum_state(quorum_state_text(state).text());
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*again, state);
    const auto old = parse_quorum_state(
        R"({"clusterId":"","leaderId":3,"leaderEpoch":7,"votedId":-1,"appliedOffset":0,)"
        R"("currentVoters":[{"voterId":1}],"data_version":0})"
    );
    ASSERT_TRUE(old.has_value());
    EXPECT_EQ(old->leader, BrokerId(3));
    for (const char* bad :
         {"",
          "[]",
          "{}",
          R"({"leaderId":1,"leaderEpoch":-1,"votedId":-1,"data_version":1})",
          R"({"leaderId":1,"leaderEpoch":1,"votedId":-1,"data_version":2})",
          R"({"leaderId":"1","leaderEpoch":1,"votedId":-1,"data_version":1})"}) {
        const auto refused = parse_quorum_state(bad);
        ASSERT_FALSE(refused.has_value()) << bad;
        EXPECT_EQ(refused.error().code(), ErrorCode::kCorrupt);
    }
}

}  // namespace
}  // namespace sealane::broker::quorum
