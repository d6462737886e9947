// What each request does to a transaction: the tables of formats (transactions).

#include "broker/transactions/transaction_core.hpp"

#include <algorithm>

namespace sealane::broker::transactions {

namespace {

bool is_used_up(ProducerEpoch epoch) {
    return epoch.value >= TransactionCore::kLastEpoch;
}

ProducerEpoch after(ProducerEpoch epoch) {
    return ProducerEpoch(static_cast<std::int16_t>(epoch.value + 1));
}

InitReply refused(ErrorCode error) {
    InitReply reply;
    reply.error = error;
    return reply;
}

}  // namespace

void TransactionCore::on_request(Step step, Ticket ticket, InitRequest request) {
    step.out.answers.push_back({ticket, init(step, request)});
}

InitReply TransactionCore::init(Step step, const InitRequest& request) {
    if (request.timeout_ms <= 0 || request.timeout_ms > config_.max_timeout_ms)
        return refused(ErrorCode::kInvalidTransactionTimeout);
    const Transaction* found = find(request.id);
    if (found == nullptr) {
        if (!request.fresh) return {.needs_id = true};
        Transaction next;
        next.producer = *request.fresh;
        next.epoch = ProducerEpoch(0);
        next.timeout_ms = request.timeout_ms;
        put(step, request.id, next);
        return {.producer = next.owner()};
    }
    if (request.expected) {
        const auto [id, epoch] = *request.expected;
        const bool known = id == found->producer || (id == found->previous && is_used_up(epoch));
        if (!known) return refused(ErrorCode::kProducerFenced);
    }
    switch (found->status) {
        case TransactionStatus::kPrepareCommit:
        case TransactionStatus::kPrepareAbort:
            return refused(ErrorCode::kConcurrentTransactions);
        case TransactionStatus::kOngoing: {
            // A zombie must not end what its successor has begun.
            if (request.expected && *request.expected != found->owner())
                return refused(ErrorCode::kProducerFenced);
            fence(step, request.id, *found);
            // The one who asked may come again and go on.
            if (request.expected)
                step.out.records.back().value->last_epoch = request.expected->epoch;
            return refused(ErrorCode::kConcurrentTransactions);
        }
        case TransactionStatus::kEmpty:
        case TransactionStatus::kCompleteCommit:
        case TransactionStatus::kCompleteAbort:
            return init_again(step, request, *found);
    }
    return refused(ErrorCode::kUnknownServerError);
}

// `next`: the transaction as it is, with none open.
InitReply TransactionCore::init_again(Step step, const InitRequest& request, Transaction next) {
    if (request.expected) {
        const ProducerEpoch expected = request.expected->epoch;
        const bool current = request.expected->id == next.producer && expected == next.epoch;
        // An answer that got lost.
        const bool again = request.expected->id == next.producer ? expected == next.last_epoch
                                                                 : next.epoch == ProducerEpoch(0);
        if (!current && again) return {.producer = next.owner()};
        if (!current) return refused(ErrorCode::kProducerFenced);
    }
    next.last_epoch = request.expected ? next.epoch : kNoProducerEpoch;
    if (is_used_up(next.epoch)) {
        if (!request.fresh) return {.needs_id = true};
        next.previous = next.producer;
        next.producer = *request.fresh;
        next.epoch = ProducerEpoch(0);
    } else {
        next.epoch = after(next.epoch);
    }
    next.status = TransactionStatus::kEmpty;
    next.next = kNoProducerId;
    next.timeout_ms = request.timeout_ms;
    next.partitions.clear();
    next.started = WallTime{};
    const TransactionalProducer owner = next.owner();
    put(step, request.id, std::move(next));
    return {.producer = owner};
}

void TransactionCore::on_request(Step step, Ticket ticket, AddRequest request) {
    step.out.answers.push_back({ticket, add(step, request)});
}

AddReply TransactionCore::add(Step step, const AddRequest& request) {
    const Transaction* found = find(request.id);
    if (found == nullptr || request.producer.id != found->producer)
        return {ErrorCode::kInvalidProducerIdMapping, {}};
    if (request.producer.epoch != found->epoch) return {ErrorCode::kProducerFenced, {}};
    if (found->is_ending()) return {ErrorCode::kConcurrentTransactions, {}};
    const bool ongoing = found->status == TransactionStatus::kOngoing;
    AddReply reply;
    bool all_there = ongoing;
    for (const TopicPartition& partition : request.partitions) {
        const bool there = ongoing && found->partitions.contains(partition);
        const bool missing = request.verify_only && !there;
        reply.partitions.push_back(missing ? ErrorCode::kTransactionAbortable : ErrorCode::kNone);
        all_there = all_there && there;
    }
    if (request.verify_only || all_there) return reply;
    Transaction next = *found;
    if (!ongoing) {
        next.status = TransactionStatus::kOngoing;
        next.partitions.clear();
        next.started = step.clock.wall;
        set_deadline(request.id, step.clock.now + std::chrono::milliseconds(next.timeout_ms));
    }
    next.client_version = request.client_version;
    next.partitions.insert(request.partitions.begin(), request.partitions.end());
    put(step, request.id, std::move(next));
    return reply;
}

void TransactionCore::on_request(Step step, Ticket ticket, EndRequest request) {
    step.out.answers.push_back({ticket, end(step, request)});
}

EndReply TransactionCore::end(Step step, const EndRequest& request) {
    const auto refuse = [](ErrorCode error) {
        EndReply reply;
        reply.error = error;
        return reply;
    };
    const Transaction* found = find(request.id);
    if (found == nullptr) return refuse(ErrorCode::kInvalidProducerIdMapping);
    const bool per_transaction = request.client_version >= kEpochPerTransaction;
    const auto [id, epoch] = request.producer;
    const bool current = id == found->producer && epoch == found->epoch;
    // KIP-890: the request of the transaction before, whose answer got lost.
    const bool again =
        per_transaction &&
        ((id == found->producer && epoch.value == found->epoch.value - 1) ||
         (id == found->previous && is_used_up(epoch) && found->epoch == ProducerEpoch(0)));
    if (id != found->producer && !again) return refuse(ErrorCode::kInvalidProducerIdMapping);
    if (!current && !again) return refuse(ErrorCode::kProducerFenced);
    const EndReply same{.producer = found->owner()};
    const auto status = found->status;
    if (status == TransactionStatus::kOngoing) {
        if (!current) return refuse(ErrorCode::kProducerFenced);
        return prepare(step, request, *found);
    }
    if (found->is_ending()) {
        if (per_transaction && !again) return refuse(ErrorCode::kProducerFenced);
        const bool commits = status == TransactionStatus::kPrepareCommit;
        return refuse(
            commits == request.commit ? ErrorCode::kConcurrentTransactions
                                      : ErrorCode::kInvalidTxnState
        );
    }
    const bool committed = status == TransactionStatus::kCompleteCommit;
    const bool aborted = status == TransactionStatus::kCompleteAbort;
    if (!per_transaction) {
        const bool done = request.commit ? committed : aborted;
        return done ? same : refuse(ErrorCode::kInvalidTxnState);
    }
    if (again && status == TransactionStatus::kEmpty) return refuse(ErrorCode::kProducerFenced);
    if (again) {
        const bool done = request.commit ? committed : aborted;
        return done ? same : refuse(ErrorCode::kInvalidTxnState);
    }
    // An abort of nothing: something may have been sent without the coordinator's knowing.
    if (request.commit) return refuse(ErrorCode::kInvalidTxnState);
    return prepare(step, request, *found);
}

EndReply TransactionCore::prepare(Step step, const EndRequest& request, Transaction next) {
    if (next.status != TransactionStatus::kOngoing) {
        next.partitions.clear();
        next.started = step.clock.wall;
    }
    next.status =
        request.commit ? TransactionStatus::kPrepareCommit : TransactionStatus::kPrepareAbort;
    next.client_version = request.client_version;
    EndReply reply;
    if (request.client_version >= kEpochPerTransaction) {
        if (is_used_up(next.epoch)) {
            if (!request.fresh) return {.needs_id = true};
            next.next = *request.fresh;
        }
        next.last_epoch = next.epoch;
        if (next.epoch.value < INT16_MAX) next.epoch = after(next.epoch);
    }
    reply.producer = next.owner();
    if (next.next != kNoProducerId) reply.producer = {next.next, ProducerEpoch(0)};
    put(step, request.id, std::move(next));
    return reply;
}

void TransactionCore::on_request(Step step, Ticket ticket, CompleteRequest request) {
    CompleteReply reply;
    const Transaction* found = find(request.id);
    if (found == nullptr || !found->is_ending() || found->owner() != request.producer) {
        reply.error = ErrorCode::kInvalidTxnState;  // somebody else has completed it
        step.out.answers.push_back({ticket, reply});
        return;
    }
    Transaction next = *found;
    next.status = found->status == TransactionStatus::kPrepareCommit
                      ? TransactionStatus::kCompleteCommit
                      : TransactionStatus::kCompleteAbort;
    next.partitions.clear();
    if (next.next != kNoProducerId) {
        next.previous = next.producer;
        next.producer = next.next;
        next.next = kNoProducerId;
        next.epoch = ProducerEpoch(0);
        next.last_epoch = kNoProducerEpoch;
    }
    put(step, request.id, std::move(next));
    step.out.answers.push_back({ticket, reply});
}

}  // namespace sealane::broker::transactions
