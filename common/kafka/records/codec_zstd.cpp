// zstd frames (RFC 8878), one written, several read.

#include "common/kafka/records/codec_streams.hpp"

#include <bit>
#include <memory>
#include <zstd.h>

namespace sealane::kafka::codec {
namespace {

constexpr int kDefaultLevel = 3;
// The reader allocates the window that a frame claims: 8 MiB are always allowed (more than any
// usual level asks for), beyond that no more than the output may have.
constexpr int kMinWindowLog = 23;
constexpr int kMaxWindowLog = 27;

struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

}  // namespace

Result<BufferSlice> zstd_compress(ByteView plain, std::optional<int> level) {
    MutableBuffer out(ZSTD_compressBound(plain.size()));
    const std::size_t written = ZSTD_compress(
        out.data(), out.size(), plain.data(), plain.size(), level.value_or(kDefaultLevel)
    );
    if (ZSTD_isError(written) != 0)
        return fail(ErrorCode::kOutOfBounds, std::string("zstd: ") + ZSTD_getErrorName(written));
    return std::move(out).freeze(written);
}

Result<BufferSlice> zstd_decompress(ByteView compressed, std::size_t limit) {
    const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
    if (context == nullptr) return broken("zstd", "no memory for the reader");
    const int window_log =
        std::clamp(static_cast<int>(std::bit_width(limit)), kMinWindowLog, kMaxWindowLog);
    (void)ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log);
    BoundedOutput output(compressed.size(), limit);
    ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
    bool frame_ended = false;
    for (;;) {
        if (frame_ended && in.pos == in.size) return std::move(output).finish();
        const MutableByteView room = output.room();
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        const std::size_t before = in.pos;
        const std::size_t hint = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(hint) != 0) return broken("zstd", ZSTD_getErrorName(hint));
        output.filled(out.pos);
        if (output.over_limit()) return too_large(limit);
        frame_ended = hint == 0;
        if (!frame_ended && out.pos == 0 && in.pos == before) return broken("zstd", "ends early");
    }
}

}  // namespace sealane::kafka::codec
