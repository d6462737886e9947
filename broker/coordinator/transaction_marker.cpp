#include "broker/coordinator/transaction_marker.hpp"

#include "common/kafka/records/control_record.hpp"

namespace sealane::broker {

Result<ShardAppend> encode_marker(const TransactionEnd& end, WallTime wall) {
    kafka::BatchOptions options;
    options.producer_id = end.producer.id;
    options.producer_epoch = end.producer.epoch;
    const auto type = end.commit ? kafka::ControlType::kCommit : kafka::ControlType::kAbort;
    SEALANE_TRY(
        const kafka::RecordBatch batch,
        kafka::build_transaction_marker(options, type, wall, end.coordinator_epoch)
    );
    const auto origin = end.strict ? AppendOrigin::kStrictMarker : AppendOrigin::kCoordinator;
    return ShardAppend{batch.bytes(), origin};
}

}  // namespace sealane::broker
