// Random members against one group of the consumer protocol: they join, heartbeat, lose answers,
// hold on to partitions for a while, leave, die; topics change; appends fail; the coordinator
// restarts. Each member believes only what it was told, as a client does. Held at every step:
// (A) no partition is believed to be owned by two members that the group knows;
// (B) replaying the log gives the persisted state, and its size; (C) nobody is answered twice.
// In the end: (D) everything is somebody's, evenly, and the group is stable.

#include "common/base/rng.hpp"
#include "tests/unit/broker/groups/consumer/consumer_script.hpp"

namespace sealane::broker::groups {
namespace {

constexpr int kMembers = 6;

// What a client believes.
struct Believer {
    std::string id;
    std::optional<std::string> instance;
    bool in = false;
    bool answer_lost = false;  // tells everything the next time
    std::int32_t epoch = 0;
    PartitionSet owned;
    // Told to it and not done yet.
    std::optional<PartitionSet> told;
    Instant last_answer;
};

class RandomConsumers {
 public:
    explicit RandomConsumers(std::uint64_t seed) : rng_(seed) {
        script_.topics->set("t", 1, static_cast<std::int32_t>(rng_.between(1, 12)));
        for (int i = 0; i < kMembers; ++i) {
            members_[i].id = "m" + std::to_string(i);
            if (rng_.chance(1, 3)) members_[i].instance = "i" + std::to_string(i);
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            if (rng_.chance(1, 30)) script_.fail_appends = ErrorCode::kCoordinatorNotAvailable;
            random_event();
            script_.fail_appends.reset();
            check_owners();
            if (rng_.chance(1, 10)) check_replay();
        }
        if (::testing::Test::HasFailure()) return;
        converge();
    }

