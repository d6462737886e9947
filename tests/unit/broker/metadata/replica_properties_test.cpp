// Any sequence of what can happen to brokers and partitions keeps the invariants of replicated
// partitions:
//   A  a leader is in the ISR and active; a partition with a leader has an ISR
//   B  ISR and ELR are disjoint parts of the replicas; so are the replicas being added and removed
//   C  leader epoch and partition epoch never go back; another leader has a greater leader epoch
//   D  with nobody in sync there is somebody to wait for, unless every log was lost
//   E  the ELR is empty when the ISR has its minimum
//   F  the records of an image make the same image again
//   G  a replica that has every committed record is never passed over for one that has not, unless
//      unclean elections are forced
// Method: random operations from seeds, checked after each one; G against a model of who has what.

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace sealane::broker {
namespace {

constexpr std::int32_t kBrokers = 5;
constexpr std::int32_t kPartitions = 4;
constexpr std::int32_t kSteps = 300;
constexpr std::uint64_t kSeeds = 60;

class Chaos : public ClusterImage {
 public:
    explicit Chaos(std::uint64_t seed) : dice_(seed) {
        policy.topic_defaults.min_insync_replicas = static_cast<std::int32_t>(1 + dice_.below(3));
        add_brokers(1, kBrokers);
        Assignments assignments;
        for (std::int32_t i = 0; i < kPartitions; ++i) assignments.push_back(some_brokers(1, 4));
        // All of one size, as a topic has them.
        for (BrokerIds& replicas : assignments) {
            replicas = placement_of(assignments.front().size());
        }
        create("t", assignments);
        if (dice_.chance(1, 2)) configure("t", "sealane.flush", "os");
    }

    void step() {
        const std::vector<PartitionState> before = states();
        switch (dice_.below(12)) {
            case 0:
                fence(any());
                break;
            case 1:
            case 2:
                unfence(any());
                break;
            case 3:
                restart(any());
                break;
            case 4:
                apply(start_controlled_shutdown(image, policy, BrokerId(any())));
                break;
            case 5:
            case 6:
            case 7:
                propose();
                break;
            case 8:
                (void)reassign("t", dice_.chance(1, 4) ? std::nullopt : targets(), partition());
                break;
            case 9:
                lose(any());
                break;
            case 10:
                apply(prefer_leaders(image, policy, 2));
                break;
            case 11:
                configure("t", "min.insync.replicas", std::to_string(1 + dice_.below(3)));
                break;
        }
        check(before);
    }

 private:
    [[nodiscard]] std::int32_t any() {
        return 1 + static_cast<std::int32_t>(dice_.below(kBrokers));
    }
    [[nodiscard]] std::int32_t partition() {
        return static_cast<std::int32_t>(dice_.below(kPartitions));
    }
    [[nodiscard]] BrokerIds placement_of(std::size_t count) {
        BrokerIds replicas;
        while (replicas.size() < count) {
            const BrokerId id(any());
            if (!has(replicas, id)) replicas.push_back(id);
        }
        return replicas;
    }
    [[nodiscard]] BrokerIds some_brokers(std::size_t least, std::size_t most) {
        return placement_of(least + dice_.below(most - least + 1));
    }
    [[nodiscard]] std::optional<BrokerIds> targets() { return some_brokers(1, 4); }
    [[nodiscard]] std::vector<PartitionState> states() const {
        std::vector<PartitionState> all;
        for (const PartitionState& state : image.topic("t")->partitions) all.push_back(state);
        return all;
    }
    void restart(std::int32_t id) {
        const BrokerState* old = image.broker(BrokerId(id));
        const BrokerEpoch previous = dice_.chance(1, 2) ? old->epoch : kNoBrokerEpoch;
        // Now and then with another disk.
        std::uint8_t disk = old->log_dirs.front().bytes[15];
        if (dice_.chance(1, 5)) disk = ++last_disk_;
        register_broker(start_of(id, disk, previous));
    }
    void propose() {
        const std::int32_t id = partition();
        const PartitionState& now = at("t", id);
        if (now.leader == kNoBroker) return;
        BrokerIds isr;
        for (const BrokerId replica : now.replicas) {
            if (replica == now.leader || (image.is_active(replica) && dice_.chance(2, 3))) {
                isr.push_back(replica);
            }
        }
        const auto answer = alter(proposal("t", isr, id));
        EXPECT_TRUE(
            answer.error_code == ErrorCode::kNone ||
            answer.error_code == ErrorCode::kNewLeaderElected
        ) << name_of(answer.error_code);
    }
    void lose(std::int32_t id) {
        const BrokerState* broker = image.broker(BrokerId(id));
        const std::int32_t at_partition = partition();
        if (broker->fenced || !has(at("t", at_partition).replicas, broker->id)) return;
        if (at("t", at_partition).isr.size() < 2) return;  // keep something to check
        apply(assign_directory(
            image,
            policy,
            {.broker = broker->id,
             .epoch = broker->epoch,
             .topic = image.topic("t")->id,
             .partition = PartitionId(at_partition),
             .directory = kLostDirectory}
        ));
    }

    void check(const std::vector<PartitionState>& before) const {
        const TopicRules rules = rules_of(policy, *image.topic("t"));
        for (std::size_t i = 0; i < before.size(); ++i) {
            const PartitionState& state = image.topic("t")->partitions[i];
            if (state.leader != kNoBroker) {
                EXPECT_TRUE(has(state.isr, state.leader)) << "A";
                EXPECT_TRUE(image.is_active(state.leader)) << "A";
            }
            check_sets(state);
            EXPECT_GE(state.leader_epoch, before[i].leader_epoch) << "C";
            EXPECT_GE(state.partition_epoch, before[i].partition_epoch) << "C";
            if (state.leader != before[i].leader) {
                EXPECT_GT(state.leader_epoch, before[i].leader_epoch) << "C";
            }
            if (state != before[i]) {
                EXPECT_GT(state.partition_epoch, before[i].partition_epoch) << "C";
            }
            if (state.isr.size() >= effective_min_isr(state, rules.min_insync_replicas)) {
                EXPECT_TRUE(state.elr.empty()) << "E";
            }
            check_succession(before[i], state);
        }
        Image again;
        for (const MetadataRecord& record : image.to_records()) {
            ASSERT_TRUE(again.apply(record).has_value()) << "F";
        }
        EXPECT_TRUE(again == image) << "F";
    }
    void check_sets(const PartitionState& state) const {
        EXPECT_FALSE(state.replicas.empty()) << "B";
        EXPECT_FALSE(has_duplicates(state.replicas)) << "B";
        EXPECT_FALSE(has_duplicates(joined(state.isr, state.elr))) << "B";
        EXPECT_TRUE(has_all(state.replicas, joined(state.isr, state.elr))) << "B";
        EXPECT_FALSE(has_duplicates(joined(state.adding, state.removing))) << "B";
        EXPECT_TRUE(has_all(state.replicas, joined(state.adding, state.removing))) << "B";
        EXPECT_TRUE(state.directories.empty() || state.directories.size() == state.replicas.size());
        EXPECT_LE(state.last_known_elr.size(), 1U);
        for (const BrokerId member : state.isr) {
            EXPECT_TRUE(image.is_active(member)) << "a member of the ISR is not active";
        }
    }
    // Without force a new leader was in sync or eligible before, or the last known when nobody was.
    void check_succession(const PartitionState& before, const PartitionState& after) const {
        if (after.leader == before.leader || after.leader == kNoBroker) return;
        const bool complete = has(joined(before.isr, before.elr), after.leader);
        const bool nobody = before.isr.empty() && before.elr.empty();
        const bool last_known = nobody && before.last_known_elr == BrokerIds{after.leader};
        // The end of a reassignment and its new leader come in one change.
        EXPECT_TRUE(complete || last_known || before.is_reassigning()) << "G";
    }

    Rng dice_;
    std::uint8_t last_disk_ = 100;
};

TEST(ReplicaProperties, HoldAfterAnySequenceOfEvents) {
    for (std::uint64_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Chaos cluster(seed);
        for (std::int32_t i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) {
            SCOPED_TRACE("step " + std::to_string(i));
            cluster.step();
        }
    }
}

// G with logs: a partition as brokers would run it. A record is committed when the in-sync set has
// its minimum and every member of it has the record. Whoever is elected without force must have
// every committed record, whatever brokers stop, crash or come back.
class ModelledPartition : public ClusterImage {
 public:
    explicit ModelledPartition(std::uint64_t seed) : dice_(seed) {
        policy.topic_defaults.min_insync_replicas = static_cast<std::int32_t>(1 + dice_.below(2));
        add_brokers(1, 3);
        create("t", {ids({1, 2, 3})});
        follow_leader();
    }

    void step() {
        const auto id = static_cast<std::int32_t>(1 + dice_.below(3));
        switch (dice_.below(8)) {
            case 0:
                fence(id);
                break;
            case 1:
            case 2:
                unfence(id);
                break;
            case 3:
                register_broker(start_of(id));
                break;  // a crash: synced records stay
            case 4:
                configure("t", "min.insync.replicas", std::to_string(1 + dice_.below(2)));
                break;
            case 5:
                fetch(id);
                break;
            case 6:
                append();
                break;
            case 7:
                propose();
                break;
        }
        follow_leader();
        commit();
        const BrokerId leader = at("t").leader;
        if (leader != kNoBroker) {
            EXPECT_GE(logs_[leader], committed_) << "a committed record is lost";
        }
    }
    [[nodiscard]] std::int64_t committed() const { return committed_; }

 private:
    // A follower's log is cut to the leader's when leadership changes; then it only grows.
    void follow_leader() {
        const PartitionState& now = at("t");
        if (now.leader_epoch == epoch_) return;
        epoch_ = now.leader_epoch;
        caught_up_.clear();
    }
    void fetch(std::int32_t id) {
        const BrokerId leader = at("t").leader;
        if (leader == kNoBroker || !image.is_active(BrokerId(id))) return;
        logs_[BrokerId(id)] = logs_[leader];
        caught_up_.insert(BrokerId(id));
    }
    void append() {
        const BrokerId leader = at("t").leader;
        if (leader == kNoBroker) return;
        ++logs_[leader];
        caught_up_.clear();
    }
    void propose() {
        const PartitionState& now = at("t");
        if (now.leader == kNoBroker) return;
        BrokerIds isr;
        for (const BrokerId replica : now.replicas) {
            const bool joins = caught_up_.contains(replica) && image.is_active(replica);
            const bool stays = has(now.isr, replica) && dice_.chance(1, 2);
            if (replica == now.leader || joins || stays) isr.push_back(replica);
        }
        EXPECT_EQ(alter(proposal("t", isr)).error_code, ErrorCode::kNone);
    }
    void commit() {
        const PartitionState& now = at("t");
        const TopicRules rules = rules_of(policy, *image.topic("t"));
        if (now.leader == kNoBroker) return;
        if (now.isr.size() < effective_min_isr(now, rules.min_insync_replicas)) return;
        std::int64_t all_have = INT64_MAX;
        for (const BrokerId member : now.isr) all_have = std::min(all_have, logs_[member]);
        committed_ = std::max(committed_, all_have);
    }

    Rng dice_;
    std::map<BrokerId, std::int64_t> logs_;
    std::set<BrokerId> caught_up_;
    LeaderEpoch epoch_ = kNoLeaderEpoch;
    std::int64_t committed_ = 0;
};

TEST(ReplicaProperties, NoElectionWithoutForceLosesACommittedRecord) {
    std::int64_t committed = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        ModelledPartition partition(seed);
        for (std::int32_t i = 0; i < kSteps && !testing::Test::HasFailure(); ++i) {
            SCOPED_TRACE("step " + std::to_string(i));
            partition.step();
        }
        committed += partition.committed();
    }
    EXPECT_GT(committed, 500);  // or it has proved nothing
}

}  // namespace
}  // namespace sealane::broker
