// The reader: all partitions from the beginning, assigned by hand, for as long as it lives.

#include "common/client/consumer.hpp"
#include "tests/chaos/client/history.hpp"
#include "tests/chaos/client/parts.hpp"

#include <algorithm>

namespace sealane::chaos {

using runtime::Task;

namespace {

std::int64_t age_of_oldest(WallTime now, const std::vector<client::ConsumerRecord>& records) {
    std::int64_t oldest = now.ms;
    for (const auto& one : records) oldest = std::min(oldest, one.record.timestamp.ms);
    return now.ms - oldest;
}

void assign_all(client::Consumer& consumer, const Options& options, History& history, Instant now) {
    std::vector<TopicPartition> all;
    for (std::int32_t i = 0; i < options.partitions; ++i)
        all.push_back({options.topic, PartitionId(i)});
    history.assign(now, "", GroupGeneration(-1), all);
    for (const auto& one : all) {
        const auto position = consumer.position(one);
        consumer.assign(
            one, position ? client::StartAt::at(*position) : client::StartAt::earliest()
        );
    }
}

}  // namespace

Task<int> read(runtime::World& world, Stop& stop, Options options) {
    client::ClusterClient cluster(world, options.access);
    client::ConsumerOptions reading;
    reading.max_wait = 200ms;
    client::Consumer consumer(cluster, reading);
    History history(options.history, options.name);
    std::int64_t count = 0;
    assign_all(consumer, options, history, world.now());
    while (!stop.requested()) {
        const auto records = co_await consumer.poll(world.now() + 200ms);
        if (!records) {
            // The log no longer has what was promised, or has other records there.
            say("error " + options.name + ": " + records.error().to_string());
            co_await world.sleep(1s);
            assign_all(consumer, options, history, world.now());
            continue;
        }
        if (records->empty()) continue;
        history.poll(world.now(), *records);
        count += static_cast<std::int64_t>(records->size());
        say("lag " + std::to_string(age_of_oldest(world.wall(), *records)));
    }
    co_await consumer.stop();
    co_await cluster.stop();
    say("read " + std::to_string(count));
    co_return 0;
}

}  // namespace sealane::chaos
