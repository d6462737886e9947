#include "tests/bench/connections.hpp"

#include "common/client/connection.hpp"
#include "common/runtime/task_group.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace sealane::bench {
namespace {

using client::Connection;
using runtime::Task;

constexpr int kAtATime = 32;
constexpr Duration kPatience = 120s;

struct Opening {
    runtime::World& world;
    const client::ClientOptions& access;
    std::int32_t left;
    runtime::TaskGroup tasks;  // of the connections
    std::vector<std::shared_ptr<Connection>> open;
    Latencies latencies;
    std::optional<Error> failure;
};

Task<void> open_in_turn(Opening& all) {
    while (all.left > 0 && !all.failure) {
        --all.left;
        const Instant start = all.world.now();
        auto made = co_await Connection::open(
            {.world = all.world,
             .tasks = all.tasks,
             .broker = all.access.bootstrap.front(),
             .tls = all.access.tls,
             .options = {.client_id = all.access.client_id, .sasl = all.access.sasl}},
            start + kPatience
        );
        if (!made) {
            all.failure = made.error();
            co_return;
        }
        all.latencies.add((all.world.now() - start).count());
        all.open.push_back(*std::move(made));
    }
}

Task<Status> open_all(Opening& all) {
    runtime::TaskGroup openers(all.world);
    for (int i = 0; i < kAtATime; ++i) {
        openers.spawn([&all]() -> Task<void> { co_await open_in_turn(all); });
    }
    co_await openers.join();
    if (all.failure) co_return fail(*all.failure);
    co_return Status{};
}

Report report_of(Opening& all, Duration took) {
    Report report;
    const double seconds = static_cast<double>(took.count()) / 1e9;
    const auto count = static_cast<double>(all.open.size());
    report.add("connections", count);
    report.add("seconds", seconds);
    report.add("connections_per_s", count / std::max(seconds, 1e-9));
    report.add("client_cpu_s", own_cpu_seconds());
    all.latencies.add_to(report);
    return report;
}

}  // namespace

Task<Result<Report>> hold_connections(
    runtime::World& world,
    client::ClientOptions access,
    Crowd crowd,
    std::function<void(const Report&)> told
) {
    Opening all{
        .world = world,
        .access = access,
        .left = crowd.connections,
        .tasks = runtime::TaskGroup(world),
        .open = {},
        .latencies = {},
        .failure = {}
    };
    const Instant start = world.now();
    Status outcome = co_await open_all(all);
    Report report = report_of(all, world.now() - start);
    if (outcome) {
        told(report);
        co_await world.sleep(crowd.stay);
        const auto closed = std::ranges::count_if(all.open, [](const auto& connection) {
            return !connection->is_open();
        });
        if (closed != 0) {
            outcome =
                fail(ErrorCode::kEndOfStream, std::to_string(closed) + " connections were closed");
        }
    }
    for (const auto& connection : all.open) connection->close();
    co_await all.tasks.join();
    SEALANE_CO_CHECK(outcome);
    co_return report;
}

}  // namespace sealane::bench
