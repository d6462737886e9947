#include "mirror/link/lag_gauge.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror {
namespace {

Instant at(int seconds) {
    return Instant{} + std::chrono::seconds(seconds);
}

TEST(LagGauge, AgeIsThatOfTheOldestRecordNotCopied) {
    LagGauge lag;
    lag.on_source(at(1), Offset(10));
    lag.on_source(at(3), Offset(20));
    EXPECT_EQ(lag.records(), 20);
    EXPECT_EQ(lag.age(at(5)), 4s);
    lag.on_copied(Offset(9), 90);
    EXPECT_EQ(lag.age(at(5)), 4s);
    lag.on_copied(Offset(10), 10);
    EXPECT_EQ(lag.age(at(5)), 2s);
    EXPECT_EQ(lag.bytes(), 100);
    lag.on_copied(Offset(20), 100);
    EXPECT_EQ(lag.age(at(9)), 0s);
    EXPECT_EQ(lag.records(), 0);
}

TEST(LagGauge, GrowsWhileNothingFlows) {
    LagGauge lag;
    lag.on_source(at(1), Offset(1));
    for (int i = 2; i < 100; ++i) lag.on_source(at(i), Offset(1));
    EXPECT_EQ(lag.age(at(100)), 99s);
}

TEST(LagGauge, ManyMarksStayBoundedAndNeverUnderstate) {
    LagGauge lag;
    for (int i = 1; i <= 5000; ++i) lag.on_source(at(i), Offset(i));
    for (int copied = 0; copied < 5000; copied += 97) {
        lag.on_copied(Offset(copied), 1);
        EXPECT_GE(lag.age(at(5000)), std::chrono::seconds(5000 - (copied + 1)));
    }
}

TEST(LagGauge, ATruncatedSourceForgetsWhatIsGone) {
    LagGauge lag;
    lag.on_source(at(1), Offset(10));
    lag.on_source(at(2), Offset(20));
    lag.on_source(at(3), Offset(5));
    EXPECT_EQ(lag.records(), 5);
    lag.on_copied(Offset(5), 1);
    EXPECT_EQ(lag.age(at(9)), 0s);
}

}  // namespace
}  // namespace sealane::mirror
