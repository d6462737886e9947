#pragma once
// Records of a batch as bytes: compaction copies those that stay without taking them apart.
// Layout of one: length, attributes, timestamp delta, offset delta, key, value, headers
// (formats: RecordBatch v2).

#include "common/base/buffer.hpp"
#include "common/base/result.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <optional>

namespace sealane::broker {

struct StoredRecordView {
    ByteView bytes;                 // all of it, with its length
    ByteView after_time;            // what follows the timestamp delta
    std::int64_t time_delta = 0;    // from the batch's base timestamp, ms
    std::int32_t offset_delta = 0;  // from the batch's base offset
    std::optional<ByteView> key;
    bool has_value = false;  // else a tombstone
};

// The record at the front of `records`. kCorruptMessage when no record of the batch is there.
[[nodiscard]] Result<StoredRecordView> read_stored_record(
    ByteView records, const kafka::RecordBatchView& batch
);

// The same record with another timestamp delta.
void append_with_time(ByteWriter& out, const StoredRecordView& record, std::int64_t time_delta);

// Plain records of a batch, decompressed where needed.
[[nodiscard]] Result<BufferSlice> plain_records(const kafka::RecordBatch& batch);

}  // namespace sealane::broker
