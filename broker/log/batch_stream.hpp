#pragma once
// BatchStream: the batches of a segment file in order, read in large pieces. For recovery, searches
// and rebuilding; readers of the log have their own path.

#include "common/kafka/records/record_batch.hpp"
#include "common/runtime/files.hpp"

#include <memory>
#include <optional>

namespace sealane::broker {

// Whether checksums are computed or only headers looked at.
enum class CrcCheck : std::uint8_t { kYes, kNo };

class BatchStream {
 public:
    // Reads [from, end) of the file; `from` is where a batch begins.
    BatchStream(
        std::shared_ptr<runtime::File> file, std::uint64_t from, std::uint64_t end, CrcCheck crc
    )
        : file_(std::move(file)), position_(from), end_(end), crc_(crc) {}

    // The next batch; nothing at the end. kCorrupt: no valid batch begins at position(), the detail
    // says why; the stream stays there. Others: the disk's errors.
    [[nodiscard]] runtime::Task<Result<std::optional<kafka::RecordBatch>>> next();
    // Where the next batch begins.
    [[nodiscard]] std::uint64_t position() const { return position_; }
    [[nodiscard]] std::uint64_t end() const { return end_; }

 private:
    [[nodiscard]] runtime::Task<Status> fill(std::size_t wanted);
    std::shared_ptr<runtime::File> file_;
    std::uint64_t position_;
    std::uint64_t end_;
    CrcCheck crc_;
    BufferSlice window_;  // the bytes from position_ on that were read already
};

// Looks for a valid batch (checksum too) with an offset of at least `at_least` that begins after
// `from`; returns its position. Damage shows whether it was the torn end of a file by this.
[[nodiscard]] runtime::Task<Result<std::optional<std::uint64_t>>> find_batch_after(
    std::shared_ptr<runtime::File> file, std::uint64_t from, std::uint64_t end, Offset at_least
);

}  // namespace sealane::broker
