#pragma once
// RecordReader: the records of one batch in order, decompressed once. Every length is checked
// against the bytes left before anything is allocated.

#include "common/kafka/records/record.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <vector>

namespace sealane::kafka {

inline constexpr std::size_t kDefaultDecompressedLimit = 256U << 20U;

class RecordReader {
 public:
    // Decompresses where needed; errors as decompress(). Does not check the checksum.
    [[nodiscard]] static Result<RecordReader> open(
        const RecordBatch& batch, std::size_t decompressed_limit = kDefaultDecompressedLimit
    );

    // The next record; nothing after the last one. kCorruptMessage when the bytes do not parse,
    // disagree with the count, or go on after the last record.
    [[nodiscard]] Result<std::optional<Record>> next();

 private:
    RecordReader(const RecordBatch& batch, BufferSlice records)
        : batch_(batch), records_(std::move(records)), left_(batch->record_count()) {}
    RecordBatch batch_;
    BufferSlice records_;
    std::size_t at_ = 0;
    std::int32_t left_;
};

[[nodiscard]] Result<std::vector<Record>> read_records(
    const RecordBatch& batch, std::size_t decompressed_limit = kDefaultDecompressedLimit
);

}  // namespace sealane::kafka
