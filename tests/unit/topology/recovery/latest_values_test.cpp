// Two compacted sides of a replica link: equal are the values that keys end with.

#include "topology/recovery/latest_values.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

kafka::Record record(std::int64_t offset, std::string key, std::optional<std::string> value) {
    kafka::Record made = kafka::text_record(key, value);
    made.offset = Offset(offset);
    return made;
}

struct Sides {
    LatestValues latest;
    void source(std::int64_t offset, std::string key, std::optional<std::string> value = "v") {
        EXPECT_TRUE(latest.at_source(record(offset, std::move(key), std::move(value))));
    }
    void target(std::int64_t offset, std::string key, std::optional<std::string> value = "v") {
        EXPECT_TRUE(latest.at_target(record(offset, std::move(key), std::move(value))));
    }
    [[nodiscard]] std::size_t differences(std::int64_t open_from = 100) const {
        return latest.judge(Offset(open_from)).differences.size();
    }
};

TEST(LatestValues, SupersededRecordsMayBeOnOneSideOnly) {
    Sides sides;
    sides.source(0, "a");
    sides.source(5, "a");
    sides.target(5, "a");
    EXPECT_EQ(sides.differences(), 0U);
}

TEST(LatestValues, AMissingLatestValueIsADifference) {
    Sides sides;
    sides.source(0, "a");
    sides.target(0, "a");
    sides.source(5, "a");
    EXPECT_EQ(sides.differences(), 1U);
    EXPECT_EQ(
        sides.latest.judge(Offset(100)).differences.front(),
        "a key ends with the value at offset 5 at the source and the value at offset 0 at the "
        "target"
    );
}

TEST(LatestValues, ATombstoneIsAsGoodAsNothing) {
    Sides sides;
    sides.source(0, "gone");
    sides.source(3, "gone", std::nullopt);
    EXPECT_EQ(sides.differences(), 0U);
    sides.target(0, "gone");
    EXPECT_EQ(sides.differences(), 1U);  // a delete that did not arrive
    sides.target(3, "gone", std::nullopt);
    EXPECT_EQ(sides.differences(), 0U);
}

TEST(LatestValues, WhatWasWrittenBehindTheOthersEndCannotBeTold) {
    Sides sides;
    sides.target(1, "a");
    sides.source(50, "a");
    EXPECT_EQ(sides.differences(50), 0U);
    EXPECT_EQ(sides.latest.judge(Offset(50)).open, 1);
    EXPECT_EQ(sides.differences(51), 1U);
}

TEST(LatestValues, RecordsWithoutKeysDoNotCount) {
    LatestValues latest;
    kafka::Record keyless = kafka::text_record(std::nullopt, "v");
    keyless.offset = Offset(1);
    EXPECT_TRUE(latest.at_source(keyless));
    EXPECT_TRUE(latest.judge(Offset(100)).differences.empty());
}

}  // namespace
}  // namespace sealane::topology
