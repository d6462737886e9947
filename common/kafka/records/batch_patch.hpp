#pragma once
// Changes of header fields in place, on a batch that the caller exclusively owns and whose header
// RecordBatchView::parse accepts. Fields inside the checksum are patched together with it in
// constant time (the CRC is linear), whatever the size of the batch; a wrong checksum stays wrong.

#include "common/kafka/records/record_batch.hpp"

#include <optional>

namespace sealane::kafka {

// Base offset and leader epoch: before the checksummed part.
void assign_offsets(MutableByteView batch, Offset base_offset, LeaderEpoch leader_epoch);

// The fields inside the checksum that may be replaced; what is unset stays.
struct BatchPatch {
    std::optional<BatchAttributes> attributes = std::nullopt;
    std::optional<WallTime> base_timestamp = std::nullopt;
    std::optional<WallTime> max_timestamp = std::nullopt;
    std::optional<ProducerId> producer_id = std::nullopt;
    std::optional<ProducerEpoch> producer_epoch = std::nullopt;
    std::optional<std::int32_t> base_sequence = std::nullopt;
};

void patch(MutableByteView batch, const BatchPatch& changes);

// Sets the timestamp type to log append time with `now` as the time of every record.
void stamp_append_time(MutableByteView batch, WallTime now);

// A copy in a block of its own, to be patched and frozen.
[[nodiscard]] MutableBuffer mutable_copy(ByteView batch);

}  // namespace sealane::kafka
