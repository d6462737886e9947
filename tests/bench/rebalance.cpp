// One group by the classic protocol whose members come and go. Each member has a connection of its
// own and does what a client does: heartbeats, joins when told, syncs; the leader assigns.

#include "common/client/group_membership.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/runtime/task_group.hpp"
#include "tests/bench/groups.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace sealane::bench {
namespace {

using client::Connection;
using client::Lane;
using runtime::Task;

constexpr Duration kPatience = 120s;
constexpr std::string_view kGroup = "bench-rebalance";
constexpr std::string_view kRange = "range";

// What all members see.
struct Scene {
    Scene(client::ClusterClient& of, const Groups& how)
        : cluster(of), load(how), changed(of.world().waits()), tasks(of.world()) {}
    client::ClusterClient& cluster;
    const Groups& load;
    BrokerId coordinator{};
    BufferSlice subscription;
    BufferSlice assignment;  // the same for everybody: brokers do not read it
    runtime::Event changed;  // somebody has an assignment, left or failed
    runtime::TaskGroup tasks;
    std::optional<Error> failure;
};

class Member {
 public:
    explicit Member(Scene& scene)
        : scene_(scene),
          lane_(scene.cluster.own_lane(Lane::kGroup)),
          leaving_(scene.cluster.world().waits()) {}

    // Until leave().
    [[nodiscard]] Task<void> run() {
        const Status outcome = co_await live();
        if (!outcome && !scene_.failure) scene_.failure = outcome.error();
        scene_.cluster.close_lane(lane_);
        gone_ = true;
        scene_.changed.notify_all();
    }
    void leave() {
        wants_to_leave_ = true;
        leaving_.notify_all();
    }
    // -1: it has no assignment.
    [[nodiscard]] std::int32_t generation() const { return generation_; }
    [[nodiscard]] bool gone() const { return gone_; }

 private:
    template <class Request>
    [[nodiscard]] Task<Result<typename Request::Response>> send(Request request) {
        const Instant deadline = scene_.cluster.world().now() + kPatience;
        co_return co_await scene_.cluster.send_to(
            scene_.coordinator, lane_, std::move(request), deadline
        );
    }

    Task<Status> live() {
        while (!wants_to_leave_) {
            if (generation_ < 0) {
                SEALANE_CO_CHECK(co_await join());
                continue;
            }
            runtime::World& world = scene_.cluster.world();
            const Instant next = next_beat_;
            while (!wants_to_leave_ && world.now() < next) {
                (void)co_await leaving_.wait_until(next);
            }
            if (!wants_to_leave_) SEALANE_CO_CHECK(co_await beat());
        }
        kafka::LeaveGroupRequest request;
        request.group_id = kGroup;
        request.members.emplace_back().member_id = id_;
        SEALANE_CO_TRY(const auto answer, co_await send(std::move(request)));
        co_return Status{};
    }

    Task<Status> beat() {
        next_beat_ = scene_.cluster.world().now() + scene_.load.heartbeat;
        kafka::HeartbeatRequest request;
        request.group_id = kGroup;
        request.generation_id = GroupGeneration(generation_);
        request.member_id = id_;
        SEALANE_CO_TRY(const auto answer, co_await send(std::move(request)));
        if (answer.error_code == ErrorCode::kRebalanceInProgress) {
            generation_ = -1;
        } else if (answer.error_code != ErrorCode::kNone) {
            co_return fail(answer.error_code, "heartbeat");
        }
        co_return Status{};
    }

    Task<Status> join() {
        kafka::JoinGroupRequest request;
        request.group_id = kGroup;
        request.session_timeout_ms = 45'000;
        request.rebalance_timeout_ms = 60'000;
        request.member_id = id_;
        request.protocol_type = "consumer";
        request.protocols.push_back({std::string(kRange), scene_.subscription});
        SEALANE_CO_TRY(auto joined, co_await send(std::move(request)));
        id_ = joined.member_id;
        if (joined.error_code == ErrorCode::kMemberIdRequired) co_return Status{};
        if (joined.error_code != ErrorCode::kNone) co_return fail(joined.error_code, "join");
        co_return co_await sync(std::move(joined));
    }

    Task<Status> sync(kafka::JoinGroupResponse joined) {
        kafka::SyncGroupRequest request;
        request.group_id = kGroup;
        request.generation_id = joined.generation_id;
        request.member_id = id_;
        request.protocol_type = "consumer";
        request.protocol_name = std::string(kRange);
        if (joined.leader == id_) {
            for (const auto& member : joined.members) {
                request.assignments.push_back({member.member_id, scene_.assignment});
            }
        }
        SEALANE_CO_TRY(const auto synced, co_await send(std::move(request)));
        if (synced.error_code == ErrorCode::kRebalanceInProgress) co_return Status{};
        if (synced.error_code != ErrorCode::kNone) co_return fail(synced.error_code, "sync");
        generation_ = joined.generation_id.value;
        next_beat_ = scene_.cluster.world().now() + first_beat();
        scene_.changed.notify_all();
        co_return Status{};
    }

