#include "common/kafka/records/compression.hpp"

#include "common/base/rng.hpp"
#include "tests/unit/common/kafka/records/batch_samples.hpp"

#include <gtest/gtest.h>

#include <snappy.h>
#include <zlib.h>

namespace sealane::kafka {
namespace {

constexpr std::size_t kLimit = 16U << 20U;

class EveryCodec : public testing::TestWithParam<Codec> {};

// Half repetitive, half random, so that codecs have something to do and something to give up on.
BufferSlice sample(std::size_t size) {
    Rng rng(size);
    std::string text;
    while (text.size() < size) {
        if (rng.chance(1, 2))
            text += "the same words again and again ";
        else
            text.push_back(static_cast<char>(rng.below(256)));
    }
    text.resize(size);
    return BufferSlice::copy_of(text);
}

TEST_P(EveryCodec, ReturnsWhatWentIn) {
    for (const std::size_t size : {0U, 1U, 100U, 32768U, 32769U, 70000U, 1000000U}) {
        const BufferSlice plain = sample(size);
        const auto packed = compress(GetParam(), plain.view());
        ASSERT_TRUE(packed);
        const auto unpacked = decompress(GetParam(), packed->view(), kLimit);
        ASSERT_TRUE(unpacked) << unpacked.error().to_string();
        EXPECT_EQ(*unpacked, plain);
    }
}

TEST_P(EveryCodec, AcceptsExactlyTheLimitAndRefusesOneByteMore) {
    const BufferSlice plain = sample(5000);
    const auto packed = compress(GetParam(), plain.view());
    EXPECT_TRUE(decompress(GetParam(), packed->view(), 5000));
    const auto refused = decompress(GetParam(), packed->view(), 4999);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfBounds);
}

TEST_P(EveryCodec, StopsABombAtTheLimit) {
    const std::string zeros(64U << 20U, '\0');
    const auto packed = compress(GetParam(), as_bytes(zeros));
    const auto refused = decompress(GetParam(), packed->view(), 1U << 20U);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kOutOfBounds);
}

TEST_P(EveryCodec, SurvivesTruncationAndDamageEverywhere) {
    if (GetParam() == Codec::kNone) return;
    const BufferSlice plain = sample(300);
    const BufferSlice packed = *compress(GetParam(), plain.view());
    for (std::size_t n = 0; n < packed.size(); ++n) {
        const auto cut = decompress(GetParam(), packed.slice(0, n).view(), kLimit);
        if (cut) EXPECT_NE(*cut, plain);
        MutableBuffer damaged(packed.size());
        std::memcpy(damaged.data(), packed.data(), packed.size());
        damaged.data()[n] ^= std::byte{0x40};
        (void)decompress(GetParam(), damaged.view(), kLimit);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Codecs,
    EveryCodec,
    testing::Values(Codec::kNone, Codec::kGzip, Codec::kSnappy, Codec::kLz4, Codec::kZstd),
    [](const auto& tested) { return std::string(name_of(tested.param)); }
);

TEST(Compression, CutStreamsAreCorrupt) {
    for (const Codec codec : {Codec::kGzip, Codec::kLz4, Codec::kZstd}) {
        const BufferSlice packed = *compress(codec, sample(1000).view());
        const auto cut = decompress(codec, packed.slice(0, packed.size() / 2).view(), kLimit);
        ASSERT_FALSE(cut) << name_of(codec);
        EXPECT_EQ(cut.error().code(), ErrorCode::kCorruptMessage) << name_of(codec);
    }
}

TEST(Compression, SnappyIsWrittenInXerialChunks) {
    const BufferSlice packed = *compress(Codec::kSnappy, as_bytes("hello"));
    EXPECT_EQ(to_hex(packed.view()), "82534e4150505900000000010000000100000007051068656c6c6f");
}

TEST(Compression, SnappyIsReadAsOneRawBlockToo) {
    const BufferSlice plain = sample(100'000);
    std::string raw;
    snappy::Compress(plain.text().data(), plain.size(), &raw);
    EXPECT_EQ(*decompress(Codec::kSnappy, as_bytes(raw), kLimit), plain);
}

TEST(Compression, SnappyClaimOfTooMuchIsFoundBeforeAllocating) {
    const BufferSlice lie = from_hex("ffffff7f0c61626364");  // 256 MiB from nine bytes
    EXPECT_FALSE(decompress(Codec::kSnappy, lie.view(), 1U << 30U));
}

TEST(Compression, Lz4FrameHasTheHeaderThatJavaDemands) {
    const BufferSlice packed = *compress(Codec::kLz4, sample(200'000).view());
    EXPECT_EQ(to_hex(packed.slice(0, 7).view()), "04224d18604082");
}

TEST(Compression, GzipOfSeveralMembersIsReadToTheEnd) {
    BufferChain two;
    two.append(*compress(Codec::kGzip, as_bytes("one,")));
    two.append(*compress(Codec::kGzip, as_bytes("two")));
    EXPECT_EQ(decompress(Codec::kGzip, two.joined().view(), kLimit)->text(), "one,two");
}

TEST(Compression, LevelsAreHonouredAndWrongOnesRefused) {
    const BufferSlice plain = sample(100'000);
    EXPECT_LT(
        compress(Codec::kZstd, plain.view(), 19)->size(),
        compress(Codec::kZstd, plain.view(), -5)->size()
    );
    EXPECT_FALSE(compress(Codec::kGzip, plain.view(), 44));
}

TEST(Compression, NamesAreKafkas) {
    EXPECT_EQ(codec_named("lz4"), Codec::kLz4);
    EXPECT_EQ(codec_named("none"), Codec::kNone);
    EXPECT_EQ(codec_named("brotli"), std::nullopt);
}

}  // namespace
}  // namespace sealane::kafka
