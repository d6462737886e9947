// Random clients, time, restarts and failing appends against one group. Held at every step:
// (A) a partition has at most one owner in a generation; (B) the generation a join answers with
// never goes back while the group is there; (C) replaying the log gives the persisted state; (D)
// nobody is answered twice, and (E) everybody is answered in the end.

#include "common/base/rng.hpp"
#include "tests/unit/broker/groups/group_script.hpp"

#include <set>

namespace sealane::broker::groups {
namespace {

constexpr int kClients = 5;

struct Client {
    std::optional<std::string> instance;
    std::string member_id;
    std::int32_t generation = -1;
    std::int32_t joined = -1;  // since the coordinator started
    bool leads = false;
    std::vector<std::string> members;  // of the generation it leads
    std::optional<Ticket> join;
    std::optional<Ticket> sync;
};

class RandomGroup {
 public:
    explicit RandomGroup(std::uint64_t seed) : rng_(seed) {
        for (int i = 0; i < kClients; ++i) {
            if (rng_.chance(1, 3)) clients_[i].instance = "i" + std::to_string(i);
        }
    }

    void run(int steps) {
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            script_.fail_appends.reset();
            if (rng_.chance(1, 40)) script_.fail_appends = ErrorCode::kNotCoordinator;
            random_event();
            script_.fail_appends.reset();
            collect();
            if (script_.state() == GroupState::kDead) forget_generations();
            if (rng_.chance(1, 10)) {
                EXPECT_EQ(live_records(script_.core), live_records(script_.restarted()));
            }
        }
        script_.wait(std::chrono::minutes(20));
        collect();
        EXPECT_EQ(script_.parked(), lost_);
        EXPECT_EQ(script_.core.next_wake(), Instant::never());
    }
    [[nodiscard]] std::size_t generations() const { return owners_.size(); }

 private:
    void random_event() {
        Client& client = clients_[rng_.below(kClients)];
        switch (rng_.below(12)) {
            case 0:
            case 1:
            case 2:
                return join(client);
            case 3:
            case 4:
            case 5:
                return sync(client);
            case 6:
                return heartbeat(client);
            case 7:
                if (rng_.chance(1, 3)) leave(client);
                return;
            case 8:
                (void)script_.commit(client.member_id, client.generation, rng_.between(0, 99));
                return;
            case 9:
                if (rng_.chance(1, 30)) restart();
                return;
            default:
                return script_.wait(std::chrono::milliseconds(rng_.between(1, 4000)));
        }
    }

    void join(Client& client) {
        if (client.join && rng_.chance(3, 4)) return;
        JoinRequest request = GroupScript::join_of(client.member_id, client.instance);
        if (rng_.chance(1, 20)) request.member_id = "";
        request.requires_member_id = rng_.chance(1, 2);
        request.skips_assignment = rng_.chance(1, 2);
        request.fresh_suffix = std::to_string(++suffix_);
        request.rebalance_timeout_ms = static_cast<std::int32_t>(rng_.between(1'000, 20'000));
        if (rng_.chance(1, 4))
            request.protocols.push_back({"sticky", BufferSlice::copy_of(request.fresh_suffix)});
        client.join = script_.send(std::move(request));
    }

    void sync(Client& client) {
        if (client.sync && rng_.chance(3, 4)) return;
        std::vector<std::pair<std::string, std::string>> given;
        if (client.leads) {
            // Each of 8 partitions to one member, as one letter of its assignment.
            std::map<std::string, std::string> plan;
            for (char partition = 'a'; partition < 'i'; ++partition)
                plan[client.members.at(rng_.below(client.members.size()))] += partition;
            given.assign(plan.begin(), plan.end());
        }
        std::int32_t generation = client.generation;
        if (rng_.chance(1, 20)) --generation;
        client.sync = script_.sync(client.member_id, generation, given, client.instance);
        sync_generation_[*client.sync] = generation;
    }

    void heartbeat(Client& client) {
        const ErrorCode error =
            script_.heartbeat(client.member_id, client.generation, client.instance);
        if (error == ErrorCode::kUnknownMemberId || error == ErrorCode::kFencedInstanceId)
            client.member_id.clear();
    }

    void leave(Client& client) {
        (void)script_.leave(client.member_id, client.instance);
        client.member_id.clear();
    }

    void restart() {
        // Whatever was parked is lost with the connection.
        lost_ = script_.parked();
        for (Client& client : clients_) {
            client.join.reset();
            client.sync.reset();
        }
        forget_generations();
        script_.core = script_.restarted();
    }

    // A generation without an assignment is not persisted: its number may come again, for nobody
    // owned anything in it.
    void forget_generations() {
        for (Client& client : clients_) client.joined = -1;
    }

    void collect() {
        for (std::size_t i = 0; i < kClients; ++i) {
            Client& client = clients_[i];
            if (client.join) take_join(client);
            if (client.sync) take_sync(i, client);
        }
    }

    void take_join(Client& client) {
        const auto reply = script_.answer<JoinReply>(*client.join);
        if (!reply) return;
        client.join.reset();
        client.leads = false;
        if (reply->error == ErrorCode::kMemberIdRequired) client.member_id = reply->member_id;
        if (reply->error == ErrorCode::kUnknownMemberId ||
            reply->error == ErrorCode::kFencedInstanceId)
            client.member_id.clear();
        if (reply->error != ErrorCode::kNone) return;
        EXPECT_GE(reply->generation.value, client.joined);
        client.joined = reply->generation.value;
        client.member_id = reply->member_id;
        client.generation = reply->generation.value;
        client.leads = reply->leader == reply->member_id && !reply->skip_assignment;
        client.members.clear();
        for (const JoinedMember& member : reply->members)
            client.members.push_back(member.member_id);
        if (client.members.empty()) client.leads = false;
    }

    void take_sync(std::size_t who, Client& client) {
        const auto reply = script_.answer<SyncReply>(*client.sync);
        if (!reply) return;
        const std::int32_t generation = sync_generation_.at(*client.sync);
        client.sync.reset();
        if (reply->error != ErrorCode::kNone) return;
        for (const char partition : reply->assignment.text()) {
            const auto [at, fresh] = owners_[generation].emplace(partition, who);
            EXPECT_TRUE(fresh || at->second == who)
                << "generation " << generation << " partition " << partition;
        }
    }

    Rng rng_;
    GroupScript script_;
    Client clients_[kClients];
    std::map<Ticket, std::int32_t> sync_generation_;
    std::map<std::int32_t, std::map<char, std::size_t>> owners_;
    std::size_t lost_ = 0;
    int suffix_ = 0;
};

TEST(GroupProperty, RandomClientsNeverShareAPartition) {
    std::size_t generations = 0;
    for (std::uint64_t seed = 1; seed <= 300 && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomGroup group(seed);
        group.run(600);
        generations += group.generations();
    }
    EXPECT_GT(generations, 1000U) << "the clients get somewhere";
}

}  // namespace
}  // namespace sealane::broker::groups
