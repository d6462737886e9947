#include "broker/transactions/transaction_core.hpp"

#include "broker/transactions/transaction_record.hpp"

#include <algorithm>

namespace sealane::broker::transactions {

namespace {
// Before an abort that could not be written is tried again.
constexpr Duration kAbortAgain = 1s;
}  // namespace

std::string_view name_of(TransactionStatus status) {
    switch (status) {
        case TransactionStatus::kEmpty:
            return "Empty";
        case TransactionStatus::kOngoing:
            return "Ongoing";
        case TransactionStatus::kPrepareCommit:
            return "PrepareCommit";
        case TransactionStatus::kPrepareAbort:
            return "PrepareAbort";
        case TransactionStatus::kCompleteCommit:
            return "CompleteCommit";
        case TransactionStatus::kCompleteAbort:
            return "CompleteAbort";
    }
    return "Dead";
}

void TransactionCore::apply(const TransactionRecord& record) {
    const auto old = transactions_.find(record.id);
    if (old != transactions_.end()) live_bytes_ -= stored_size({record.id, old->second});
    ending_.erase(record.id);
    if (!record.value) {
        if (old != transactions_.end()) transactions_.erase(old);
        forget_deadline(record.id);
        return;
    }
    transactions_.insert_or_assign(record.id, *record.value);
    live_bytes_ += stored_size(record);
    if (record.value->is_ending()) ending_.insert(record.id);
    if (record.value->status != TransactionStatus::kOngoing) forget_deadline(record.id);
}

// Wall clocks of coordinators may differ: a transaction gets its whole timeout at most.
void TransactionCore::begin(ShardClock clock) {
    for (const auto& [id, transaction] : transactions_) {
        if (transaction.status != TransactionStatus::kOngoing) continue;
        const std::int64_t gone = std::max<std::int64_t>(clock.wall.ms - transaction.started.ms, 0);
        const std::int64_t left = std::max<std::int64_t>(transaction.timeout_ms - gone, 0);
        set_deadline(id, clock.now + std::chrono::milliseconds(left));
    }
}

void TransactionCore::handle(ShardClock clock, Ticket ticket, Request request, Effects& out) {
    const Step step{clock, out};
    std::visit(
        [&](auto&& asked) { on_request(step, ticket, std::forward<decltype(asked)>(asked)); },
        std::move(request)
    );
}

Instant TransactionCore::next_wake() const {
    return wakes_.empty() ? Instant::never() : wakes_.begin()->first;
}

void TransactionCore::tick(ShardClock clock, Effects& out) {
    const Step step{clock, out};
    while (!wakes_.empty() && wakes_.begin()->first <= clock.now) {
        const std::string id = wakes_.begin()->second;
        forget_deadline(id);
        const Transaction* transaction = find(id);
        if (transaction == nullptr || transaction->status != TransactionStatus::kOngoing) continue;
        fence(step, id, *transaction);
    }
}

void TransactionCore::append_failed(
    ShardClock clock, Effects failed, ErrorCode error, Effects& out
) {
    for (Effects::Answer& answer : failed.answers) {
        std::visit(
            [error](auto& reply) {
                reply = {};
                reply.error = error;
            },
            answer.reply
        );
        out.answers.push_back(std::move(answer));
    }
    for (const TransactionRecord& record : failed.records) {
        const Transaction* transaction = find(record.id);
        const bool ongoing =
            transaction != nullptr && transaction->status == TransactionStatus::kOngoing;
        if (ongoing && !deadlines_.contains(record.id))
            set_deadline(record.id, clock.now + kAbortAgain);
        if (!ongoing) forget_deadline(record.id);
    }
}

void TransactionCore::expire(
    WallTime wall,
    const std::function<bool(const std::string&)>& /*topic_exists*/,
    std::size_t limit,
    Effects& out
) const {
    for (const auto& [id, transaction] : transactions_) {
        if (out.records.size() >= limit) return;
        const bool idle =
            transaction.status != TransactionStatus::kOngoing && !transaction.is_ending();
        if (idle && wall.ms - transaction.updated.ms > config_.id_expiration_ms)
            out.records.push_back({id, std::nullopt});
    }
}

std::vector<Completion> TransactionCore::to_complete() const {
    std::vector<Completion> all;
    for (const std::string& id : ending_) {
        const Transaction& transaction = transactions_.at(id);
        Completion one;
        one.id = id;
        one.producer = transaction.owner();
        one.commit = transaction.status == TransactionStatus::kPrepareCommit;
        one.strict = transaction.client_version >= kEpochPerTransaction;
        one.partitions.assign(transaction.partitions.begin(), transaction.partitions.end());
        all.push_back(std::move(one));
    }
    return all;
}

std::vector<TransactionRecord> TransactionCore::snapshot() const {
    std::vector<TransactionRecord> records;
    for (const auto& [id, transaction] : transactions_) records.push_back({id, transaction});
    return records;
}

const Transaction* TransactionCore::find(const std::string& id) const {
    const auto found = transactions_.find(id);
    return found == transactions_.end() ? nullptr : &found->second;
}

void TransactionCore::put(Step step, const std::string& id, Transaction next) {
    next.updated = step.clock.wall;
    step.out.records.push_back({id, std::move(next)});
}

// Whoever has begun the transaction is fenced with it.
void TransactionCore::fence(Step step, const std::string& id, Transaction next) {
    next.status = TransactionStatus::kPrepareAbort;
    next.last_epoch = kNoProducerEpoch;
    if (next.epoch.value < INT16_MAX) next.epoch = ProducerEpoch(next.epoch.value + 1);
    put(step, id, std::move(next));
}

void TransactionCore::set_deadline(const std::string& id, Instant at) {
    forget_deadline(id);
    deadlines_.emplace(id, at);
    wakes_.emplace(at, id);
}

void TransactionCore::forget_deadline(const std::string& id) {
    const auto found = deadlines_.find(id);
    if (found == deadlines_.end()) return;
    wakes_.erase({found->second, id});
    deadlines_.erase(found);
}

}  // namespace sealane::broker::transactions
