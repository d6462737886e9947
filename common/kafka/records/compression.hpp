#pragma once
// The codecs of the records section, in the framings of Kafka's Java client: gzip members, snappy
// in xerial chunks (raw blocks are read too), LZ4 frames with independent blocks, zstd frames.

#include "common/base/buffer.hpp"
#include "common/base/result.hpp"
#include "common/kafka/records/batch_layout.hpp"

#include <optional>
#include <string_view>

namespace sealane::kafka {

// Codec default when `level` is not set: gzip 6, lz4 0 (fast), zstd 3; snappy has none.
[[nodiscard]] Result<BufferSlice> compress(
    Codec codec, ByteView plain, std::optional<int> level = std::nullopt
);

// kCorruptMessage when the stream is broken or incomplete; kOutOfBounds when the plain bytes would
// be more than `limit` (never allocates beyond it, whatever the stream claims).
[[nodiscard]] Result<BufferSlice> decompress(Codec codec, ByteView compressed, std::size_t limit);

// "none", "gzip", "snappy", "lz4", "zstd".
[[nodiscard]] std::string_view name_of(Codec codec);
[[nodiscard]] std::optional<Codec> codec_named(std::string_view name);

}  // namespace sealane::kafka
