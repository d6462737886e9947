// Topics for a measurement, and waiting for what a mirror brings.

#include "common/client/admin.hpp"
#include "tests/bench/load.hpp"

#include <cstdio>

namespace sealane::bench {

using runtime::Task;

Task<Result<Report>> create_topics(runtime::World& world, Access access, Load load) {
    client::ClusterClient cluster(world, std::move(access));
    client::Admin admin(cluster);
    const Instant start = world.now();
    Status outcome{};
    for (std::int32_t i = 0; i < load.topics && outcome; ++i) {
        client::NewTopic topic;
        topic.name = load.topics == 1 ? load.topic : load.topic + "-" + std::to_string(i);
        topic.partitions = load.partitions;
        topic.replication = load.replicas;
        if (!load.flush.empty()) topic.configs["sealane.flush"] = load.flush;
        outcome = co_await admin.create_topic(std::move(topic), world.now() + kPatience);
    }
    Report report;
    report.add("seconds", seconds_of(world.now() - start));
    co_await cluster.stop();
    SEALANE_CO_CHECK(outcome);
    co_return report;
}

Task<Result<Report>> delete_topic(runtime::World& world, Access access, Load load) {
    client::ClusterClient cluster(world, std::move(access));
    client::Admin admin(cluster);
    const Status outcome = co_await admin.delete_topic(load.topic, world.now() + kPatience);
    co_await cluster.stop();
    SEALANE_CO_CHECK(outcome);
    co_return Report{};
}

namespace {

// The sum of the partitions' ends; 0 while the topic is not there.
Task<std::int64_t> records_in(client::ClusterClient& cluster, const Load& load) {
    std::map<TopicPartition, client::StartAt> places;
    for (std::int32_t i = 0; i < load.partitions; ++i) {
        places[{load.topic, PartitionId(i)}] = client::StartAt::latest();
    }
    const Instant deadline = cluster.world().now() + 5s;
    const auto ends = co_await client::list_offsets(cluster, std::move(places), false, deadline);
    std::int64_t sum = 0;
    for (const auto& [partition, end] : ends) sum += end ? end->offset.value : 0;
    co_return sum;
}

}  // namespace

Task<Result<Report>> await_records(
    runtime::World& world, Access access, Load load, std::int64_t records
) {
    client::ClusterClient cluster(world, std::move(access));
    const Instant deadline = world.now() + load.patience;
    const std::int64_t first_seen = co_await records_in(cluster, load);
    // Whoever starts what is waited for reads this first.
    std::printf("looking\n");
    (void)std::fflush(stdout);
    std::int64_t seen = first_seen;
    Instant start = world.now();
    while (seen < records && world.now() < deadline) {
        // Nobody tells: the end offsets are the only witness that costs the brokers nothing.
        co_await world.sleep(5ms);
        if (seen == first_seen) start = world.now();
        seen = co_await records_in(cluster, load);
    }
    const double seconds = seconds_of(world.now() - start);
    co_await cluster.stop();
    if (seen < records) {
        co_return fail(
            ErrorCode::kDeadlineExceeded,
            std::to_string(seen) + " of " + std::to_string(records) + " records came"
        );
    }
    Report report;
    const std::int64_t timed = seen - first_seen;
    report.add_throughput(timed * static_cast<std::int64_t>(load.record_bytes), timed, seconds);
    co_return report;
}

}  // namespace sealane::bench
