// gzip (RFC 1952), one member written, several read.

#include "common/kafka/records/codec_streams.hpp"

#include <limits>
#include <zlib.h>

namespace sealane::kafka::codec {
namespace {

constexpr int kWindowBits = 15;
constexpr int kGzipFormat = 16;
constexpr int kDefaultLevel = 6;
constexpr int kMemoryLevel = 8;

uInt call_size(std::size_t size) {
    return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

// zlib does not write through next_in; its type lacks the const.
Bytef* input(ByteView bytes) {
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

// Ends a z_stream, whichever way the function is left.
template <int (*End)(z_streamp)>
struct Stream {
    z_stream z{};
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { End(&z); }
};

// Runs inflate until the bytes are used up and the last member has ended.
Status inflate_members(z_stream& z, ByteView compressed, BoundedOutput& output) {
    z.next_in = input(compressed);
    z.avail_in = call_size(compressed.size());
    for (;;) {
        const MutableByteView room = output.room();
        z.next_out = reinterpret_cast<Bytef*>(room.data());
        z.avail_out = call_size(room.size());
        const uInt before = z.avail_out;
        const int outcome = inflate(&z, Z_NO_FLUSH);
        output.filled(before - z.avail_out);
        if (output.over_limit()) return {};
        if (outcome == Z_STREAM_END) {
            if (z.avail_in == 0) return {};
            if (inflateReset(&z) != Z_OK) return broken("gzip", "cannot restart");
            continue;
        }
        if (outcome == Z_BUF_ERROR || (outcome == Z_OK && z.avail_in == 0 && z.avail_out != 0))
            return broken("gzip", "ends early");
        if (outcome != Z_OK) return broken("gzip", z.msg != nullptr ? z.msg : "bad data");
    }
}

}  // namespace

Result<BufferSlice> gzip_compress(ByteView plain, std::optional<int> level) {
    Stream<deflateEnd> stream;
    z_stream& z = stream.z;
    const int init = deflateInit2(
        &z,
        level.value_or(kDefaultLevel),
        Z_DEFLATED,
        kWindowBits + kGzipFormat,
        kMemoryLevel,
        Z_DEFAULT_STRATEGY
    );
    if (init != Z_OK) return fail(ErrorCode::kInvalidConfig, "gzip: level out of range");
    const std::size_t bound = deflateBound(&z, plain.size());
    if (bound > std::numeric_limits<uInt>::max())
        return fail(ErrorCode::kOutOfBounds, "gzip: records too large");
    MutableBuffer out(bound);
    z.next_in = input(plain);
    z.avail_in = call_size(plain.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = call_size(out.size());
    SEALANE_ASSERT(deflate(&z, Z_FINISH) == Z_STREAM_END);
    return std::move(out).freeze(z.total_out);
}

Result<BufferSlice> gzip_decompress(ByteView compressed, std::size_t limit) {
    if (compressed.size() > std::numeric_limits<uInt>::max())
        return broken("gzip", "larger than any batch");
    Stream<inflateEnd> stream;
    if (inflateInit2(&stream.z, kWindowBits + kGzipFormat) != Z_OK)
        return broken("gzip", "no memory for the window");
    BoundedOutput output(compressed.size(), limit);
    SEALANE_CHECK(inflate_members(stream.z, compressed, output));
    if (output.over_limit()) return too_large(limit);
    return std::move(output).finish();
}

}  // namespace sealane::kafka::codec
