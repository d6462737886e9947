// Produce throughput, two ways: batches made before the clock starts, which measures the broker,
// and record by record through client::Producer, which measures both.

#include "common/client/producer.hpp"
#include "common/runtime/task_group.hpp"
#include "tests/bench/load.hpp"

#include <deque>
#include <map>

namespace sealane::bench {
namespace {

using runtime::Task;
using Reply = client::Reply<kafka::ProduceResponse>;

// Requests to one leader: its partitions in turn, so that all are used alike.
class Requests {
 public:
    Requests(const Load& load, kafka::RecordBatch batch, Uuid topic_id)
        : load_(load), batch_(std::move(batch)), topic_id_(topic_id) {}

    void add(PartitionId partition) { partitions_.push_back(partition); }

    [[nodiscard]] kafka::ProduceRequest next() {
        kafka::ProduceRequest request;
        request.acks = load_.acks;
        request.timeout_ms = 30'000;
        auto& topic = request.topic_data.emplace_back();
        topic.name = load_.topic;
        topic.topic_id = topic_id_;
        for (std::size_t i = 0; i < load_.request_batches; ++i) {
            topic.partition_data.push_back(
                {partitions_[turn_++ % partitions_.size()], batch_.bytes()}
            );
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
    std::vector<PartitionId> partitions_;
    std::size_t turn_ = 0;
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

// A leader, and the requests that it has not answered yet.
struct Lane {
    std::shared_ptr<client::Connection> connection;
    Requests requests;
    std::deque<Reply> open;
};

using Lanes = std::map<BrokerId, Lane>;

Task<Result<Lanes>> lanes_of(client::ClusterClient& cluster, const Load& load, Instant deadline) {
    Lanes lanes;
    SEALANE_CO_TRY(const auto batch, make_batch(load, cluster.world().wall()));
    for (std::int32_t i = 0; i < load.partitions; ++i) {
        const TopicPartition partition{load.topic, PartitionId(i)};
        SEALANE_CO_TRY(const auto leader, co_await cluster.leader(partition, deadline));
        auto lane = lanes.find(leader.broker);
        if (lane == lanes.end()) {
            SEALANE_CO_TRY(
                auto connection,
                co_await cluster.connection(leader.broker, client::Lane::kProduce, deadline)
            );
            Lane made{std::move(connection), Requests(load, batch, leader.topic_id), {}};
            lane = lanes.emplace(leader.broker, std::move(made)).first;
        }
        lane->second.requests.add(partition.partition);
    }
    co_return lanes;
}

struct Sent {
    std::int64_t bytes = 0;
    std::int64_t records = 0;
};

// Keeps one leader busy until all of them together were sent everything, and answered.
Task<Status> send_to_leader(const Load& load, Lane& lane, Sent& sent, Instant deadline) {
    while (sent.bytes < load.total_bytes || !lane.open.empty()) {
        if (lane.open.size() >= load.in_flight || sent.bytes >= load.total_bytes) {
            Reply oldest = std::move(lane.open.front());
            lane.open.pop_front();
            SEALANE_CO_CHECK(co_await take_answer(std::move(oldest)));
            continue;
        }
        SEALANE_CO_TRY(auto reply, lane.connection->start(lane.requests.next(), deadline));
        lane.open.push_back(std::move(reply));
        sent.bytes += lane.requests.bytes();
        sent.records += lane.requests.records();
    }
    co_return Status{};
}

Task<Result<Report>> send_batches(client::ClusterClient& cluster, const Load& load) {
    runtime::World& world = cluster.world();
    const Instant deadline = world.now() + kPatience;
    SEALANE_CO_TRY(Lanes lanes, co_await lanes_of(cluster, load, deadline));
    Sent sent;
    Status outcome{};
    const double cpu_before = own_cpu_seconds();
    const Instant start = world.now();
    runtime::TaskGroup group(world);
    for (auto& each : lanes) {
        group.spawn([&, to = &each.second]() -> Task<void> {
            const Status done = co_await send_to_leader(load, *to, sent, deadline);
            if (!done) outcome = done;
        });
    }
    co_await group.join();
    SEALANE_CO_CHECK(outcome);
    Report report;
    report.add_throughput(sent.bytes, sent.records, seconds_of(world.now() - start));
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
