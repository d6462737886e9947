#include "common/kafka/messages/frame.hpp"

#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/metadata.hpp"

#include <gtest/gtest.h>

namespace sealane::kafka {
namespace {

std::string hex(const BufferSlice& bytes) {
    std::string text;
    for (const std::byte byte : bytes.view()) {
        text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4U];
        text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 0x0fU];
    }
    return text;
}

TEST(Frame, WritesWhatLibrdkafkaWritesAtConnect) {
    ApiVersionsRequest request;
    request.client_software_name = "librdkafka";
    request.client_software_version = "2.12.1";
    const auto frame = frame_request(request, 3, {7, "demo"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(
        hex(frame->joined()),
        "000000220012000300000007000464656d6f000b6c696272646b61666b6107322e31322e3100"
    );
}

TEST(Frame, NeverPutsTagsIntoTheHeaderOfAnApiVersionsResponse) {
    ApiVersionsResponse response;
    response.api_keys.push_back({.api_key = 0, .min_version = 0, .max_version = 13});
    response.api_keys.push_back({.api_key = 18, .min_version = 0, .max_version = 5});
    const auto flexible = frame_response(response, 3, 7);
    ASSERT_TRUE(flexible);
    EXPECT_EQ(
        hex(flexible->joined()), "0000001a0000000700000300000000000d00001200000005000000000000"
    );
    ApiVersionsResponse unsupported;
    unsupported.error_code = ErrorCode::kUnsupportedVersion;
    unsupported.api_keys.push_back({.api_key = 18, .min_version = 0, .max_version = 5});
    const auto legacy = frame_response(unsupported, 0, 7);
    ASSERT_TRUE(legacy);
    EXPECT_EQ(hex(legacy->joined()), "0000001000000007002300000001001200000005");
}

TEST(Frame, UsesTheLegacyHeaderForLegacyVersions) {
    const auto frame = frame_request(MetadataRequest(), 0, {9, "demo"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(hex(frame->joined()), "000000120003000000000009000464656d6f00000000");
}

TEST(Frame, UsesTheHeaderWithTagsForFlexibleVersions) {
    FindCoordinatorRequest request;
    request.coordinator_keys = {"group1"};
    const auto frame = frame_request(request, 4, {11, "demo"});
    ASSERT_TRUE(frame);
    EXPECT_EQ(hex(frame->joined()), "00000019000a00040000000b000464656d6f0000020767726f75703100");
    BufferSlice body = frame->joined().from(4);
    const auto header = take_request_header(body);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->correlation_id, 11);
    EXPECT_EQ(header->client_id, "demo");
    EXPECT_EQ(decode<FindCoordinatorRequest>(body, 4)->coordinator_keys.at(0), "group1");
}

TEST(Frame, ReadsTheHeaderOfAnApiVersionsRequestFromTheFuture) {
    const auto header_bytes = request_header_bytes(18, 99, {5, std::nullopt});
    ASSERT_TRUE(header_bytes);
    BufferSlice frame = BufferSlice::copy_of(std::string(header_bytes->text()) + "unknown body");
    const auto header = take_request_header(frame);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->request_api_version, 99);
    EXPECT_EQ(frame.text(), "unknown body");
}

TEST(Frame, RefusesTruncatedHeaders) {
    BufferSlice frame = BufferSlice::copy_of("abc");
    EXPECT_FALSE(take_request_header(frame));
    EXPECT_FALSE(take_response_header(frame, ApiKey::kFetch, 12));
}

TEST(Frame, TakesResponseHeadersInTheirVersions) {
    const auto framed = frame_response(FindCoordinatorResponse(), 4, 23);
    ASSERT_TRUE(framed);
    BufferSlice body = framed->joined().from(4);
    const auto header = take_response_header(body, ApiKey::kFindCoordinator, 4);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->correlation_id, 23);
    EXPECT_TRUE(decode<FindCoordinatorResponse>(body, 4));
}

}  // namespace
}  // namespace sealane::kafka
