// Latency at a fixed rate. Each sample counts from when its send was due, so that a stall shows in
// every record it held up, not only in the one that met it.

#include "common/base/endian.hpp"
#include "common/client/consumer.hpp"
#include "common/client/producer.hpp"
#include "common/runtime/task_group.hpp"
#include "tests/bench/load.hpp"

namespace sealane::bench {
namespace {

using runtime::Task;

constexpr Duration kWarmUp = 500ms;  // connections, first segments; not counted

struct Schedule {
    Instant start;
    Duration interval;
    std::int64_t warm_up = 0;
    std::int64_t count = 0;  // with the warm-up
    [[nodiscard]] Instant due(std::int64_t number) const { return start + interval * number; }
};

Schedule schedule(const Load& load, Instant now) {
    Schedule made;
    made.start = now + 10ms;
    made.interval = Duration(1s) / load.rate;
    made.warm_up = kWarmUp / made.interval;
    made.count = made.warm_up + load.duration / made.interval;
    return made;
}

client::ProducerOptions producer_options(const Load& load) {
    client::ProducerOptions options;
    options.acks = load.acks;
    options.idempotent = load.acks == -1;
    options.linger = 0ms;
    return options;
}

// The value begins with the instant at which its send was due.
kafka::Record stamped(const Load& load, Instant due, WallTime now) {
    MutableBuffer value(std::max<std::size_t>(load.record_bytes, 8));
    std::ranges::fill(value.view(), std::byte{'x'});
    store_be<std::int64_t>(value.data(), due.ns);
    kafka::Record record;
    record.timestamp = now;
    record.value = std::move(value).freeze();
    return record;
}

struct Sends {
    Latencies latencies;
    std::optional<Error> failure;
};

// One task a record: the next is sent when it is due, whatever became of the one before.
Task<Status> send_all(
    runtime::World& world,
    client::Producer& producer,
    const Load& load,
    const Schedule& plan,
    Sends& sends
) {
    runtime::TaskGroup group(world);
    for (std::int64_t i = 0; i < plan.count; ++i) {
        const Instant due = plan.due(i);
        if (world.now() < due) co_await world.sleep_until(due);
        group.spawn([&, due, counted = i >= plan.warm_up]() -> Task<void> {
            const auto sent = co_await producer.send(
                load.topic, std::nullopt, stamped(load, due, world.wall()), world.now() + 60s
            );
            if (!sent) sends.failure = sent.error();
            if (sent && counted) sends.latencies.add((world.now() - due).count());
        });
    }
    co_await group.join();
    if (sends.failure) co_return fail(*sends.failure);
    co_return Status{};
}

Task<Status> receive_all(
    runtime::World& world, client::Consumer& consumer, const Schedule& plan, Latencies& latencies
) {
    const Instant deadline = plan.due(plan.count) + 30s;
    for (std::int64_t seen = 0; seen < plan.count;) {
        SEALANE_CO_TRY(const auto records, co_await consumer.poll(deadline));
        const Instant now = world.now();
        for (const auto& record : records) {
            const Instant due{load_be<std::int64_t>(record.record.value->data())};
            if (due < plan.start || due >= plan.due(plan.count)) continue;  // not of this run
            ++seen;
            if (due >= plan.due(plan.warm_up)) latencies.add((now - due).count());
        }
        if (now >= deadline) {
            co_return fail(ErrorCode::kDeadlineExceeded, "records did not arrive");
        }
    }
    co_return Status{};
}

}  // namespace

Task<Result<Report>> produce_latency(runtime::World& world, Access access, Load load) {
    client::ClusterClient cluster(world, std::move(access));
    client::Producer producer(cluster, producer_options(load));
    Sends sends;
    const Schedule plan = schedule(load, world.now());
    const Status sent = co_await send_all(world, producer, load, plan, sends);
    co_await producer.stop();
    co_await cluster.stop();
    SEALANE_CO_CHECK(sent);
    Report report;
    sends.latencies.add_to(report);
    co_return report;
}

Task<Result<Report>> end_to_end_latency(
    runtime::World& world, Access source, Access target, Load load
) {
    client::ClusterClient from(world, std::move(source));
    client::ClusterClient to(world, std::move(target));
    client::Producer producer(from, producer_options(load));
    client::Consumer consumer(to, {});
    // The mirror makes the topic when it finds it; there must be something to find.
    auto ready = co_await to.topic(load.topic, world.now() + 5s);
    for (int i = 0; i < 20 && !ready; ++i) {
        co_await world.sleep(500ms);
        ready = co_await to.topic(load.topic, world.now() + 5s);
    }
    Status outcome{};
    if (!ready) outcome = fail(ready.error());
    Sends sends;
    Latencies arrivals;
    if (outcome) {
        for (std::int32_t i = 0; i < load.partitions; ++i) {
            consumer.assign({load.topic, PartitionId(i)}, client::StartAt::at(Offset(0)));
        }
        const Schedule plan = schedule(load, world.now());
        Status sent{};
        runtime::TaskGroup group(world);
        group.spawn([&]() -> Task<void> {
            sent = co_await send_all(world, producer, load, plan, sends);
        });
        outcome = co_await receive_all(world, consumer, plan, arrivals);
        co_await group.join();
        if (outcome) outcome = sent;
    }
    co_await producer.stop();
    co_await consumer.stop();
    co_await from.stop();
    co_await to.stop();
    SEALANE_CO_CHECK(outcome);
    Report report;
    arrivals.add_to(report);
    co_return report;
}

}  // namespace sealane::bench
