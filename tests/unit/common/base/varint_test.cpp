#include "common/base/varint.hpp"

#include <gtest/gtest.h>

namespace sealane {
namespace {

TEST(Varint, RoundTripsAtEveryLength) {
    for (unsigned shift = 0; shift < 64; ++shift) {
        for (const std::uint64_t value : {1ULL << shift, (1ULL << shift) - 1}) {
            std::byte bytes[kMaxVarlongBytes];
            const auto n = write_uvarint(bytes, value);
            EXPECT_EQ(n, uvarint_size(value));
            const auto read = read_uvarint({bytes, n}, kMaxVarlongBytes);
            ASSERT_TRUE(read);
            EXPECT_EQ(read->value, value);
            EXPECT_EQ(read->length, n);
            EXPECT_FALSE(read_uvarint({bytes, n - 1}, kMaxVarlongBytes));
        }
    }
}

TEST(Varint, RefusesNumbersThatDoNotFit) {
    const std::byte five[5] = {
        std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0x1f}
    };
    EXPECT_FALSE(read_uvarint(five, kMaxVarintBytes));
    EXPECT_TRUE(read_uvarint(five, kMaxVarlongBytes));
}

TEST(Varint, ZigzagKeepsSmallNumbersSmall) {
    for (const std::int64_t v : {0LL, -1LL, 1LL, -64LL, 63LL}) {
        EXPECT_LT(zigzag(v), 128U);
        EXPECT_EQ(unzigzag(zigzag(v)), v);
    }
    EXPECT_EQ(unzigzag(zigzag(INT64_MIN)), INT64_MIN);
    EXPECT_EQ(unzigzag(zigzag(INT64_MAX)), INT64_MAX);
}

}  // namespace
}  // namespace sealane
