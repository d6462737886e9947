#pragma once
// Inside common/kafka/records: one pair of functions per codec, and the output they share.
// Contracts as in compression.hpp.

#include "common/base/buffer.hpp"
#include "common/base/result.hpp"

#include <algorithm>
#include <optional>

namespace sealane::kafka::codec {

[[nodiscard]] Result<BufferSlice> gzip_compress(ByteView plain, std::optional<int> level);
[[nodiscard]] Result<BufferSlice> gzip_decompress(ByteView compressed, std::size_t limit);
[[nodiscard]] Result<BufferSlice> snappy_compress(ByteView plain);
[[nodiscard]] Result<BufferSlice> snappy_decompress(ByteView compressed, std::size_t limit);
[[nodiscard]] Result<BufferSlice> lz4_compress(ByteView plain, std::optional<int> level);
[[nodiscard]] Result<BufferSlice> lz4_decompress(ByteView compressed, std::size_t limit);
[[nodiscard]] Result<BufferSlice> zstd_compress(ByteView plain, std::optional<int> level);
[[nodiscard]] Result<BufferSlice> zstd_decompress(ByteView compressed, std::size_t limit);

[[nodiscard]] inline std::unexpected<Error> broken(std::string_view codec, std::string_view why) {
    return fail(ErrorCode::kCorruptMessage, std::string(codec) + " stream: " + std::string(why));
}
[[nodiscard]] inline std::unexpected<Error> too_large(std::size_t limit) {
    return fail(
        ErrorCode::kOutOfBounds, "decompressed records exceed " + std::to_string(limit) + " bytes"
    );
}

// Grows by doubling, to at most one byte beyond the limit: that byte tells "full" from "over".
class BoundedOutput {
 public:
    BoundedOutput(std::size_t compressed_size, std::size_t limit)
        : limit_(limit),
          block_(std::min(cap(), std::max<std::size_t>(4096, compressed_size * 3))) {}

    // Where the next bytes go; never empty unless over the limit.
    [[nodiscard]] MutableByteView room() {
        if (used_ == block_.size() && used_ < cap()) {
            MutableBuffer larger(std::min(cap(), block_.size() * 2));
            std::memcpy(larger.data(), block_.data(), used_);
            block_ = std::move(larger);
        }
        return block_.view().subspan(used_);
    }
    void filled(std::size_t count) { used_ += count; }
    [[nodiscard]] bool over_limit() const { return used_ > limit_; }
    [[nodiscard]] BufferSlice finish() && { return std::move(block_).freeze(used_); }

 private:
    [[nodiscard]] std::size_t cap() const { return limit_ + 1; }
    std::size_t limit_;
    MutableBuffer block_;
    std::size_t used_ = 0;
};

}  // namespace sealane::kafka::codec
