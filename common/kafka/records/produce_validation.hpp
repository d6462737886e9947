#pragma once
// What a leader demands of a batch from a client before it is appended (the checks that need no
// state): the header, and that uncompressed records parse; `deep` also reads compressed ones.

#include "common/kafka/records/record_batch.hpp"
#include "common/kafka/records/record_reader.hpp"

#include <cstdint>

namespace sealane::kafka {

struct ProduceRules {
    std::size_t max_batch_bytes = 1048588;
    std::int16_t api_version = 9;  // zstd is legal from 7 on
    // Read the records too: parse, offset deltas 0..n-1, keys, timestamps.
    bool deep = false;
    bool key_required = false;  // compacted topics; implies deep
    // Create-time bounds: [earliest, latest]; a batch without timestamps (-1) passes.
    WallTime earliest{INT64_MIN};
    WallTime latest{INT64_MAX};
    std::size_t decompressed_limit = kDefaultDecompressedLimit;
};

// The single batch of one partition of a produce request, with its checksum checked. Codes:
// kInvalidRecord, kCorruptMessage, kMessageTooLarge, kUnsupportedCompressionType,
// kInvalidTimestamp.
[[nodiscard]] Result<RecordBatch> validate_produced(
    const BufferSlice& records, const ProduceRules& rules
);

}  // namespace sealane::kafka
