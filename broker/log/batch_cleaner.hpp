#pragma once
// BatchCleaner: what compaction makes of each batch of a log (formats: log cleaner). A core.
//
// A record stays when no later record has its key and it is no tombstone whose time has come.
// Offsets, epochs, producer fields and timestamps stay as they are; records thin out. The first
// cleaning that meets a tombstone gives its batch a delete horizon; one after that time drops it.

#include "broker/log/key_map.hpp"
#include "broker/log/transaction_remains.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <functional>

namespace sealane::broker {

struct CleaningRules {
    const KeyMap& latest;
    Offset mapped_to;  // batches at or above it stay as they are
    WallTime now;
    std::int64_t delete_retention_ms = 0;
    // Batches that leave their header (LogState::keeps_header).
    std::function<bool(const kafka::RecordBatchView&)> keeps_header;
};

struct CleanedBatch {
    BufferSlice bytes;          // empty: nothing of it stays
    std::uint64_t dropped = 0;  // records
};

class BatchCleaner {
 public:
    BatchCleaner(CleaningRules rules, std::vector<AbortedRange> aborted)
        : rules_(std::move(rules)), transactions_(std::move(aborted)) {}

    // Every batch of the log, in order from its start. kCorruptMessage when its records do not
    // parse; errors of the codecs.
    [[nodiscard]] Result<CleanedBatch> clean(const kafka::RecordBatch& batch);

 private:
    [[nodiscard]] Result<CleanedBatch> clean_control(const kafka::RecordBatch& batch);
    [[nodiscard]] Result<CleanedBatch> thin_out(const kafka::RecordBatch& batch, bool keep_deletes);
    [[nodiscard]] CleanedBatch nothing_left(const kafka::RecordBatch& batch, std::uint64_t dropped)
        const;
    CleaningRules rules_;
    TransactionRemains transactions_;
};

// The header alone: a batch without records over the same offsets.
[[nodiscard]] BufferSlice emptied_batch(const kafka::RecordBatchView& batch);

// Notes the keys of a batch, unless an aborted transaction or nobody wrote it (control batches).
// False: the map may not have room for all of them, and none was noted.
[[nodiscard]] Result<bool> note_keys(
    const kafka::RecordBatch& batch, TransactionRemains& transactions, KeyMap& map
);

}  // namespace sealane::broker
