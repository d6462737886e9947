#pragma once
// The `.snapshot` file of producer state, as Kafka writes it: int16 version 1, uint32 CRC-32C of
// everything after it, int32 count, then per producer
//   int64 id, int16 epoch, int32 last sequence, int64 last offset, int32 offset delta,
//   int64 timestamp, int32 coordinator epoch, int64 first offset of the open transaction (-1 none).
// Kafka keeps one batch per producer there. What it ignores behind that is ours, under the same
// checksum: int32 magic "SLP1", int64 next unused id, and per producer in the same order int8 count
// and its older batches (int32 first, int32 last sequence, int64 last offset, int32 delta,
// int64 timestamp); then int32 count and the aborted transactions (int64 producer id, first, last
// and last stable offset). Deciders only.

#include "broker/transactions/producer_state.hpp"

namespace sealane::broker {

struct ProducerSnapshot {
    std::map<ProducerId, ProducerEntry> entries;
    std::int64_t next_unused_id = 0;
    std::vector<AbortedTransaction> aborted;  // in the order of their markers
};

[[nodiscard]] BufferSlice write_producer_snapshot(const ProducerSnapshot& state);
// kCorrupt (checksum), kMalformed. Aborted transactions may be missing: files of earlier versions,
// which had none. A file of Kafka's, without our part, is fine.
[[nodiscard]] Result<ProducerSnapshot> read_producer_snapshot(const BufferSlice& bytes);

}  // namespace sealane::broker
