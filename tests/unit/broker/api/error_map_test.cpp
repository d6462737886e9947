#include "broker/api/error_map.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

TEST(ErrorMap, EveryErrorOfOursHasAWireCode) {
    for (std::int32_t code = 10'000; code <= 10'018; ++code) {
        const ErrorCode wire = wire_code(ErrorCode{code});
        EXPECT_TRUE(is_wire_code(wire)) << code;
        EXPECT_NE(wire, ErrorCode::kNone) << code;
        EXPECT_NE(wire, ErrorCode::kUnknownServerError) << code;
    }
    EXPECT_EQ(wire_code(ErrorCode::kNoSpace), ErrorCode::kKafkaStorageError);
}

TEST(ErrorMap, OldVersionsGetCodesTheyKnow) {
    using kafka::ApiKey;
    EXPECT_EQ(wire_code(ErrorCode::kNoSpace, ApiKey::kFetch, 5), ErrorCode::kNotLeaderOrFollower);
    EXPECT_EQ(wire_code(ErrorCode::kNoSpace, ApiKey::kFetch, 6), ErrorCode::kKafkaStorageError);
    EXPECT_EQ(
        wire_code(ErrorCode::kOffsetNotAvailable, ApiKey::kListOffsets, 4),
        ErrorCode::kLeaderNotAvailable
    );
    EXPECT_EQ(
        wire_code(ErrorCode::kOffsetNotAvailable, ApiKey::kListOffsets, 5),
        ErrorCode::kOffsetNotAvailable
    );
    EXPECT_EQ(
        wire_code(ErrorCode::kTopicDeletionDisabled, ApiKey::kDeleteTopics, 2),
        ErrorCode::kInvalidRequest
    );
}

}  // namespace
}  // namespace sealane::broker
