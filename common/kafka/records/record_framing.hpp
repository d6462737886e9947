#pragma once
// Whether the records of an uncompressed batch (formats.md 7, KIP-98) parse, without keeping
// anything of them: one pass over their lengths, no allocation. A checksum says that bytes came as
// they were sent, not that they are records; a consumer that meets others stops there for good.

#include "common/kafka/records/record_batch.hpp"

namespace sealane::kafka {

// As many records as the batch counts, each parsing to its end, nothing behind the last one
// (else kCorruptMessage), offset deltas 0..n-1 (else kInvalidRecord). Compressed batches are not
// looked into: decompressing belongs to the readers.
[[nodiscard]] Status check_record_framing(const RecordBatch& batch);

}  // namespace sealane::kafka
