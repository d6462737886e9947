// snappy. Written in the chunks of xerial's Java stream: an 8-byte magic, int32 version 1, int32
// compatible version 1, then chunks of int32 length and one raw snappy block of up to 32 KiB of
// plain bytes. Read in that form and as one raw block, which librdkafka and Go clients send.

#include "common/base/endian.hpp"
#include "common/kafka/records/codec_streams.hpp"

#include <array>
#include <snappy.h>
#include <vector>

namespace sealane::kafka::codec {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::int32_t kVersion = 1;
constexpr std::size_t kStreamHeader = kMagic.size() + 8;
constexpr std::size_t kPlainChunk = 32U << 10U;
// The longest copy is 64 bytes and takes 3: a claim of more is a lie, found before allocating.
constexpr std::size_t kMaxRatio = 32;

const char* chars(ByteView bytes) {
    return reinterpret_cast<const char*>(bytes.data());
}
char* chars(MutableByteView bytes) {
    return reinterpret_cast<char*>(bytes.data());
}

bool is_xerial(ByteView bytes) {
    return bytes.size() >= kMagic.size() &&
           std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

// Splits a xerial stream into its raw blocks; the raw form is one block.
Result<std::vector<ByteView>> raw_blocks(ByteView bytes) {
    if (!is_xerial(bytes)) return std::vector{bytes};
    if (bytes.size() < kStreamHeader) return broken("snappy", "ends in its header");
    ByteView rest = bytes.subspan(kStreamHeader);
    std::vector<ByteView> blocks;
    while (!rest.empty()) {
        if (rest.size() < 4) return broken("snappy", "ends in a chunk length");
        const auto length = load_be<std::int32_t>(rest.data());
        rest = rest.subspan(4);
        if (length < 0 || static_cast<std::size_t>(length) > rest.size())
            return broken("snappy", "chunk is longer than the stream");
        blocks.push_back(rest.first(static_cast<std::size_t>(length)));
        rest = rest.subspan(static_cast<std::size_t>(length));
    }
    return blocks;
}

}  // namespace

Result<BufferSlice> snappy_compress(ByteView plain) {
    const std::size_t chunks = plain.size() / kPlainChunk + 1;
    MutableBuffer out(kStreamHeader + chunks * (4 + snappy::MaxCompressedLength(kPlainChunk)));
    std::memcpy(out.data(), kMagic.data(), kMagic.size());
    store_be(out.data() + kMagic.size(), kVersion);
    store_be(out.data() + kMagic.size() + 4, kVersion);
    std::size_t at = kStreamHeader;
    while (!plain.empty()) {
        const std::size_t take = std::min(plain.size(), kPlainChunk);
        std::size_t written = 0;
        snappy::RawCompress(chars(plain), take, chars(out.view().subspan(at + 4)), &written);
        store_be(out.data() + at, static_cast<std::int32_t>(written));
        at += 4 + written;
        plain = plain.subspan(take);
    }
    return std::move(out).freeze(at);
}

Result<BufferSlice> snappy_decompress(ByteView compressed, std::size_t limit) {
    SEALANE_TRY(const std::vector<ByteView> blocks, raw_blocks(compressed));
    std::size_t total = 0;
    for (const ByteView block : blocks) {
        std::size_t plain = 0;
        if (!snappy::GetUncompressedLength(chars(block), block.size(), &plain))
            return broken("snappy", "block has no length");
        if (plain > limit - total) return too_large(limit);
        if (plain > block.size() * kMaxRatio) return broken("snappy", "block claims too much");
        total += plain;
    }
    MutableBuffer out(total);
    std::size_t at = 0;
    for (const ByteView block : blocks) {
        std::size_t plain = 0;
        if (!snappy::GetUncompressedLength(chars(block), block.size(), &plain) ||
            !snappy::RawUncompress(chars(block), block.size(), chars(out.view().subspan(at))))
            return broken("snappy", "bad block");
        at += plain;
    }
    return std::move(out).freeze();
}

}  // namespace sealane::kafka::codec
