#pragma once
// Producer: records and whole batches to any topic of a cluster. Idempotent by default (KIP-98):
// retries neither double nor reorder. Per partition one request is in flight at a time, partitions
// go in parallel, and what waits for one broker leaves in one request.

#include "common/client/batch_accumulator.hpp"
#include "common/client/cluster_client.hpp"
#include "common/client/partitioner.hpp"
#include "common/kafka/messages/produce.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sealane::client {

struct ProducerOptions {
    bool idempotent = true;  // needs acks -1
    std::int16_t acks = -1;  // -1, 0 or 1
    kafka::Codec codec = kafka::Codec::kNone;
    std::optional<int> compression_level = std::nullopt;
    std::size_t batch_bytes = 64U << 10U;   // before compression
    std::size_t request_bytes = 1U << 20U;  // batches of one request together
    std::size_t buffer_bytes = 32U << 20U;  // all that is not yet delivered; then send() waits
    Duration linger = 5ms;
    // From send() to the answer, over all retries. A batch that ran out of it fails.
    Duration delivery_timeout = 120s;
};

struct Delivery {
    TopicPartition partition;
    Offset offset = kNoOffset;  // kNoOffset with acks 0
    WallTime append_time;       // -1 unless the topic stamps append times
};

// The outcome of one record to come.
class PendingDelivery {
 public:
    PendingDelivery(
        runtime::WaitQueue& waits, std::shared_ptr<BatchOutcome> outcome, std::int32_t index
    )
        : waits_(&waits), outcome_(std::move(outcome)), index_(index) {}
    // kDeadlineExceeded only says that the outcome is not known yet.
    [[nodiscard]] runtime::Task<Result<Delivery>> wait(Instant deadline = Instant::never());
    [[nodiscard]] bool is_done() const { return outcome_->done(); }

 private:
    runtime::WaitQueue* waits_;
    std::shared_ptr<BatchOutcome> outcome_;
    std::int32_t index_;
};

class Producer {
 public:
    Producer(ClusterClient& cluster, ProducerOptions options);
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;
    // Fails what was not delivered with kStopped and joins the tasks. Call flush() before if it
    // matters, and this before destroying.
    [[nodiscard]] runtime::Task<void> stop();

    // Puts a record into the buffer, waiting for room and metadata until the deadline; the order
    // of calls is the order in the partition. Without a partition the key decides.
    [[nodiscard]] runtime::Task<Result<PendingDelivery>> enqueue(
        std::string topic,
        std::optional<PartitionId> partition,
        kafka::Record record,
        Instant deadline
    );
    // enqueue, then wait for the delivery.
    [[nodiscard]] runtime::Task<Result<Delivery>> send(
        std::string topic,
        std::optional<PartitionId> partition,
        kafka::Record record,
        Instant deadline
    );
    // Sends everything now and waits until nothing is left. The first delivery error since the
    // last flush is returned.
    [[nodiscard]] runtime::Task<Status> flush(Instant deadline);

    [[nodiscard]] std::size_t buffered_bytes() const { return accumulator_.buffered_bytes(); }

 private:
    void kick();
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<Status> ensure_producer_id();
    void dispatch();
    // The ready partitions by their leader; what has none is looked up meanwhile.
    [[nodiscard]] std::map<BrokerId, std::vector<TopicPartition>> ready_by_leader();
    [[nodiscard]] runtime::Task<void> look_up(std::set<std::string> topics);
    [[nodiscard]] std::vector<ReadyBatch> take_for_request(
        const std::vector<TopicPartition>& partitions
    );
    [[nodiscard]] runtime::Task<void> produce_to(BrokerId broker, std::vector<ReadyBatch> batches);
    [[nodiscard]] runtime::Task<Result<kafka::ProduceResponse>> exchange(
        BrokerId broker, const std::vector<ReadyBatch>& batches
    );
    void settle(
        const std::vector<ReadyBatch>& batches, const Result<kafka::ProduceResponse>& answer
    );
    void settle_one(
        const ReadyBatch& batch, const kafka::ProduceResponse::PartitionProduceResponse& answer
    );
    void retry_or_fail(const ReadyBatch& batch, const Error& error);
    [[nodiscard]] PartitionId pick_partition(const TopicInfo& topic, const kafka::Record& record);

    ClusterClient& cluster_;
    ProducerOptions options_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
    Lane lane_;
    BatchAccumulator accumulator_;
    StickyPartitioner sticky_;
    runtime::Event work_;  // with kicked_: something to send may have become ready
    bool kicked_ = false;
    runtime::Event room_;  // bytes were freed or batches settled
    std::map<BrokerId, int> in_flight_;
    bool looking_up_ = false;
    bool running_ = false;
    std::optional<Error> first_failure_;
};

}  // namespace sealane::client
