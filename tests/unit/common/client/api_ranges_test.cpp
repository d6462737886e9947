#include "common/client/api_ranges.hpp"

#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/produce.hpp"

#include <gtest/gtest.h>

namespace sealane::client {
namespace {

ApiRanges ranges(std::int16_t key, std::int16_t low, std::int16_t high) {
    kafka::ApiVersionsResponse answer;
    answer.api_keys.push_back({key, low, high});
    return ApiRanges(answer);
}

TEST(ApiRanges, ChoosesTheHighestCommonVersion) {
    const auto& schema = kafka::ProduceRequest::kSchema;
    EXPECT_EQ(*ranges(0, 0, 9).choose(schema), 9);
    EXPECT_EQ(*ranges(0, 0, 99).choose(schema), schema.versions.last);
    EXPECT_EQ(*ranges(0, 0, 99).choose(schema, 7), 7);
}

TEST(ApiRanges, SaysWhenThereIsNothingInCommon) {
    const auto& schema = kafka::ProduceRequest::kSchema;
    EXPECT_EQ(ranges(0, 0, 2).choose(schema).error().code(), ErrorCode::kUnsupportedVersion);
    EXPECT_FALSE(ranges(0, 90, 99).choose(schema));
    EXPECT_FALSE(ranges(0, 9, 13).choose(schema, 8));
    const auto missing = ranges(1, 4, 12).choose(schema);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().detail().find("Produce"), std::string::npos);
}

TEST(ApiRanges, KnowsPrivateApisWhenAdvertised) {
    EXPECT_TRUE(ranges(1000, 0, 0).advertised(kafka::ApiKey::kMirrorPositions));
    EXPECT_FALSE(ranges(0, 0, 9).advertised(kafka::ApiKey::kMirrorPositions));
}

}  // namespace
}  // namespace sealane::client
