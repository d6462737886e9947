// Rot in segments that nobody reads.

#include "broker/log/segment_name.hpp"
#include "tests/unit/broker/log/log_bench.hpp"

namespace sealane::broker {
namespace {

struct ScrubBench : LogBench {
    ScrubBench() {
        EXPECT_TRUE(open());
        for (int segment = 0; segment < 3; ++segment) {
            for (int i = 0; i < 10; ++i) EXPECT_TRUE(append(make_batch("r")));
            EXPECT_TRUE(world.run(log->roll()));
        }
        sealed = log->size_bytes();
        EXPECT_TRUE(append(make_batch("active")));
        EXPECT_TRUE(sync());
    }
    std::uint64_t sealed = 0;  // bytes
    Result<std::uint64_t> scrub() {
        return world.run(log->scrub([](std::uint64_t) -> runtime::Task<bool> { co_return true; }));
    }
};

TEST(LogScrub, ReadsAllSealedSegments) {
    ScrubBench bench;
    const auto read = bench.scrub();
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(*read, bench.sealed);
}

TEST(LogScrub, FindsAFlippedBitAndSaysWhere) {
    ScrubBench bench;
    const std::string name = bench.path("00000000000000000010.log");
    bench.world.files().content(name)[100] ^= 0x10;
    const auto read = bench.scrub();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::kCorrupt);
    EXPECT_NE(read.error().detail().find(name), std::string::npos) << read.error().to_string();
}

TEST(LogScrub, FindsAHeaderFieldThatNoChecksumCovers) {
    ScrubBench bench;
    // The leader epoch of the first batch of the second segment.
    bench.world.files().content(bench.path("00000000000000000010.log"))[15] ^= 0x10;
    const auto read = bench.scrub();
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code(), ErrorCode::kCorrupt);
}

TEST(LogScrub, ADamagedDigestProvesNothing) {
    ScrubBench bench;
    bench.world.files().content(bench.path("00000000000000000010.digest"))[80] ^= 0x10;
    EXPECT_TRUE(bench.scrub());
    bench.world.files().content(bench.path("00000000000000000000.digest"))[3] ^= 0x10;
    EXPECT_TRUE(bench.scrub());
}

TEST(LogScrub, EndsEarlyWhenToldTo) {
    ScrubBench bench;
    const auto read = bench.world.run(bench.log->scrub([](std::uint64_t) -> runtime::Task<bool> {
        co_return false;
    }));
    ASSERT_TRUE(read);
    EXPECT_LT(*read, bench.log->size_bytes());
}

}  // namespace
}  // namespace sealane::broker
