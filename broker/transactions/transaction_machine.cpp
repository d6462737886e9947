#include "broker/transactions/transaction_machine.hpp"

#include "broker/transactions/transaction_record.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/kafka/records/record_reader.hpp"

namespace sealane::broker::transactions {

ShardLimits TransactionMachine::limits(const TransactionConfig& config) {
    return {
        .expiry_check_ms = config.expiry_check_ms,
        .commit_timeout_ms = config.commit_timeout_ms,
        .rewrite_min_bytes = config.rewrite_min_bytes,
        .garbage_factor = config.garbage_factor,
    };
}

std::unique_ptr<TransactionCore> TransactionMachine::make(const TransactionConfig& config) {
    return std::make_unique<TransactionCore>(config);
}

Status TransactionMachine::replay(const kafka::RecordBatch& batch, Core& core) {
    if (batch->is_control()) return {};
    SEALANE_TRY(kafka::RecordReader reader, kafka::RecordReader::open(batch));
    while (true) {
        SEALANE_TRY(const std::optional<kafka::Record> record, reader.next());
        if (!record) return {};
        if (!record->key) continue;
        SEALANE_TRY(const auto decoded, decode_record(*record->key, record->value));
        if (decoded) core.apply(*decoded);
    }
}

Result<ShardAppend> TransactionMachine::encode(const Effects& effects, WallTime wall) {
    kafka::RecordBatchBuilder builder({});
    for (const TransactionRecord& record : effects.records) {
        SEALANE_TRY(const EncodedTransaction encoded, encode_record(record));
        std::optional<ByteView> value;
        if (encoded.value) value = encoded.value->view();
        if (!builder.add(wall, encoded.key.view(), value))
            return fail(ErrorCode::kRecordListTooLarge, "too many transactions at once");
    }
    SEALANE_TRY(const kafka::RecordBatch batch, std::move(builder).build());
    return ShardAppend{batch.bytes(), AppendOrigin::kCoordinator};
}

void TransactionMachine::apply(const Effects& effects, Core& core) {
    for (const TransactionRecord& record : effects.records) core.apply(record);
}

std::vector<Effects> TransactionMachine::snapshot(const Core& core, std::size_t bytes) {
    std::vector<Effects> parts;
    std::size_t size = 0;
    for (TransactionRecord& record : core.snapshot()) {
        if (parts.empty() || size >= bytes) {
            parts.emplace_back();
            size = 0;
        }
        size += stored_size(record);
        parts.back().records.push_back(std::move(record));
    }
    return parts;
}

}  // namespace sealane::broker::transactions
