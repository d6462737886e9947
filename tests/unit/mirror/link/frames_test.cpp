#include "mirror/link/frames.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror {
namespace {

std::vector<Frame> samples() {
    Hello hello;
    hello.link = "a->b";
    hello.topics_include = {"*"};
    Assign assign;
    assign.assignment = 7;
    assign.topic = "log";
    assign.offset = Offset(42);
    Topics topics;
    topics.topics.push_back({"log", Uuid{}, 3, {{"retention.ms", "1000"}}});
    Data data;
    data.assignment = 7;
    data.records = BufferSlice::copy_of("some batches");
    Groups groups;
    groups.groups.push_back({"g", {{"log", PartitionId(1), Offset(5), "m"}}});
    Stopped stopped;
    stopped.cause = static_cast<std::int8_t>(Cause::kExpired);
    return {
        hello,
        Welcome{},
        Credit{100},
        assign,
        Unassign{7},
        topics,
        Started{},
        data,
        Ends{},
        stopped,
        groups,
        Ping{3}
    };
}

BufferSlice body_of(const Frame& frame) {
    return encode_frame(frame)->joined().from(kFrameLengthBytes);
}

TEST(Frames, EveryKindComesBackAsItWas) {
    EXPECT_EQ(samples().size(), std::variant_size_v<Frame>);
    for (const Frame& frame : samples()) {
        const BufferSlice bytes = encode_frame(frame)->joined();
        EXPECT_EQ(*announced_frame_size(bytes.view()), bytes.size() - kFrameLengthBytes);
        const auto again = decode_frame(bytes.from(kFrameLengthBytes));
        ASSERT_TRUE(again) << again.error().to_string();
        EXPECT_EQ(*again, frame);
    }
}

TEST(Frames, EveryCutIsRefused) {
    for (const Frame& frame : samples()) {
        const BufferSlice bytes = body_of(frame);
        for (std::size_t size = 0; size < bytes.size(); ++size)
            EXPECT_FALSE(decode_frame(bytes.slice(0, size))) << frame.index() << " at " << size;
    }
}

TEST(Frames, WhatIsLeftOverIsRefused) {
    for (const Frame& frame : samples()) {
        const std::string bytes = std::string(body_of(frame).text()) + "x";
        EXPECT_FALSE(decode_frame(BufferSlice::copy_of(bytes)));
    }
}

TEST(Frames, UnknownTypesAndLengthsOutOfRangeAreRefused) {
    EXPECT_FALSE(decode_frame(BufferSlice::copy_of("\x7f")));
    EXPECT_FALSE(decode_frame({}));
    EXPECT_FALSE(announced_frame_size(as_bytes(std::string_view("\0\0\0\0", 4))));
    EXPECT_FALSE(announced_frame_size(as_bytes(std::string_view("\xff\xff\xff\xff", 4))));
}

TEST(Frames, RandomBytesNeverCrash) {
    Rng rng(5);
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes;
        for (std::uint64_t n = rng.below(40); n > 0; --n)
            bytes += static_cast<char>(rng.below(256));
        if (!bytes.empty()) bytes[0] = static_cast<char>(1 + rng.below(12));
        (void)decode_frame(BufferSlice::copy_of(bytes));
    }
}

}  // namespace
}  // namespace sealane::mirror
