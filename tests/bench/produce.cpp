// Produce throughput, two ways: batches made before the clock starts, which measures the broker,
// and record by record through client::Producer, which measures both.

#include "common/client/producer.hpp"
#include "tests/bench/load.hpp"

#include <deque>

namespace sealane::bench {
namespace {

using runtime::Task;
using Reply = client::Reply<kafka::ProduceResponse>;

// One request per turn, its batches for consecutive partitions, so that all are used alike.
class Requests {
 public:
    Requests(const Load& load, kafka::RecordBatch batch, Uuid topic_id)
        : load_(load), batch_(std::move(batch)), topic_id_(topic_id) {}

    [[nodiscard]] kafka::ProduceRequest next() {
        kafka::ProduceRequest request;
        request.acks = load_.acks;
        request.timeout_ms = 30'000;
        auto& topic = request.topic_data.emplace_back();
        topic.name = load_.topic;
        topic.topic_id = topic_id_;
        for (std::size_t i = 0; i < load_.request_batches; ++i) {
            topic.partition_data.push_back({PartitionId(partition_), batch_.bytes()});
            partition_ = (partition_ + 1) % load_.partitions;
        }
        return request;
    }
    [[nodiscard]] std::int64_t bytes() const { return records_times(load_.record_bytes); }
    [[nodiscard]] std::int64_t records() const { return records_times(1); }

 private:
    [[nodiscard]] std::int64_t records_times(std::size_t factor) const {
        return batch_->record_count() * static_cast<std::int64_t>(load_.request_batches * factor);
    }
    const Load& load_;
    kafka::RecordBatch batch_;
    Uuid topic_id_;
    std::int32_t partition_ = 0;
};

Task<Status> take_answer(Reply reply) {
    SEALANE_CO_TRY(const auto answer, co_await reply.wait());
    for (const auto& topic : answer.responses) {
        for (const auto& partition : topic.partition_responses) {
            if (partition.error_code != ErrorCode::kNone) {
                co_return fail(partition.error_code, partition.error_message.value_or(""));
            }
        }
    }
    co_return Status{};
}

Task<Result<Report>> send_batches(client::ClusterClient& cluster, const Load& load) {
    runtime::World& world = cluster.world();
    const Instant deadline = world.now() + kPatience;
    SEALANE_CO_TRY(
        const auto leader, co_await cluster.leader({load.topic, PartitionId(0)}, deadline)
    );
    SEALANE_CO_TRY(
        const auto connection,
        co_await cluster.connection(leader.broker, client::Lane::kProduce, deadline)
    );
    SEALANE_CO_TRY(auto batch, make_batch(load, world.wall()));
    Requests requests(load, std::move(batch), leader.topic_id);
    std::deque<Reply> open;
    std::int64_t sent = 0;
    std::int64_t records = 0;
    const double cpu_before = own_cpu_seconds();
    const Instant start = world.now();
    while (sent < load.total_bytes || !open.empty()) {
        if (open.size() >= load.in_flight || sent >= load.total_bytes) {
            Reply oldest = std::move(open.front());
            open.pop_front();
            SEALANE_CO_CHECK(co_await take_answer(std::move(oldest)));
            continue;
        }
        SEALANE_CO_TRY(auto reply, connection->start(requests.next(), deadline));
        open.push_back(std::move(reply));
        sent += requests.bytes();
        records += requests.records();
    }
    Report report;
    report.add_throughput(sent, records, seconds_of(world.now() - start));
    report.add("client_cpu_s", own_cpu_seconds() - cpu_before);
    co_return report;
}

Task<Result<Report>> send_records(
    client::ClusterClient& cluster, client::Producer& producer, const Load& load
) {
    runtime::World& world = cluster.world();
    const Instant deadline = world.now() + kPatience;
    SEALANE_CO_CHECK(co_await cluster.topic(load.topic, deadline));
    constexpr std::size_t kPayloads = 256;
    std::vector<BufferSlice> payloads;
    for (std::size_t i = 0; i < kPayloads; ++i) payloads.push_back(payload(load.record_bytes, i));
    const std::int64_t records = load.total_bytes / static_cast<std::int64_t>(load.record_bytes);
    kafka::Record record;
    record.timestamp = world.wall();
    const double cpu_before = own_cpu_seconds();
    const Instant start = world.now();
    for (std::int64_t i = 0; i < records; ++i) {
        record.value = payloads[static_cast<std::size_t>(i) % kPayloads];
        SEALANE_CO_CHECK(co_await producer.enqueue(load.topic, std::nullopt, record, deadline));
    }
    SEALANE_CO_CHECK(co_await producer.flush(deadline));
    Report report;
    report.add_throughput(
        records * static_cast<std::int64_t>(load.record_bytes),
        records,
        seconds_of(world.now() - start)
    );
    report.add("client_cpu_s", own_cpu_seconds() - cpu_before);
    co_return report;
}

}  // namespace

Task<Result<Report>> produce_batches(runtime::World& world, Access access, Load load) {
    client::ClusterClient cluster(world, std::move(access));
    auto report = co_await send_batches(cluster, load);
    co_await cluster.stop();
    co_return report;
}

Task<Result<Report>> produce_records(runtime::World& world, Access access, Load load) {
    client::ClusterClient cluster(world, std::move(access));
    client::ProducerOptions options;
    options.acks = load.acks;
    options.idempotent = load.acks == -1;
    options.codec = load.codec;
    options.batch_bytes = load.batch_bytes;
    client::Producer producer(cluster, options);
    auto report = co_await send_records(cluster, producer, load);
    co_await producer.stop();
    co_await cluster.stop();
    co_return report;
}

}  // namespace sealane::bench
