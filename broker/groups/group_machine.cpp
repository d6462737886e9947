#include "broker/groups/group_machine.hpp"

#include "broker/coordinator/transaction_marker.hpp"
#include "common/kafka/records/control_record.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/kafka/records/record_reader.hpp"

namespace sealane::broker::groups {
namespace {

TransactionalProducer producer_of(const kafka::RecordBatch& batch) {
    return {batch->producer_id(), batch->producer_epoch()};
}

}  // namespace

ShardLimits GroupMachine::limits(const GroupConfig& config) {
    return {
        .expiry_check_ms = config.retention_check_ms,
        .commit_timeout_ms = config.commit_timeout_ms,
        .rewrite_min_bytes = config.rewrite_min_bytes,
        .garbage_factor = config.garbage_factor,
    };
}

std::unique_ptr<CoordinatorCore> GroupMachine::make(const GroupConfig& config) {
    return std::make_unique<CoordinatorCore>(config);
}

Status GroupMachine::replay(const kafka::RecordBatch& batch, Core& core) {
    if (batch->is_control()) {
        SEALANE_TRY(const auto marker, kafka::transaction_marker_of(batch.view()));
        if (marker)
            core.apply_end({producer_of(batch), marker->commit, marker->coordinator_epoch, false});
        return {};
    }
    SEALANE_TRY(kafka::RecordReader reader, kafka::RecordReader::open(batch));
    while (true) {
        SEALANE_TRY(const std::optional<kafka::Record> record, reader.next());
        if (!record) return {};
        if (!record->key) continue;
        SEALANE_TRY(const auto decoded, decode_record(*record->key, record->value));
        if (!decoded) continue;
        if (batch->is_transactional()) {
            core.apply_pending(producer_of(batch), *decoded);
        } else {
            core.apply(*decoded);
        }
    }
}

Result<ShardAppend> GroupMachine::encode(const Effects& effects, WallTime wall) {
    if (effects.end) return encode_marker(*effects.end, wall);
    kafka::BatchOptions options;
    if (effects.producer) {
        options.transactional = true;
        options.producer_id = effects.producer->id;
        options.producer_epoch = effects.producer->epoch;
    }
    kafka::RecordBatchBuilder builder(options);
    for (const CoordinatorRecord& record : effects.records) {
        SEALANE_TRY(const EncodedRecord encoded, encode_record(record));
        std::optional<ByteView> value;
        if (encoded.value) value = encoded.value->view();
        if (!builder.add(wall, encoded.key.view(), value))
            return fail(ErrorCode::kRecordListTooLarge, "too many group records at once");
    }
    SEALANE_TRY(const kafka::RecordBatch batch, std::move(builder).build());
    return ShardAppend{batch.bytes(), AppendOrigin::kCoordinator};
}

void GroupMachine::apply(const Effects& effects, Core& core) {
    if (effects.end) core.apply_end(*effects.end);
    for (const CoordinatorRecord& record : effects.records) {
        if (effects.producer) {
            core.apply_pending(*effects.producer, record);
        } else {
            core.apply(record);
        }
    }
}

}  // namespace sealane::broker::groups
