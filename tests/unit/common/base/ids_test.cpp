#include "common/base/ids.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

namespace sealane {
namespace {

TEST(Uuid, TextRoundTripsAndRefusesOthers) {
    Rng rng(7);
    for (int i = 0; i < 100; ++i) {
        Uuid uuid;
        for (auto& byte : uuid.bytes) byte = static_cast<std::uint8_t>(rng.below(256));
        EXPECT_EQ(uuid.to_string().size(), 22U);
        EXPECT_EQ(Uuid::parse(uuid.to_string()), uuid);
    }
    EXPECT_FALSE(Uuid::parse("short"));
    EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAAA!"));
    EXPECT_FALSE(Uuid::parse("AAAAAAAAAAAAAAAAAAAAAB"));  // low bits that no id has
}

TEST(Position, MovesAndSubtracts) {
    EXPECT_EQ(Offset(5) + 3, Offset(8));
    EXPECT_EQ(Offset(8) - Offset(5), 3);
    EXPECT_LT(Offset(5), Offset(6));
}

}  // namespace
}  // namespace sealane
