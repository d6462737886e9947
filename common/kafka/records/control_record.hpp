#pragma once
// Control records: the single record of a control batch. Key: int16 version 0, int16 type. The
// value of transaction markers (KIP-98) is int16 version 0 and the coordinator's epoch.

#include "common/kafka/records/record.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

namespace sealane::kafka {

enum class ControlType : std::int16_t {
    kAbort = 0,
    kCommit = 1,
    kLeaderChange = 2,
    kSnapshotHeader = 3,
    kSnapshotFooter = 4,
    kKraftVersion = 5,
    kKraftVoters = 6,
};

// The type in the key of a control record; a type without a name here is to be skipped by readers.
// kCorruptMessage when the key is none.
[[nodiscard]] Result<ControlType> control_type_of(const Record& record);

// A control batch with one record of `type`; options.control is set here.
[[nodiscard]] Result<RecordBatch> build_control_batch(
    BatchOptions options, std::int16_t type, WallTime at, ByteView value
);

// Ends the transaction of options.producer_id: type kAbort or kCommit.
[[nodiscard]] Result<RecordBatch> build_transaction_marker(
    BatchOptions options, ControlType type, WallTime at, std::int32_t coordinator_epoch
);

struct TransactionMarker {
    bool commit = false;
    std::int32_t coordinator_epoch = -1;
};
// What a control batch says about its producer's transaction; nothing when it is no such marker.
// kCorruptMessage when it does not parse.
[[nodiscard]] Result<std::optional<TransactionMarker>> transaction_marker_of(
    const RecordBatchView& batch
);

}  // namespace sealane::kafka
