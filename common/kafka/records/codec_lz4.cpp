// LZ4 frames. The Java reader demands independent blocks and no dictionary, so that is what is
// written: 64 KiB independent blocks, no content size, no content or block checksums, one frame.

#include "common/kafka/records/codec_streams.hpp"

#include <lz4frame.h>
#include <memory>

namespace sealane::kafka::codec {
namespace {

struct FreeContext {
    void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
};
using Context = std::unique_ptr<LZ4F_dctx, FreeContext>;

LZ4F_preferences_t preferences(std::optional<int> level) {
    LZ4F_preferences_t p{};
    p.frameInfo.blockSizeID = LZ4F_max64KB;
    p.frameInfo.blockMode = LZ4F_blockIndependent;
    p.compressionLevel = level.value_or(0);
    return p;
}

}  // namespace

Result<BufferSlice> lz4_compress(ByteView plain, std::optional<int> level) {
    const LZ4F_preferences_t p = preferences(level);
    MutableBuffer out(LZ4F_compressFrameBound(plain.size(), &p));
    const std::size_t written =
        LZ4F_compressFrame(out.data(), out.size(), plain.data(), plain.size(), &p);
    if (LZ4F_isError(written) != 0)
        return fail(ErrorCode::kOutOfBounds, std::string("lz4: ") + LZ4F_getErrorName(written));
    return std::move(out).freeze(written);
}

Result<BufferSlice> lz4_decompress(ByteView compressed, std::size_t limit) {
    LZ4F_dctx* raw = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0)
        return broken("lz4", "no memory for the reader");
    const Context context(raw);
    BoundedOutput output(compressed.size(), limit);
    ByteView rest = compressed;
    // Ends with the end mark of the first frame, as the Java reader does.
    for (;;) {
        const MutableByteView room = output.room();
        std::size_t produced = room.size();
        std::size_t consumed = rest.size();
        const std::size_t hint =
            LZ4F_decompress(raw, room.data(), &produced, rest.data(), &consumed, nullptr);
        if (LZ4F_isError(hint) != 0) return broken("lz4", LZ4F_getErrorName(hint));
        output.filled(produced);
        rest = rest.subspan(consumed);
        if (output.over_limit()) return too_large(limit);
        if (hint == 0) return std::move(output).finish();
        if (produced == 0 && consumed == 0) return broken("lz4", "ends early");
    }
}

}  // namespace sealane::kafka::codec
