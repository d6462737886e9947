#pragma once
// BatchAccumulator: decides what a producer sends when. Records wait in one queue of batches per
// partition. A batch is ready when it is full, has lingered, or a flush asked for it; it is taken
// out for sending, and then settled: delivered, retried, or failed. Invariants:
//   A. Per partition one batch is in flight; a retry goes before everything behind it.
//   B. With idempotence a batch keeps its producer id, epoch and sequence over all retries, and the
//      sequences of consecutive batches of a partition join without a gap. When one fails for good
//      the partition starts over with a new epoch and sequence 0 (KIP-360), so B holds again.
//   C. buffered_bytes() counts every record from append() to settlement and never exceeds the
//      limit, save for one record that is larger by itself.

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sealane::client {

struct AccumulatorOptions {
    bool idempotent = true;
    kafka::Codec codec = kafka::Codec::kNone;
    std::optional<int> compression_level = std::nullopt;
    std::size_t batch_bytes = 64U << 10U;
    std::size_t buffer_bytes = 32U << 20U;
    Duration linger = 5ms;
    Duration delivery_timeout = 120s;
};

// The fate of one batch, shared with those who wait for its records.
class BatchOutcome {
 public:
    struct Delivered {
        TopicPartition partition;
        Offset base_offset = kNoOffset;
        WallTime append_time;
    };
    [[nodiscard]] bool done() const { return result_.has_value(); }
    [[nodiscard]] const Result<Delivered>& result() const { return *result_; }
    void settle(Result<Delivered> result);
    // Called once when settled (at once if it already is).
    void when_done(std::function<void()> callback);

 private:
    std::optional<Result<Delivered>> result_;
    std::vector<std::function<void()>> callbacks_;
};

using BatchTicket = std::uint64_t;

// A finished batch, taken out for sending.
struct ReadyBatch {
    BatchTicket ticket = 0;
    TopicPartition partition;
    kafka::RecordBatch batch;
    Instant deadline;  // of its delivery
    std::int32_t attempts = 1;
};

class BatchAccumulator {
 public:
    explicit BatchAccumulator(AccumulatorOptions options) : options_(options) {}

    struct Appended {
        std::shared_ptr<BatchOutcome> outcome;
        std::int32_t index = 0;     // of the record in its batch
        bool batch_closed = false;  // a full batch stands before the new one
        bool changes_plan = false;  // something became ready, or will at a new time
    };
    // kBusy: no room. kMessageTooLarge: more than the whole buffer.
    [[nodiscard]] Result<Appended> append(
        const TopicPartition& partition, const kafka::Record& record, Instant now
    );

    // Partitions with a batch that may be sent now.
    [[nodiscard]] std::vector<TopicPartition> ready(Instant now) const;
    // When, after `now`, the next batch becomes ready or runs out of time.
    [[nodiscard]] Instant next_deadline(Instant now) const;
    // Takes the first batch of a ready partition; nothing when it cannot be built (it has failed
    // then). Needs the producer id when idempotent.
    [[nodiscard]] std::optional<ReadyBatch> take(const TopicPartition& partition);

    void delivered(const ReadyBatch& batch, Offset base_offset, WallTime append_time);
    // Puts it back at the front; it is ready again at `not_before`.
    void retry(const ReadyBatch& batch, Instant not_before);
    // For good. With idempotence this restarts the partition's sequence under a new epoch.
    void failed(const ReadyBatch& batch, const Error& error);
    // Fails every batch, not in flight, whose delivery time is over.
    void expire(Instant now);
    // Fails everything (shutdown, or the producer id cannot be had).
    void fail_all(const Error& error);

    // Everything is ready at once until the buffer is empty.
    void flush() { flushing_ = !partitions_.empty(); }
    void set_producer(ProducerId id, ProducerEpoch epoch);
    [[nodiscard]] bool needs_producer_id() const {
        return options_.idempotent && producer_id_ == kNoProducerId;
    }
    [[nodiscard]] std::size_t buffered_bytes() const { return buffered_bytes_; }
    [[nodiscard]] bool empty() const { return partitions_.empty(); }

 private:
    struct Open {  // one batch, from its first record on
        explicit Open(kafka::RecordBatchBuilder b) : builder(std::move(b)) {}
        kafka::RecordBatchBuilder builder;
        std::optional<kafka::RecordBatch> built;
        std::shared_ptr<BatchOutcome> outcome = std::make_shared<BatchOutcome>();
        BatchTicket ticket = 0;
        std::size_t bytes = 0;  // counted in buffered_bytes_
        std::int32_t records = 0;
        Instant created;
        Instant not_before;
        bool closed = false;
        std::int32_t attempts = 0;
    };
    struct Sequence {
        ProducerId id = kNoProducerId;
        ProducerEpoch epoch{0};
        std::int32_t next = 0;
    };
    struct Queue {
        std::deque<Open> batches;
        bool in_flight = false;  // the front one
    };
    [[nodiscard]] Instant ready_at(const Queue& queue) const;
    [[nodiscard]] Instant expires_at(const Open& batch) const {
        return batch.created + options_.delivery_timeout;
    }
    [[nodiscard]] Open& open_batch(const TopicPartition& partition, Instant now);
    [[nodiscard]] Status build(const TopicPartition& partition, Open& batch);
    // The batch in flight, nothing when it was settled otherwise meanwhile.
    [[nodiscard]] Open* in_flight(const ReadyBatch& batch);
    void settle_front(const TopicPartition& partition, Result<BatchOutcome::Delivered> result);
    void restart_sequence(const TopicPartition& partition);

    AccumulatorOptions options_;
    std::map<TopicPartition, Queue> partitions_;
    std::map<TopicPartition, Sequence> sequences_;
    ProducerId producer_id_ = kNoProducerId;
    ProducerEpoch producer_epoch_ = kNoProducerEpoch;
    BatchTicket next_ticket_ = 1;
    std::size_t buffered_bytes_ = 0;
    bool flushing_ = false;
};

}  // namespace sealane::client