    // Clients that run for a while beat at any time, not all at once after a rebalance.
    Duration first_beat() {
        const auto interval = static_cast<std::uint64_t>(scene_.load.heartbeat.count());
        return Duration(static_cast<std::int64_t>(scene_.cluster.world().rng().below(interval)));
    }

    Scene& scene_;
    Lane lane_;
    runtime::Event leaving_;
    bool wants_to_leave_ = false;
    bool gone_ = false;
    std::string id_;
    std::int32_t generation_ = -1;
    Instant next_beat_;
};

using Members = std::vector<std::unique_ptr<Member>>;

void start_member(Scene& scene, Members& members) {
    Member* made = members.emplace_back(std::make_unique<Member>(scene)).get();
    scene.tasks.spawn([made]() -> Task<void> { co_await made->run(); });
}

// The generation that all of them are in; -1: they are not in one.
std::int32_t common_generation(const Members& members) {
    std::int32_t found = -1;
    for (const auto& member : members) {
        if (member->generation() < 0) return -1;
        if (found >= 0 && member->generation() != found) return -1;
        found = member->generation();
    }
    return found;
}

// Until all are in one generation after `before`; which it is.
Task<Result<std::int32_t>> settled(Scene& scene, const Members& members, std::int32_t before) {
    const Instant deadline = scene.cluster.world().now() + kPatience;
    for (;;) {
        if (scene.failure) co_return fail(*scene.failure);
        const std::int32_t now = common_generation(members);
        if (now > before) co_return now;
        if (scene.cluster.world().now() >= deadline) {
            co_return fail(ErrorCode::kDeadlineExceeded, "the group does not settle");
        }
        (void)co_await scene.changed.wait_until(deadline);
    }
}

struct Measured {
    Latencies joins;
    Latencies leaves;
};

Task<Status> come_and_go(Scene& scene, Members& members, Measured& measured) {
    runtime::World& world = scene.cluster.world();
    SEALANE_CO_TRY(std::int32_t generation, co_await settled(scene, members, -1));
    for (std::int32_t round = 0; round < scene.load.rounds; ++round) {
        // Everybody is somewhere between two heartbeats.
        co_await world.sleep(scene.load.heartbeat);
        Instant start = world.now();
        start_member(scene, members);
        SEALANE_CO_TRY(generation, co_await settled(scene, members, generation));
        measured.joins.add((world.now() - start).count());

        co_await world.sleep(scene.load.heartbeat);
        start = world.now();
        const std::unique_ptr<Member> leaver = std::move(members.back());
        members.pop_back();
        leaver->leave();
        auto after = co_await settled(scene, members, generation);
        measured.leaves.add((world.now() - start).count());
        const Instant deadline = world.now() + kPatience;
        while (!leaver->gone() && world.now() < deadline) {
            (void)co_await scene.changed.wait_until(deadline);
        }
        SEALANE_ASSERT(leaver->gone());  // its task refers to it
        SEALANE_CO_TRY(generation, std::move(after));
    }
    co_return Status{};
}

Task<Status> play(Scene& scene, Measured& measured) {
    const Instant deadline = scene.cluster.world().now() + kPatience;
    SEALANE_CO_TRY(
        scene.coordinator, co_await scene.cluster.coordinator(std::string(kGroup), deadline)
    );
    SEALANE_CO_TRY(scene.subscription, client::encode_subscription({scene.load.topic}));
    SEALANE_CO_TRY(
        scene.assignment, client::encode_assignment({{scene.load.topic, PartitionId(0)}})
    );
    Members members;
    for (std::int32_t i = 0; i < scene.load.members; ++i) start_member(scene, members);
    const Status outcome = co_await come_and_go(scene, members, measured);
    for (const auto& member : members) member->leave();
    co_await scene.tasks.join();
    co_return outcome;
}

}  // namespace

Task<Result<Report>> rebalance_classic(
    runtime::World& world, client::ClientOptions access, Groups load
) {
    client::ClusterClient cluster(world, std::move(access));
    Scene scene(cluster, load);
    Measured measured;
    const Status outcome = co_await play(scene, measured);
    co_await cluster.stop();
    SEALANE_CO_CHECK(outcome);
    Report report;
    report.add("members", load.members);
    measured.joins.add_to(report, "join_");
    measured.leaves.add_to(report, "leave_");
    co_return report;
}

}  // namespace sealane::bench