 private:
    void random_event() {
        Believer& member = members_[rng_.below(kMembers)];
        switch (rng_.below(16)) {
            case 0:
                return leave(member);
            case 1:
                if (rng_.chance(1, 4)) die(member);
                return;
            case 2:
                return script_.wait(std::chrono::milliseconds(rng_.between(1, 20'000)));
            case 3:
                if (rng_.chance(1, 3)) change_topics();
                return;
            case 4:
                if (rng_.chance(1, 4)) script_.core = script_.restarted();
                return;
            case 5:
            case 6:
                // It has closed what it was told to give up, and opened what is new.
                if (member.told) obey(member);
                return;
            default:
                return beat(member);
        }
    }

    void change_topics() {
        if (rng_.chance(1, 2)) {
            script_.topics->set("t", 1, static_cast<std::int32_t>(rng_.between(1, 12)));
        } else if (rng_.chance(1, 2)) {
            script_.topics->set("u", 2, static_cast<std::int32_t>(rng_.between(1, 5)));
        } else {
            script_.topics->remove("u");
        }
    }

    void beat(Believer& member) {
        ConsumerHeartbeatRequest request =
            member.in ? script_.beating(member.id, member.epoch) : joining(member);
        request.instance_id = member.instance;
        if (member.in && (member.answer_lost || rng_.chance(1, 2))) {
            request.owned = member.owned;
            request.topics = topics_of(member);
            request.rebalance_timeout_ms = 60'000;
        }
        const auto reply = script_.beat(std::move(request));
        if (rng_.chance(1, 8)) {
            member.answer_lost = true;
            return;
        }
        take(member, reply);
    }
    ConsumerHeartbeatRequest joining(Believer& member) {
        member.owned.clear();
        member.told.reset();
        member.epoch = 0;
        return script_.joining(member.id, topics_of(member));
    }
    [[nodiscard]] static std::vector<std::string> topics_of(const Believer& member) {
        if (member.id == "m0") return {"t"};
        return {"t", "u"};
    }

    void take(Believer& member, const ConsumerHeartbeatReply& reply) {
        switch (reply.error) {
            case ErrorCode::kNone:
                break;
            case ErrorCode::kUnknownMemberId:
            case ErrorCode::kFencedMemberEpoch:
            case ErrorCode::kGroupIdNotFound:
                return forget(member);
            case ErrorCode::kCoordinatorNotAvailable:
            case ErrorCode::kUnreleasedInstanceId:  // that its old self left was not written
                return;
            default:
                ADD_FAILURE() << "error " << static_cast<int>(reply.error);
                return;
        }
        member.in = true;
        member.answer_lost = false;
        member.epoch = reply.member_epoch;
        member.last_answer = script_.now;
        if (reply.assignment) member.told = *reply.assignment;
    }
    // What was given up in the last heartbeat may be somebody else's by now: while its answer is
    // missing a member opens nothing.
    void obey(Believer& member) {
        if (member.answer_lost) {
            std::erase_if(member.owned, [&member](const TopicIdPartition& each) {
                return !member.told->contains(each);
            });
            return;
        }
        member.owned = *member.told;
        member.told.reset();
    }
    void leave(Believer& member) {
        if (!member.in) return;
        const bool for_a_while = member.instance && rng_.chance(1, 2);
        ConsumerHeartbeatRequest request =
            script_.beating(member.id, for_a_while ? kStaticLeavingEpoch : kLeavingEpoch);
        request.instance_id = member.instance;
        (void)script_.beat(std::move(request));
        if (for_a_while && rng_.chance(1, 2)) member.id += "x";  // another process comes back
        forget(member);
    }
    void die(Believer& member) {
        forget(member);
        // A static member that dies has to wait for its old self to be fenced.
        if (member.instance) script_.wait(50s);
    }
    static void forget(Believer& member) {
        member.in = false;
        member.answer_lost = false;
        member.owned.clear();
        member.told.reset();
        member.epoch = 0;
    }

    // Whoever the group does not know any more was fenced; it is told in its next heartbeat.
    void check_owners() {
        std::map<TopicIdPartition, std::string> owners;
        for (Believer& member : members_) {
            const auto known = script_.member_of(member.id);
            if (!member.in || !known || known->is_away()) continue;
            for (const TopicIdPartition& each : member.owned) {
                const auto [at, fresh] = owners.emplace(each, member.id);
                EXPECT_TRUE(fresh) << at->second << " and " << member.id;
            }
        }
        PartitionSet held;
        for (const auto& each : script_.group().members) {
            for (const HeldPartitions* part :
                 {&each.member.current.assigned, &each.member.current.pending_revocation})
                for (const auto& [partition, epoch] : *part)
                    EXPECT_TRUE(held.insert(partition).second) << "held twice";
        }
    }
    void check_replay() {
        const CoordinatorCore again = script_.restarted();
        EXPECT_EQ(live_records(script_.core), live_records(again));
        EXPECT_EQ(script_.core.live_bytes(), again.live_bytes());
        std::size_t sum = 0;
        for (const CoordinatorRecord& record : live_records(script_.core))
            sum += stored_size(record);
        EXPECT_EQ(script_.core.live_bytes(), sum);
        // And so does the log as it is rewritten.
        CoordinatorCore rewritten{GroupConfig{}};
        for (const Effects& part : script_.core.snapshot(100)) GroupMachine::apply(part, rewritten);
        EXPECT_EQ(live_records(rewritten), live_records(again));
    }

    void converge() {
        for (Believer& member : members_)
            if (!member.in) forget(member);
        for (int round = 0; round < 60; ++round) {
            script_.wait(3s);
            for (Believer& member : members_) {
                ConsumerHeartbeatRequest request =
                    member.in ? script_.beating(member.id, member.epoch) : joining(member);
                request.instance_id = member.instance;
                request.owned = member.owned;
                request.topics = topics_of(member);
                request.rebalance_timeout_ms = 60'000;
                const auto reply = script_.beat(std::move(request));
                // Of a self that has not been fenced yet.
                if (reply.error == ErrorCode::kUnreleasedInstanceId) continue;
                take(member, reply);
                if (member.told) obey(member);
                check_owners();
            }
        }
        check_replay();
        EXPECT_EQ(script_.group().state, ConsumerGroupState::kStable);
        EXPECT_EQ(script_.member_ids().size(), static_cast<std::size_t>(kMembers));
        std::size_t total = 0;
        std::size_t least = SIZE_MAX;
        std::size_t most = 0;
        for (const Believer& member : members_) {
            EXPECT_EQ(member.owned, script_.assigned(member.id));
            total += member.owned.size();
            if (member.id.starts_with("m0")) continue;  // reads less than the others
            least = std::min(least, member.owned.size());
            most = std::max(most, member.owned.size());
        }
        std::size_t wanted = 0;
        for (const char* name : {"t", "u"})
            if (const auto topic = script_.topics->find(name))
                wanted += static_cast<std::size_t>(topic->partitions);
        EXPECT_EQ(total, wanted);
        EXPECT_LE(most - least, 1U);
    }

    Rng rng_;
    ConsumerScript script_;
    Believer members_[kMembers];
};

TEST(ConsumerGroupModel, RandomLives) {
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomConsumers(seed).run(400);
        if (HasFailure()) return;
    }
}

}  // namespace
}  // namespace sealane::broker::groups
