#include "broker/transactions/producer_state.hpp"

#include "broker/transactions/producer_snapshot.hpp"
#include "common/base/mutants.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <algorithm>

namespace sealane::broker {

void ProducerEntry::add(const ProducedBatch& batch) {
    if (count == kKept) {
        std::ranges::rotate(batches, batches.begin() + 1);
        --count;
    }
    batches.at(count++) = batch;
    last_timestamp = batch.timestamp;
}

Result<std::optional<DuplicateAppend>> ProducerState::admit(
    std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
) {
    if (origin != AppendOrigin::kClient) return std::nullopt;
    for (const kafka::RecordBatchView& batch : batches) {
        if (!batch.has_producer()) continue;
        SEALANE_TRY(auto duplicate, admit_one(batch));
        // Clients send one batch per partition; a duplicate answers for all of them.
        if (duplicate) return duplicate;
    }
    return std::nullopt;
}

Result<std::optional<DuplicateAppend>> ProducerState::admit_one(const kafka::RecordBatchView& batch
) const {
    const auto found = entries_.find(batch.producer_id());
    if (found == entries_.end()) return std::nullopt;  // forgotten or new: any sequence
    const ProducerEntry& entry = found->second;
    const std::string who = "producer " + std::to_string(batch.producer_id().value) + " epoch " +
                            std::to_string(batch.producer_epoch().value);
    if (batch.producer_epoch() < entry.epoch) {
        return fail(
            ErrorCode::kInvalidProducerEpoch,
            who + ": the current epoch is " + std::to_string(entry.epoch.value)
        );
    }
    const std::int32_t first = batch.base_sequence();
    if (batch.producer_epoch() > entry.epoch) {
        if (first == 0) return std::nullopt;
        return fail(
            ErrorCode::kOutOfOrderSequenceNumber,
            who + ": a new epoch starts at 0, not " + std::to_string(first)
        );
    }
    for (std::size_t i = 0; i < entry.count; ++i) {
        const ProducedBatch& kept = entry.batches.at(i);
        if (kept.first_sequence == first && kept.last_sequence == batch.last_sequence()) {
            return DuplicateAppend{kept.base_offset(), kept.last_offset, kept.timestamp};
        }
    }
    if (entry.open_transaction_start != kNoOffset && !batch.is_transactional()) {
        return fail(ErrorCode::kInvalidTxnState, who + ": a transaction is open");
    }
    const ProducedBatch* latest = entry.latest();
    if (latest == nullptr || latest->last_sequence < 0) return std::nullopt;
    const std::int32_t expected = kafka::advance_sequence(latest->last_sequence, 1);
    if (first == expected || SEALANE_MUTANT(47)) return std::nullopt;
    return fail(
        ErrorCode::kOutOfOrderSequenceNumber,
        who + ": sequence " + std::to_string(first) + ", expected " + std::to_string(expected)
    );
}

void ProducerState::apply(const kafka::RecordBatchView& batch, AppendOrigin origin) {
    if (!batch.has_producer()) return;
    if (SEALANE_MUTANT(17) && origin == AppendOrigin::kAsIs) return;
    const ProducerId id = batch.producer_id();
    next_unused_id_ = std::max(next_unused_id_, id.value + 1);
    if (batch.is_control()) {
        const auto found = entries_.find(id);
        if (found == entries_.end()) return;
        found->second.open_transaction_start = kNoOffset;
        found->second.epoch = std::max(found->second.epoch, batch.producer_epoch());
        found->second.last_timestamp = batch.max_timestamp();
        return;
    }
    if (batch.base_sequence() < 0) return;
    ProducerEntry& entry = entries_[id];
    if (entry.count == 0 || batch.producer_epoch() != entry.epoch) {
        entry.count = 0;
        entry.epoch = batch.producer_epoch();
    }
    entry.add(ProducedBatch{
        .first_sequence = batch.base_sequence(),
        .last_sequence = batch.last_sequence(),
        .last_offset = batch.last_offset(),
        .offset_delta = batch.last_offset_delta(),
        .timestamp = batch.max_timestamp(),
    });
    if (batch.is_transactional() && entry.open_transaction_start == kNoOffset) {
        entry.open_transaction_start = batch.base_offset();
    }
    if (entries_.size() > kMaxProducers) forget_oldest();
}

// Those without an open transaction that wrote longest ago; a tenth at once, so that the search
// is paid rarely.
void ProducerState::forget_oldest() {
    std::vector<std::pair<Offset, ProducerId>> by_age;
    by_age.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) {
        if (entry.open_transaction_start != kNoOffset) continue;
        const ProducedBatch* latest = entry.latest();
        by_age.emplace_back(latest == nullptr ? kNoOffset : latest->last_offset, id);
    }
    std::ranges::sort(by_age);
    const std::size_t many = std::min(by_age.size(), kMaxProducers / 10);
    for (std::size_t i = 0; i < many; ++i) entries_.erase(by_age[i].second);
}

bool ProducerState::keeps_header(const kafka::RecordBatchView& batch) const {
    if (!batch.has_producer()) return false;
    const auto found = entries_.find(batch.producer_id());
    if (found == entries_.end()) return false;
    const ProducedBatch* latest = found->second.latest();
    if (latest != nullptr) return latest->last_offset == batch.last_offset();
    return batch.is_control() && batch.producer_epoch() == found->second.epoch;
}

void ProducerState::clear() {
    entries_.clear();
    next_unused_id_ = 0;
}

BufferSlice ProducerState::snapshot(Offset /*end*/) const {
    return write_producer_snapshot({entries_, next_unused_id_});
}

Status ProducerState::load(BufferSlice bytes) {
    SEALANE_TRY(ProducerSnapshot snapshot, read_producer_snapshot(bytes));
    entries_ = std::move(snapshot.entries);
    next_unused_id_ = snapshot.next_unused_id;
    return {};
}

void ProducerState::expire(WallTime at) {
    std::erase_if(entries_, [at](const auto& item) {
        const ProducerEntry& entry = item.second;
        return entry.open_transaction_start == kNoOffset && entry.last_timestamp < at;
    });
}

}  // namespace sealane::broker
