#include "broker/transactions/producer_state.hpp"

#include "broker/transactions/producer_snapshot.hpp"
#include "common/base/mutants.hpp"
#include "common/kafka/records/control_record.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <algorithm>
#include <utility>

namespace sealane::broker {

void ProducerEntry::add(const ProducedBatch& batch) {
    if (count == kKept) {
        std::ranges::rotate(batches, batches.begin() + 1);
        --count;
    }
    batches.at(count++) = batch;
    last_timestamp = batch.timestamp;
}

namespace {

std::string name_of(const kafka::RecordBatchView& batch) {
    return "producer " + std::to_string(batch.producer_id().value) + " epoch " +
           std::to_string(batch.producer_epoch().value);
}

}  // namespace

Result<std::optional<DuplicateAppend>> ProducerState::admit(
    std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
) {
    if (origin == AppendOrigin::kAsIs) return std::nullopt;
    for (const kafka::RecordBatchView& batch : batches) {
        if (!batch.has_producer()) continue;
        if (batch.is_control()) {
            SEALANE_CHECK(admit_marker(batch, origin));
            continue;
        }
        SEALANE_TRY(auto duplicate, admit_data(batch, origin));
        // Clients send one batch per partition; a duplicate answers for all of them.
        if (duplicate) return duplicate;
    }
    return std::nullopt;
}

Result<std::optional<DuplicateAppend>> ProducerState::admit_data(
    const kafka::RecordBatchView& batch, AppendOrigin origin
) const {
    const auto found = entries_.find(batch.producer_id());
    if (found != entries_.end()) {
        const ProducerEntry& entry = found->second;
        if (batch.producer_epoch() < entry.epoch) {
            return fail(
                ErrorCode::kInvalidProducerEpoch,
                name_of(batch) + ": the current epoch is " + std::to_string(entry.epoch.value)
            );
        }
        // What a coordinator writes for a producer has no sequence.
        if (origin == AppendOrigin::kClient) {
            SEALANE_TRY(const auto duplicate, check_sequence(batch, entry));
            if (duplicate) return duplicate;
        }
    }
    if (batch.is_transactional()) SEALANE_CHECK(check_verified(batch));
    return std::nullopt;
}

// Epochs are not below the entry's. A forgotten or new producer may start anywhere.
Result<std::optional<DuplicateAppend>> ProducerState::check_sequence(
    const kafka::RecordBatchView& batch, const ProducerEntry& entry
) const {
    const std::int32_t first = batch.base_sequence();
    if (batch.producer_epoch() > entry.epoch) {
        if (first == 0) return std::nullopt;
        return fail(
            ErrorCode::kOutOfOrderSequenceNumber,
            name_of(batch) + ": a new epoch starts at 0, not " + std::to_string(first)
        );
    }
    for (std::size_t i = 0; i < entry.count; ++i) {
        const ProducedBatch& kept = entry.batches.at(i);
        if (kept.first_sequence == first && kept.last_sequence == batch.last_sequence()) {
            return DuplicateAppend{kept.base_offset(), kept.last_offset, kept.timestamp};
        }
    }
    if (entry.in_transaction() && !batch.is_transactional()) {
        return fail(ErrorCode::kInvalidTxnState, name_of(batch) + ": a transaction is open");
    }
    const ProducedBatch* latest = entry.latest();
    if (latest != nullptr && latest->last_sequence < 0) return std::nullopt;
    // Without a batch its epoch came with a marker.
    const std::int32_t expected =
        latest == nullptr ? 0 : kafka::advance_sequence(latest->last_sequence, 1);
    if (first == expected || SEALANE_MUTANT(47)) return std::nullopt;
    return fail(
        ErrorCode::kOutOfOrderSequenceNumber,
        name_of(batch) + ": sequence " + std::to_string(first) + ", expected " +
            std::to_string(expected)
    );
}

Status ProducerState::check_verified(const kafka::RecordBatchView& batch) const {
    if (!needs_verification(batch.producer_id(), batch.producer_epoch())) return {};
    const auto found = verifications_.find(batch.producer_id());
    const bool verified = found != verifications_.end() && found->second.confirmed &&
                          found->second.epoch == batch.producer_epoch();
    if (verified) return {};
    return fail(
        ErrorCode::kInvalidTxnState, name_of(batch) + ": the transaction has ended meanwhile"
    );
}

Status ProducerState::admit_marker(const kafka::RecordBatchView& batch, AppendOrigin origin) const {
    if (origin == AppendOrigin::kClient)
        return fail(ErrorCode::kInvalidRecord, "clients may not write control batches");
    SEALANE_TRY(const auto marker, kafka::transaction_marker_of(batch));
    const auto found = entries_.find(batch.producer_id());
    if (!marker || found == entries_.end()) return {};
    const ProducerEntry& entry = found->second;
    // With transaction.version 2 each transaction has an epoch of its own, below its marker's: an
    // equal one is of the next transaction, and this marker is late.
    const bool late = origin == AppendOrigin::kStrictMarker && entry.in_transaction() &&
                      batch.producer_epoch() == entry.epoch;
    if (batch.producer_epoch() < entry.epoch || late) {
        return fail(
            ErrorCode::kInvalidProducerEpoch,
            name_of(batch) + ": a marker below the current epoch " +
                std::to_string(entry.epoch.value)
        );
    }
    if (marker->coordinator_epoch >= entry.coordinator_epoch) return {};
    return fail(
        ErrorCode::kTransactionCoordinatorFenced,
        name_of(batch) + ": a marker of coordinator epoch " +
            std::to_string(marker->coordinator_epoch) + ", there was one of " +
            std::to_string(entry.coordinator_epoch)
    );
}

void ProducerState::apply(const kafka::RecordBatchView& batch, AppendOrigin origin) {
    if (!batch.has_producer()) return;
    if (SEALANE_MUTANT(17) && origin == AppendOrigin::kAsIs) return;
    next_unused_id_ = std::max(next_unused_id_, batch.producer_id().value + 1);
    if (batch.is_control()) {
        apply_marker(batch, origin);
    } else {
        apply_data(batch);
    }
    if (entries_.size() > kMaxProducers) forget_oldest();
}

void ProducerState::apply_marker(const kafka::RecordBatchView& batch, AppendOrigin origin) {
    const auto marker = kafka::transaction_marker_of(batch);
    if (!marker || !*marker) return;
    take_back(batch, origin);
    const auto [at, fresh] = entries_.try_emplace(batch.producer_id());
    ProducerEntry& entry = at->second;
    if (fresh || batch.producer_epoch() > entry.epoch) {
        entry.count = 0;
        entry.epoch = batch.producer_epoch();
    }
    entry.last_timestamp = batch.max_timestamp();
    entry.coordinator_epoch = std::max(entry.coordinator_epoch, (*marker)->coordinator_epoch);
    if (!entry.in_transaction()) return;
    const Offset first = std::exchange(entry.open_transaction_start, kNoOffset);
    const Offset last = batch.base_offset();
    open_.erase(first);
    unreplicated_.insert_or_assign(first, last);
    if ((*marker)->commit) return;
    const Offset stable = open_.empty() ? last + 1 : open_.begin()->first;
    aborted_.add({batch.producer_id(), first, last, stable});
}

// What the coordinator said of a transaction is no longer true when its marker is here. A strict
// one ends transactions of lower epochs than its own: with an equal one it is late, and of the
// transaction before.
void ProducerState::take_back(const kafka::RecordBatchView& marker, AppendOrigin origin) {
    const auto found = verifications_.find(marker.producer_id());
    if (found == verifications_.end()) return;
    const ProducerEpoch asked = found->second.epoch;
    const bool is_late = origin == AppendOrigin::kStrictMarker && marker.producer_epoch() <= asked;
    if (!is_late) verifications_.erase(found);
}

void ProducerState::apply_data(const kafka::RecordBatchView& batch) {
    const bool sequenced = batch.base_sequence() >= 0;
    if (!sequenced && !batch.is_transactional()) return;
    const auto [at, fresh] = entries_.try_emplace(batch.producer_id());
    ProducerEntry& entry = at->second;
    if (fresh || batch.producer_epoch() != entry.epoch) {
        entry.count = 0;
        entry.epoch = batch.producer_epoch();
    }
    if (sequenced) {
        entry.add(ProducedBatch{
            .first_sequence = batch.base_sequence(),
            .last_sequence = batch.last_sequence(),
            .last_offset = batch.last_offset(),
            .offset_delta = batch.last_offset_delta(),
            .timestamp = batch.max_timestamp(),
        });
    }
    entry.last_timestamp = batch.max_timestamp();
    if (!batch.is_transactional()) return;
    verifications_.erase(batch.producer_id());
    if (entry.in_transaction()) return;
    entry.open_transaction_start = batch.base_offset();
    open_.insert_or_assign(batch.base_offset(), batch.producer_id());
}

Offset ProducerState::last_stable(Offset high_watermark) const {
    Offset stable = high_watermark;
    if (!open_.empty()) stable = std::min(stable, open_.begin()->first);
    for (const auto& [first, marker] : unreplicated_) {
        if (first >= stable) break;
        if (marker >= high_watermark) return first;
    }
    return stable;
}

void ProducerState::on_high_watermark(Offset high_watermark) {
    std::erase_if(unreplicated_, [high_watermark](const auto& each) {
        return each.second < high_watermark;
    });
}

bool ProducerState::needs_verification(ProducerId producer, ProducerEpoch epoch) const {
    const auto found = entries_.find(producer);
    return found == entries_.end() || !found->second.in_transaction() ||
           found->second.epoch != epoch;
}

std::uint64_t ProducerState::begin_verification(ProducerId producer, ProducerEpoch epoch) {
    if (verifications_.size() >= kMaxVerifications) verifications_.clear();
    Verification& running = verifications_[producer];
    if (running.token == 0 || running.epoch != epoch) running = {epoch, next_token_++, false};
    return running.token;
}

bool ProducerState::is_outdated(ProducerId producer, std::int32_t coordinator_epoch) const {
    const auto found = entries_.find(producer);
    return found != entries_.end() && found->second.coordinator_epoch > coordinator_epoch;
}

bool ProducerState::confirm(ProducerId producer, ProducerEpoch epoch, std::uint64_t token) {
    const auto found = verifications_.find(producer);
    // One that asked at the same time has begun the transaction already.
    if (found == verifications_.end()) return !needs_verification(producer, epoch);
    if (found->second.token != token) return false;
    found->second.confirmed = true;
    return true;
}

// Those without an open transaction that wrote longest ago; a tenth at once, so that the search
// is paid rarely.
void ProducerState::forget_oldest() {
    std::vector<std::pair<Offset, ProducerId>> by_age;
    by_age.reserve(entries_.size());
    for (const auto& [id, entry] : entries_) {
        if (entry.in_transaction()) continue;
        const ProducedBatch* latest = entry.latest();
        by_age.emplace_back(latest == nullptr ? kNoOffset : latest->last_offset, id);
    }
    std::ranges::sort(by_age);
    const std::size_t many = std::min(by_age.size(), kMaxProducers / 10);
    for (std::size_t i = 0; i < many; ++i) entries_.erase(by_age[i].second);
}

void ProducerState::clear() {
    entries_.clear();
    open_.clear();
    unreplicated_.clear();
    aborted_.clear();
    verifications_.clear();
    next_unused_id_ = 0;
}

BufferSlice ProducerState::snapshot(Offset /*end*/) const {
    return write_producer_snapshot({entries_, next_unused_id_, aborted_.all()});
}

Status ProducerState::load(BufferSlice bytes) {
    SEALANE_TRY(ProducerSnapshot snapshot, read_producer_snapshot(bytes));
    clear();
    entries_ = std::move(snapshot.entries);
    for (const auto& [id, entry] : entries_)
        if (entry.in_transaction()) open_.emplace(entry.open_transaction_start, id);
    for (const AbortedTransaction& aborted : snapshot.aborted) aborted_.add(aborted);
    next_unused_id_ = snapshot.next_unused_id;
    return {};
}

void ProducerState::expire(WallTime at) {
    std::erase_if(entries_, [at](const auto& item) {
        const ProducerEntry& entry = item.second;
        return !entry.in_transaction() && entry.last_timestamp < at;
    });
}

}  // namespace sealane::broker
