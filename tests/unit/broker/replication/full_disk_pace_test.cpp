#include "broker/replication/full_disk_pace.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

using Found = FullDiskPace::Found;

constexpr Instant at(Duration since) {
    return Instant{} + since;
}

TEST(FullDiskPace, TriesAtAnEvenPaceUntilThereIsRoom) {
    FullDiskPace pace;
    EXPECT_EQ(pace.try_at(), Instant::never());
    pace.on_full(at(10s));
    EXPECT_EQ(pace.try_at(), at(11s));
    pace.on_full(at(10500ms));  // another replica: known already
    EXPECT_EQ(pace.try_at(), at(11s));
    for (const Duration now : {11s, 12s, 13s}) {
        pace.on_tried(at(now), Found::kNone);
        EXPECT_EQ(pace.try_at(), at(now + 1s));
    }
    pace.on_tried(at(14s), Found::kRoom);
    EXPECT_EQ(pace.try_at(), Instant::never());
}

TEST(FullDiskPace, ADiskThatIsSoonFullAgainWaitsLongerEachTime) {
    FullDiskPace pace;
    Duration now = 10s;
    for (const Duration pause : {1s, 2s, 4s, 8s, 10s, 10s}) {
        pace.on_full(at(now));
        EXPECT_EQ(pace.try_at(), at(now + pause));
        now += pause;
        pace.on_tried(at(now), Found::kRoom);
        now += 1s;
    }
    now += FullDiskPace::kCalm;
    pace.on_full(at(now));
    EXPECT_EQ(pace.try_at(), at(now + 1s));
}

}  // namespace
}  // namespace sealane::broker
