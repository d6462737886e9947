#include "tests/bench/rebalance.hpp"

#include <vector>

namespace sealane::bench {

using runtime::Task;

namespace {

constexpr Duration kAsTold = 5s;  // what brokers tell members of the consumer protocol

using Members = std::vector<std::unique_ptr<GroupMember>>;

void start_member(Scene& scene, Members& members, const MakeMember& make) {
    GroupMember* made = members.emplace_back(make(scene)).get();
    scene.tasks.spawn([made]() -> Task<void> { co_await made->run(); });
}

// The generation that all of them are in with all partitions; -1: they are not in one.
std::int32_t common_generation(const Members& members, std::int32_t partitions) {
    std::int32_t found = -1;
    std::int32_t assigned = 0;
    for (const auto& member : members) {
        if (member->generation() < 0) return -1;
        if (found >= 0 && member->generation() != found) return -1;
        found = member->generation();
        const auto some = member->partitions();
        assigned = some ? assigned + *some : partitions;
    }
    return assigned == partitions ? found : -1;
}

// Until all are in one generation after `before`; which it is.
Task<Result<std::int32_t>> settled(Scene& scene, const Members& members, std::int32_t before) {
    const Instant deadline = scene.cluster.world().now() + kRebalancePatience;
    for (;;) {
        if (scene.failure) co_return fail(*scene.failure);
        const std::int32_t now = common_generation(members, scene.load.partitions);
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

Task<Status> come_and_go(
    Scene& scene, Members& members, const MakeMember& make, Measured& measured
) {
    runtime::World& world = scene.cluster.world();
    // Everybody is somewhere between two heartbeats when somebody comes or goes.
    const Duration pause = scene.load.heartbeat.count() != 0 ? scene.load.heartbeat : kAsTold;
    SEALANE_CO_TRY(std::int32_t generation, co_await settled(scene, members, -1));
    for (std::int32_t round = 0; round < scene.load.rounds; ++round) {
        co_await world.sleep(pause);
        Instant start = world.now();
        start_member(scene, members, make);
        SEALANE_CO_TRY(generation, co_await settled(scene, members, generation));
        measured.joins.add((world.now() - start).count());

        co_await world.sleep(pause);
        start = world.now();
        const std::unique_ptr<GroupMember> leaver = std::move(members.back());
        members.pop_back();
        leaver->leave();
        auto after = co_await settled(scene, members, generation);
        measured.leaves.add((world.now() - start).count());
        const Instant deadline = world.now() + kRebalancePatience;
        while (!leaver->gone() && world.now() < deadline) {
            (void)co_await scene.changed.wait_until(deadline);
        }
        SEALANE_ASSERT(leaver->gone());  // its task refers to it
        SEALANE_CO_TRY(generation, std::move(after));
    }
    co_return Status{};
}

Task<Status> play(Scene& scene, const MakeMember& make, Measured& measured) {
    const Instant deadline = scene.cluster.world().now() + kRebalancePatience;
    SEALANE_CO_TRY(
        scene.coordinator,
        co_await scene.cluster.coordinator(std::string(kRebalancedGroup), deadline)
    );
    Members members;
    for (std::int32_t i = 0; i < scene.load.members; ++i) start_member(scene, members, make);
    const Status outcome = co_await come_and_go(scene, members, make, measured);
    for (const auto& member : members) member->leave();
    co_await scene.tasks.join();
    co_return outcome;
}

}  // namespace

GroupMember::GroupMember(Scene& scene)
    : scene_(scene),
      lane_(scene.cluster.own_lane(client::Lane::kGroup)),
      leaving_(scene.cluster.world().waits()) {}

Task<void> GroupMember::run() {
    const Status outcome = co_await live();
    if (!outcome && !scene_.failure) scene_.failure = outcome.error();
    scene_.cluster.close_lane(lane_);
    gone_ = true;
    scene_.changed.notify_all();
}

void GroupMember::leave() {
    wants_to_leave_ = true;
    leaving_.notify_all();
}

Task<void> GroupMember::rest(Instant until) {
    while (!wants_to_leave_ && scene_.cluster.world().now() < until) {
        (void)co_await leaving_.wait_until(until);
    }
}

Instant GroupMember::some_time_within(Duration interval) {
    runtime::World& world = scene_.cluster.world();
    const std::uint64_t most = static_cast<std::uint64_t>(interval.count());
    return world.now() + Duration(static_cast<std::int64_t>(world.rng().below(most)));
}

void GroupMember::set_generation(std::int32_t generation) {
    generation_ = generation;
    if (generation >= 0) scene_.changed.notify_all();
}

Task<Result<Report>> rebalance(
    runtime::World& world, client::ClientOptions access, Groups load, MakeMember make
) {
    client::ClusterClient cluster(world, std::move(access));
    Scene scene(cluster, load);
    Measured measured;
    const Status outcome = co_await play(scene, make, measured);
    co_await cluster.stop();
    SEALANE_CO_CHECK(outcome);
    Report report;
    report.add("members", load.members);
    measured.joins.add_to(report, "join_");
    measured.leaves.add_to(report, "leave_");
    co_return report;
}

}  // namespace sealane::bench
