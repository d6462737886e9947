#include "common/kafka/records/compression.hpp"

#include "common/kafka/records/codec_streams.hpp"

#include <array>
#include <utility>

namespace sealane::kafka {
namespace {

constexpr std::array<std::string_view, 5> kNames{"none", "gzip", "snappy", "lz4", "zstd"};

}  // namespace

Result<BufferSlice> compress(Codec codec, ByteView plain, std::optional<int> level) {
    switch (codec) {
        case Codec::kNone:
            return BufferSlice::copy_of(plain);
        case Codec::kGzip:
            return codec::gzip_compress(plain, level);
        case Codec::kSnappy:
            return codec::snappy_compress(plain);
        case Codec::kLz4:
            return codec::lz4_compress(plain, level);
        case Codec::kZstd:
            return codec::zstd_compress(plain, level);
    }
    return fail(ErrorCode::kUnsupportedCompressionType, "unknown codec");
}

Result<BufferSlice> decompress(Codec codec, ByteView compressed, std::size_t limit) {
    switch (codec) {
        case Codec::kNone:
            if (compressed.size() > limit) return codec::too_large(limit);
            return BufferSlice::copy_of(compressed);
        case Codec::kGzip:
            return codec::gzip_decompress(compressed, limit);
        case Codec::kSnappy:
            return codec::snappy_decompress(compressed, limit);
        case Codec::kLz4:
            return codec::lz4_decompress(compressed, limit);
        case Codec::kZstd:
            return codec::zstd_decompress(compressed, limit);
    }
    return fail(ErrorCode::kUnsupportedCompressionType, "unknown codec");
}

std::string_view name_of(Codec codec) {
    const auto index = std::to_underlying(codec);
    return index < kNames.size() ? kNames[index] : "unknown";
}

std::optional<Codec> codec_named(std::string_view name) {
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<Codec>(i);
    }
    return std::nullopt;
}

}  // namespace sealane::kafka
