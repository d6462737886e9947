#pragma once
// BatchCursor: walks the batches that lie one behind the other in a records field, a log segment or
// a fetch answer, without copying.

#include "common/kafka/records/record_batch.hpp"

#include <optional>
#include <vector>

namespace sealane::kafka {

// What a batch cut off by the end of the bytes means.
enum class Truncation {
    kIsError,  // produce requests, sealed files: kCorruptMessage
    kIsEnd,    // fetch answers and log tails: the cursor ends before it
};

class BatchCursor {
 public:
    BatchCursor(BufferSlice bytes, Truncation truncation)
        : bytes_(std::move(bytes)), truncation_(truncation) {}

    // The next batch (header checked, checksum not); nothing at the end. After an error the cursor
    // stays where it is: position() is where the bad batch begins.
    [[nodiscard]] Result<std::optional<RecordBatch>> next();
    // Bytes consumed so far.
    [[nodiscard]] std::size_t position() const { return position_; }
    // Bytes not consumed; after the end, the size of the batch that was cut off.
    [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }

 private:
    BufferSlice bytes_;
    Truncation truncation_;
    std::size_t position_ = 0;
};

// All batches of `bytes`.
[[nodiscard]] Result<std::vector<RecordBatch>> split_batches(
    const BufferSlice& bytes, Truncation truncation
);

}  // namespace sealane::kafka
