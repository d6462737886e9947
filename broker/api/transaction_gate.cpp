#include "broker/api/transaction_gate.hpp"

#include "broker/api/partition_lookup.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr std::int16_t kAddsSince = 12;
constexpr Duration kPatience = 5s;
}  // namespace

void TransactionGate::look(const PartitionPtr& partition, const BufferSlice& records) {
    const auto batch = kafka::RecordBatchView::parse(records.view());
    if (!batch || !batch->is_transactional() || !batch->has_producer()) return;
    const TransactionalProducer owner{batch->producer_id(), batch->producer_epoch()};
    if (producer_ && producer_->id != owner.id) mixed_ = true;
    producer_ = owner;
    ProducerState& producers = partition->producers();
    if (!producers.needs_verification(owner.id, owner.epoch)) return;
    asked_[partition->id()].token = producers.begin_verification(owner.id, owner.epoch);
}

Task<void> TransactionGate::ask(const kafka::ProduceRequest& request) {
    has_id_ = request.transactional_id.has_value();
    if (!has_id_) co_return;
    for (const auto& topic : request.topic_data) {
        for (const auto& data : topic.partition_data) {
            const auto partition = find_partition(
                services_, TopicName{topic.name, topic.topic_id}, data.index, kNoLeaderEpoch
            );
            if (partition && data.records) look(*partition, *data.records);
        }
    }
    if (asked_.empty() || mixed_) co_return;
    TransactionQuestion question;
    question.transactional_id = *request.transactional_id;
    question.producer = *producer_;
    question.adds = version_ >= kAddsSince;
    question.deadline = services_.world.now() + kPatience;
    for (const auto& [id, asked] : asked_) question.partitions.push_back(id);
    const auto answer = co_await services_.transactions.ask(std::move(question));
    std::size_t at = 0;
    for (auto& [id, asked] : asked_) asked.answer = answer.errors.at(at++);
    coordinator_epoch_ = answer.coordinator_epoch;
}

Status TransactionGate::check(Partition& partition, const kafka::RecordBatchView& batch) const {
    if (!batch.is_transactional()) return {};
    if (!has_id_)
        return fail(
            ErrorCode::kTransactionalIdAuthorizationFailed,
            "a transactional batch without a transactional id"
        );
    if (mixed_)
        return fail(
            ErrorCode::kInvalidProducerIdMapping, "transactional batches of several producers"
        );
    const auto found = asked_.find(partition.id());
    if (found == asked_.end()) return {};
    const bool outdated =
        partition.producers().is_outdated(batch.producer_id(), coordinator_epoch_);
    const ErrorCode answer =
        for_client(outdated ? ErrorCode::kNetworkException : found->second.answer);
    if (answer != ErrorCode::kNone)
        return fail(answer, "the transaction coordinator has not let the batch in");
    const bool holds = partition.producers().confirm(
        batch.producer_id(), batch.producer_epoch(), found->second.token
    );
    if (holds) return {};
    return fail(ErrorCode::kInvalidTxnState, "the transaction has ended meanwhile");
}

ErrorCode TransactionGate::for_client(ErrorCode answer) const {
    switch (answer) {
        case ErrorCode::kNetworkException:
            return ErrorCode::kNotEnoughReplicas;
        case ErrorCode::kProducerFenced:
            return ErrorCode::kInvalidProducerEpoch;
        case ErrorCode::kConcurrentTransactions:
            return version_ >= kAddsSince ? answer : ErrorCode::kNotEnoughReplicas;
        default:
            return answer;
    }
}

}  // namespace sealane::broker
