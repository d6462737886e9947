#include "broker/server/frame_reader.hpp"

#include "common/base/endian.hpp"
#include "common/base/rng.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

constexpr std::size_t kMax = 100 * 1024 * 1024;

std::string frame_of(std::string_view content) {
    std::string bytes(4, '\0');
    store_be<std::int32_t>(
        std::as_writable_bytes(std::span(bytes)).data(), static_cast<std::int32_t>(content.size())
    );
    return bytes.append(content);
}

// Feeds as much of `bytes` as the reader offers room for, at most `most`; returns how much.
std::size_t feed(FrameReader& reader, std::string_view bytes, std::size_t most) {
    const MutableByteView space = reader.space();
    const std::size_t count = std::min({bytes.size(), most, space.size()});
    std::memcpy(space.data(), bytes.data(), count);
    reader.advance(count);
    return count;
}

std::vector<std::string> read_all(FrameReader& reader, std::string_view bytes, Rng& rng) {
    std::vector<std::string> frames;
    while (!bytes.empty()) {
        bytes.remove_prefix(feed(reader, bytes, 1 + rng.below(40'000)));
        for (;;) {
            auto frame = reader.next();
            EXPECT_TRUE(frame.has_value());
            if (!frame || !*frame) break;
            frames.emplace_back((*frame)->text());
        }
    }
    return frames;
}

TEST(FrameReader, CutsFramesWhateverTheChunks) {
    Rng rng(7);
    for (int round = 0; round < 50; ++round) {
        std::vector<std::string> sent;
        std::string wire;
        for (std::size_t i = 0; i < 30; ++i) {
            const std::size_t size = 8 + rng.below(i % 10 == 9 ? 900'000 : 300);
            std::string content(size, '\0');
            for (char& c : content) c = static_cast<char>(rng.next());
            wire += frame_of(content);
            sent.push_back(std::move(content));
        }
        FrameReader reader(kMax);
        EXPECT_EQ(read_all(reader, wire, rng), sent);
        EXPECT_EQ(reader.pending(), 0U);
    }
}

TEST(FrameReader, TakesMemoryForWhatArrivedNotForWhatIsAnnounced) {
    FrameReader reader(kMax);
    const std::string wire = frame_of(std::string(50'000'000, 'x'));
    std::string_view rest = wire;
    rest.remove_prefix(feed(reader, rest, 100));
    (void)reader.space();
    EXPECT_LE(reader.block_size(), FrameReader::kMinBlock);
    std::size_t arrived = 100;
    while (!rest.empty()) {
        const std::size_t count = feed(reader, rest, 1 << 20);
        rest.remove_prefix(count);
        arrived += count;
        EXPECT_LE(reader.block_size(), arrived * 4 + FrameReader::kMaxSharedBlock);
        ASSERT_TRUE(reader.next().has_value());
    }
    EXPECT_EQ(arrived, wire.size());
}

TEST(FrameReader, CutFramesStayWhenTheReaderGoesOn) {
    FrameReader reader(kMax);
    Rng rng(3);
    std::vector<BufferSlice> kept;
    for (int i = 0; i < 500; ++i) {
        const std::string content(200, static_cast<char>('a' + i % 26));
        const std::string wire = frame_of(content);
        std::string_view rest = wire;
        while (!rest.empty()) rest.remove_prefix(feed(reader, rest, 77));
        auto frame = reader.next();
        ASSERT_TRUE(frame && *frame);
        kept.push_back(**frame);
    }
    for (int i = 0; i < 500; ++i) {
        EXPECT_EQ(
            kept[static_cast<std::size_t>(i)].text(),
            std::string(200, static_cast<char>('a' + i % 26))
        );
    }
}

TEST(FrameReader, AnEmptyReaderUsesItsBlockAgain) {
    FrameReader reader(kMax);
    for (int i = 0; i < 10'000; ++i) {
        const std::string wire = frame_of("12345678");
        ASSERT_EQ(feed(reader, wire, wire.size()), wire.size());
        ASSERT_TRUE(reader.next().has_value());
    }
    EXPECT_EQ(reader.block_size(), FrameReader::kMinBlock);
}

TEST(FrameReader, AQuietReaderHoldsNextToNothing) {
    FrameReader reader(kMax);
    EXPECT_LE(reader.space().size(), 256U);
    Rng rng(5);
    EXPECT_EQ(read_all(reader, frame_of(std::string(2'000'000, 'x')), rng).size(), 1U);
    EXPECT_EQ(read_all(reader, frame_of("12345678"), rng).size(), 1U);
    EXPECT_TRUE(reader.holds_unused_block());
    reader.release_if_empty();
    EXPECT_EQ(reader.block_size(), 0U);
    EXPECT_LE(reader.space().size(), 256U);
    EXPECT_EQ(read_all(reader, frame_of("12345678"), rng).size(), 1U);
    // A part of a frame is not given away.
    (void)feed(reader, frame_of(std::string(3'000, 'y')), 2'000);
    reader.release_if_empty();
    EXPECT_GT(reader.pending(), 0U);
}

TEST(FrameReader, WhoDripsHasSecondsWhoIsSlowHasLonger) {
    const ServerLimits limits;
    EXPECT_EQ(time_for_frame(1, limits), 10s);
    EXPECT_EQ(time_for_frame(4095, limits), 10s);
    EXPECT_EQ(time_for_frame(4096, limits), 30s);
    EXPECT_EQ(time_for_frame(3200 * 1024, limits), 130s);
}

std::string refusal(std::string_view first_four, std::size_t limit = kMax) {
    FrameReader reader(limit);
    (void)feed(reader, first_four, 4);
    const auto frame = reader.next();
    return frame ? "" : frame.error().detail();
}

TEST(FrameReader, RefusesNegativeShortAndHugeLengths) {
    EXPECT_NE(refusal(std::string("\xff\xff\xff\xff", 4)).find("negative"), std::string::npos);
    EXPECT_NE(refusal(std::string("\0\0\0\7", 4)).find("too short"), std::string::npos);
    EXPECT_NE(
        refusal(std::string("\0\1\0\0", 4), 1000).find("socket.request.max.bytes"),
        std::string::npos
    );
    EXPECT_EQ(refusal(std::string("\0\0\0\10", 4)), "");
}

TEST(FrameReader, NamesOtherProtocols) {
    EXPECT_NE(refusal(std::string("\x16\x03\x01\x02", 4)).find("TLS"), std::string::npos);
    EXPECT_NE(refusal("GET ").find("HTTP"), std::string::npos);
}

}  // namespace
}  // namespace sealane::broker
