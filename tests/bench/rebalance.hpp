#pragma once
// One group whose members come and go, by either protocol: what they share, and the play.

#include "common/runtime/task_group.hpp"
#include "tests/bench/groups.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace sealane::bench {

inline constexpr std::string_view kRebalancedGroup = "bench-rebalance";
inline constexpr Duration kRebalancePatience = 120s;

// What all members see.
struct Scene {
    Scene(client::ClusterClient& of, const Groups& how)
        : cluster(of), load(how), changed(of.world().waits()), tasks(of.world()) {}
    client::ClusterClient& cluster;
    const Groups& load;
    BrokerId coordinator{};
    runtime::Event changed;  // somebody has an assignment, left or failed
    runtime::TaskGroup tasks;
    std::optional<Error> failure;
};

// A member with a connection of its own, which does what a client does.
class GroupMember {
 public:
    explicit GroupMember(Scene& scene);
    virtual ~GroupMember() = default;
    GroupMember(const GroupMember&) = delete;
    GroupMember& operator=(const GroupMember&) = delete;

    // Until leave().
    [[nodiscard]] runtime::Task<void> run();
    void leave();
    // In which it has its assignment; -1: it has none that holds.
    [[nodiscard]] std::int32_t generation() const { return generation_; }
    // How many partitions it has; only where the protocol tells them to the broker.
    [[nodiscard]] virtual std::optional<std::int32_t> partitions() const { return std::nullopt; }
    [[nodiscard]] bool gone() const { return gone_; }

 protected:
    // Until wants_to_leave(), and then leaves.
    [[nodiscard]] virtual runtime::Task<Status> live() = 0;

    [[nodiscard]] bool wants_to_leave() const { return wants_to_leave_; }
    // Until then, or until it is told to leave.
    [[nodiscard]] runtime::Task<void> rest(Instant until);
    // Somewhere within an interval: clients that run for a while do not beat all at once.
    [[nodiscard]] Instant some_time_within(Duration interval);
    void set_generation(std::int32_t generation);
    template <class Request>
    [[nodiscard]] runtime::Task<Result<typename Request::Response>> send(Request request) {
        const Instant deadline = scene_.cluster.world().now() + kRebalancePatience;
        co_return co_await scene_.cluster.send_to(
            scene_.coordinator, lane_, std::move(request), deadline
        );
    }

    Scene& scene_;

 private:
    client::Lane lane_;
    runtime::Event leaving_;
    bool wants_to_leave_ = false;
    bool gone_ = false;
    std::int32_t generation_ = -1;
};

// load.members join; then, load.rounds times, one more comes and goes.
using MakeMember = std::function<std::unique_ptr<GroupMember>(Scene&)>;
[[nodiscard]] runtime::Task<Result<Report>> rebalance(
    runtime::World& world, client::ClientOptions access, Groups load, MakeMember make
);

}  // namespace sealane::bench
