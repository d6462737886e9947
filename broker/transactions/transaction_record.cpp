#include "broker/transactions/transaction_record.hpp"

#include "broker/coordinator/record_frame.hpp"
#include "common/kafka/messages/log_records.hpp"

namespace sealane::broker::transactions {
namespace {

constexpr std::int16_t kTransactionKey = 0;
constexpr std::int16_t kValueVersion = 1;
constexpr std::size_t kRecordOverhead = 128;
constexpr std::size_t kPartitionOverhead = 8;

kafka::TransactionLogValue to_wire(const Transaction& transaction) {
    kafka::TransactionLogValue value;
    value.producer_id = transaction.producer;
    value.producer_epoch = transaction.epoch;
    value.transaction_timeout_ms = transaction.timeout_ms;
    value.transaction_status = static_cast<std::int8_t>(transaction.status);
    value.transaction_last_update_timestamp_ms = transaction.updated.ms;
    value.transaction_start_timestamp_ms = transaction.started.ms;
    value.previous_producer_id = transaction.previous;
    value.next_producer_id = transaction.next;
    value.client_transaction_version = transaction.client_version;
    if (transaction.status == TransactionStatus::kEmpty) {
        value.transaction_partitions.reset();
        return value;
    }
    value.transaction_partitions.emplace();
    for (const TopicPartition& partition : transaction.partitions) {
        auto& topics = *value.transaction_partitions;
        if (topics.empty() || topics.back().topic != partition.topic)
            topics.emplace_back().topic = partition.topic;
        topics.back().partition_ids.push_back(partition.partition);
    }
    return value;
}

Result<Transaction> from_wire(const kafka::TransactionLogValue& value) {
    Transaction transaction;
    const auto last = static_cast<std::int8_t>(TransactionStatus::kCompleteAbort);
    if (value.transaction_status < 0 || value.transaction_status > last)
        return fail(ErrorCode::kMalformed, "transaction record with an unknown status");
    transaction.status = static_cast<TransactionStatus>(value.transaction_status);
    transaction.producer = value.producer_id;
    transaction.epoch = value.producer_epoch;
    transaction.previous = value.previous_producer_id;
    transaction.next = value.next_producer_id;
    transaction.timeout_ms = value.transaction_timeout_ms;
    transaction.updated = {value.transaction_last_update_timestamp_ms};
    transaction.started = {value.transaction_start_timestamp_ms};
    transaction.client_version = value.client_transaction_version;
    if (!value.transaction_partitions) return transaction;
    for (const auto& topic : *value.transaction_partitions)
        for (const PartitionId partition : topic.partition_ids)
            transaction.partitions.insert({topic.topic, partition});
    return transaction;
}

}  // namespace

Result<EncodedTransaction> encode_record(const TransactionRecord& record) {
    EncodedTransaction encoded;
    SEALANE_TRY(encoded.key, framed(kTransactionKey, kafka::TransactionLogKey{record.id}, 0));
    if (!record.value) return encoded;
    SEALANE_TRY(encoded.value, framed(kValueVersion, to_wire(*record.value), kValueVersion));
    return encoded;
}

Result<std::optional<TransactionRecord>> decode_record(
    const BufferSlice& key, const std::optional<BufferSlice>& value
) {
    SEALANE_TRY(const Framed framed_key, unframed(key));
    if (framed_key.number != kTransactionKey) return std::optional<TransactionRecord>();
    SEALANE_TRY(auto named, kafka::decode<kafka::TransactionLogKey>(framed_key.body, 0));
    TransactionRecord record;
    record.id = std::move(named.transactional_id);
    if (value) {
        SEALANE_TRY(const Framed framed_value, unframed(*value));
        SEALANE_TRY(
            const auto wire,
            kafka::decode<kafka::TransactionLogValue>(framed_value.body, framed_value.number)
        );
        SEALANE_TRY(record.value, from_wire(wire));
    }
    return std::optional<TransactionRecord>(std::move(record));
}

std::size_t stored_size(const TransactionRecord& record) {
    std::size_t size = kRecordOverhead + record.id.size();
    if (!record.value) return size;
    const std::string* topic = nullptr;
    for (const TopicPartition& partition : record.value->partitions) {
        size += kPartitionOverhead;
        if (topic == nullptr || *topic != partition.topic) size += partition.topic.size();
        topic = &partition.topic;
    }
    return size;
}

}  // namespace sealane::broker::transactions
