#include "common/client/batch_accumulator.hpp"

#include "common/base/text.hpp"

#include <algorithm>
#include <limits>

namespace sealane::client {
namespace {

// More than the encoded size of a record: its fixed fields, and the lengths of its parts.
constexpr std::size_t kRecordOverhead = 32;
constexpr std::size_t kHeaderOverhead = 10;

std::size_t size_bound(const kafka::Record& record) {
    std::size_t size = kRecordOverhead;
    if (record.key) size += record.key->size();
    if (record.value) size += record.value->size();
    for (const kafka::RecordHeader& header : record.headers)
        size += kHeaderOverhead + header.key.size() + (header.value ? header.value->size() : 0);
    return size;
}

}  // namespace

void BatchOutcome::settle(Result<Delivered> result) {
    if (done()) return;
    result_ = std::move(result);
    std::vector<std::function<void()>> callbacks;
    callbacks.swap(callbacks_);
    for (const auto& callback : callbacks) callback();
}

void BatchOutcome::when_done(std::function<void()> callback) {
    if (done()) return callback();
    callbacks_.push_back(std::move(callback));
}

Result<BatchAccumulator::Appended> BatchAccumulator::append(
    const TopicPartition& partition, const kafka::Record& record, Instant now
) {
    const std::size_t size = size_bound(record);
    if (size > options_.buffer_bytes)
        return fail(
            ErrorCode::kMessageTooLarge,
            concat("record of ", size, " bytes, buffer of ", options_.buffer_bytes)
        );
    if (buffered_bytes_ + size > options_.buffer_bytes)
        return fail(ErrorCode::kBusy, "the producer's buffer is full");

    Appended appended;
    Open* batch = &open_batch(partition, now);
    if (!batch->builder.add(record)) {
        batch->closed = true;
        appended.batch_closed = true;
        batch = &open_batch(partition, now);
        SEALANE_ASSERT(batch->builder.add(record));
    }
    appended.outcome = batch->outcome;
    appended.index = batch->records++;
    batch->bytes += size;
    buffered_bytes_ += size;
    if (batch->builder.size() >= options_.batch_bytes) batch->closed = true;
    appended.changes_plan = batch->records == 1 || batch->closed;
    return appended;
}

BatchAccumulator::Open& BatchAccumulator::open_batch(const TopicPartition& partition, Instant now) {
    Queue& queue = partitions_[partition];
    if (!queue.batches.empty()) {
        Open& last = queue.batches.back();
        if (!last.closed && !last.built) return last;
    }
    kafka::BatchOptions options;
    options.codec = options_.codec;
    options.compression_level = options_.compression_level;
    options.size_limit = options_.batch_bytes;
    Open& fresh = queue.batches.emplace_back(kafka::RecordBatchBuilder(options));
    fresh.ticket = next_ticket_++;
    fresh.created = now;
    return fresh;
}

Instant BatchAccumulator::ready_at(const Queue& queue) const {
    if (queue.in_flight || queue.batches.empty()) return Instant::never();
    const Open& front = queue.batches.front();
    const bool at_once = front.closed || flushing_ || front.built || queue.batches.size() > 1;
    const Instant full_or_old = at_once ? front.created : front.created + options_.linger;
    return std::max(full_or_old, front.not_before);
}

std::vector<TopicPartition> BatchAccumulator::ready(Instant now) const {
    std::vector<TopicPartition> partitions;
    for (const auto& [partition, queue] : partitions_) {
        if (ready_at(queue) <= now) partitions.push_back(partition);
    }
    return partitions;
}

Instant BatchAccumulator::next_deadline(Instant now) const {
    Instant next = Instant::never();
    for (const auto& [partition, queue] : partitions_) {
        if (queue.in_flight || queue.batches.empty()) continue;
        const Instant ready = ready_at(queue);
        if (ready > now) next = std::min(next, ready);
        next = std::min(next, expires_at(queue.batches.front()));
    }
    return next;
}

std::optional<ReadyBatch> BatchAccumulator::take(const TopicPartition& partition) {
    const auto found = partitions_.find(partition);
    if (found == partitions_.end() || found->second.in_flight) return std::nullopt;
    Open& front = found->second.batches.front();
    if (!front.built) {
        const Status built = build(partition, front);
        if (!built) {
            settle_front(partition, fail(built.error()));
            return std::nullopt;
        }
    }
    found->second.in_flight = true;
    ++front.attempts;
    return ReadyBatch{front.ticket, partition, *front.built, expires_at(front), front.attempts};
}

Status BatchAccumulator::build(const TopicPartition& partition, Open& batch) {
    SEALANE_ASSERT(!needs_producer_id());
    Sequence& sequence = sequences_[partition];
    if (options_.idempotent) {
        if (sequence.id != producer_id_) sequence = {producer_id_, producer_epoch_, 0};
        batch.builder.set_producer(sequence.id, sequence.epoch, sequence.next);
    }
    SEALANE_TRY(batch.built, std::move(batch.builder).build());
    batch.closed = true;
    sequence.next = kafka::advance_sequence(sequence.next, batch.records);
    return {};
}

BatchAccumulator::Open* BatchAccumulator::in_flight(const ReadyBatch& batch) {
    const auto found = partitions_.find(batch.partition);
    if (found == partitions_.end() || !found->second.in_flight) return nullptr;
    Open& front = found->second.batches.front();
    return front.ticket == batch.ticket ? &front : nullptr;
}

void BatchAccumulator::settle_front(
    const TopicPartition& partition, Result<BatchOutcome::Delivered> result
) {
    const auto found = partitions_.find(partition);
    Queue& queue = found->second;
    // Whether the sequence was used is unknown when a batch that went out fails.
    if (!result && queue.batches.front().built) restart_sequence(partition);
    buffered_bytes_ -= queue.batches.front().bytes;
    const auto outcome = std::move(queue.batches.front().outcome);
    queue.batches.pop_front();
    queue.in_flight = false;
    if (queue.batches.empty()) partitions_.erase(found);
    if (partitions_.empty()) flushing_ = false;
    outcome->settle(std::move(result));
}

void BatchAccumulator::delivered(
    const ReadyBatch& batch, Offset base_offset, WallTime append_time
) {
    if (in_flight(batch) == nullptr) return;
    settle_front(
        batch.partition, BatchOutcome::Delivered{batch.partition, base_offset, append_time}
    );
}

void BatchAccumulator::retry(const ReadyBatch& batch, Instant not_before) {
    Open* open = in_flight(batch);
    if (open == nullptr) return;
    open->not_before = not_before;
    partitions_.find(batch.partition)->second.in_flight = false;
}

void BatchAccumulator::failed(const ReadyBatch& batch, const Error& error) {
    if (in_flight(batch) != nullptr) settle_front(batch.partition, fail(error));
}

void BatchAccumulator::expire(Instant now) {
    std::vector<TopicPartition> late;
    for (const auto& [partition, queue] : partitions_) {
        if (!queue.in_flight && expires_at(queue.batches.front()) <= now) late.push_back(partition);
    }
    for (const TopicPartition& partition : late) {
        settle_front(
            partition,
            fail(
                ErrorCode::kDeadlineExceeded,
                concat("records for ", partition.to_string(), " were not delivered in time")
            )
        );
    }
    if (!late.empty()) expire(now);
}

void BatchAccumulator::fail_all(const Error& error) {
    while (!partitions_.empty())
        settle_front(TopicPartition(partitions_.begin()->first), fail(error));
}

void BatchAccumulator::set_producer(ProducerId id, ProducerEpoch epoch) {
    producer_id_ = id;
    producer_epoch_ = epoch;
}

void BatchAccumulator::restart_sequence(const TopicPartition& partition) {
    if (!options_.idempotent) return;
    Sequence& sequence = sequences_[partition];
    if (sequence.epoch.value == std::numeric_limits<std::int16_t>::max()) {
        // Epochs are used up: all partitions go on under a new id.
        producer_id_ = kNoProducerId;
        return;
    }
    sequence.epoch = ProducerEpoch(static_cast<std::int16_t>(sequence.epoch.value + 1));
    sequence.next = 0;
}

}  // namespace sealane::client
