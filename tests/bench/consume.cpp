// Consume throughput through client::Consumer: everything that the topic holds when it begins.

#include "common/client/consumer.hpp"
#include "common/client/list_offsets.hpp"
#include "tests/bench/load.hpp"

namespace sealane::bench {
namespace {

using runtime::Task;

struct Seen {
    std::int64_t records = 0;
    std::int64_t bytes = 0;  // of batches, or of values when read record by record
};

Task<Result<Seen>> take(client::Consumer& consumer, bool each_record, Instant deadline) {
    Seen seen;
    if (each_record) {
        SEALANE_CO_TRY(const auto records, co_await consumer.poll(deadline));
        for (const auto& record : records) {
            ++seen.records;
            if (record.record.value) {
                seen.bytes += static_cast<std::int64_t>(record.record.value->size());
            }
        }
        co_return seen;
    }
    SEALANE_CO_TRY(const auto fetched, co_await consumer.poll_batches(deadline));
    if (!fetched) co_return seen;
    if (fetched->error) co_return fail(*fetched->error);
    for (const auto& batch : fetched->batches) {
        seen.records += batch->record_count();
        seen.bytes += static_cast<std::int64_t>(batch.size());
    }
    co_return seen;
}

Task<Result<std::int64_t>> assign_all(
    client::ClusterClient& cluster, client::Consumer& consumer, const Load& load
) {
    std::int64_t records = 0;
    const Instant deadline = cluster.world().now() + 30s;
    for (std::int32_t i = 0; i < load.partitions; ++i) {
        const TopicPartition partition{load.topic, PartitionId(i)};
        SEALANE_CO_TRY(
            const auto end,
            co_await client::list_offset(cluster, partition, client::StartAt::latest(), deadline)
        );
        records += end.offset.value;
        consumer.assign(partition, client::StartAt::at(Offset(0)));
    }
    co_return records;
}

Task<Result<Report>> read_all(
    client::ClusterClient& cluster, client::Consumer& consumer, const Load& load, bool each_record
) {
    runtime::World& world = cluster.world();
    const Instant deadline = world.now() + kPatience;
    const double cpu_before = own_cpu_seconds();
    const Instant start = world.now();
    SEALANE_CO_TRY(const std::int64_t expected, co_await assign_all(cluster, consumer, load));
    Seen all;
    while (all.records < expected) {
        SEALANE_CO_TRY(const Seen more, co_await take(consumer, each_record, deadline));
        all.records += more.records;
        all.bytes += more.bytes;
        if (world.now() >= deadline) co_return fail(ErrorCode::kDeadlineExceeded, "consuming");
    }
    Report report;
    report.add_throughput(all.bytes, all.records, seconds_of(world.now() - start));
    report.add("client_cpu_s", own_cpu_seconds() - cpu_before);
    co_return report;
}

}  // namespace

Task<Result<Report>> consume(runtime::World& world, Access access, Load load, bool each_record) {
    client::ClusterClient cluster(world, std::move(access));
    client::Consumer consumer(cluster, {});
    auto report = co_await read_all(cluster, consumer, load, each_record);
    co_await consumer.stop();
    co_await cluster.stop();
    co_return report;
}

}  // namespace sealane::bench
