#include "common/kafka/messages/fetch.hpp"
#include "common/kafka/messages/groups.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/kafka/messages/produce.hpp"
#include "common/kafka/messages/sasl.hpp"

#include <gtest/gtest.h>

namespace sealane::kafka {
namespace {

TEST(Encoder, RefusesARequestValueThatTheVersionCannotCarry) {
    JoinGroupRequest request;
    request.group_instance_id = "static-1";
    EXPECT_TRUE(encode(request, 5));
    const auto refused = encode(request, 4);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidRequest);
    EXPECT_NE(refused.error().detail().find("GroupInstanceId"), std::string::npos);
}

TEST(Encoder, DropsIgnorableValuesOfRequestsAndAllOfResponses) {
    JoinGroupRequest request;
    request.reason = "rolling restart";
    EXPECT_TRUE(encode(request, 7));
    JoinGroupResponse response;
    response.throttle_time_ms = 5;
    const auto bytes = encode(response, 0);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(decode<JoinGroupResponse>(*bytes, 0)->throttle_time_ms, 0);
}

TEST(Encoder, RefusesNullWhereTheVersionHasNone) {
    MetadataRequest request;
    request.topics.reset();
    EXPECT_TRUE(encode(request, 1));
    EXPECT_FALSE(encode(request, 0));
}

TEST(Encoder, RefusesStringsThatNoLengthCanHold) {
    JoinGroupRequest request;
    request.protocols.emplace_back().name.assign(32'768, 'x');
    const auto refused = encode(request, 6);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail().find("Protocols[0].Name"), std::string::npos);
}

TEST(Encoder, LeavesTaggedFieldsAtTheirDefaultOut) {
    const FetchRequest plain;
    FetchRequest tagged;
    tagged.cluster_id = "c";
    const auto without = encode(plain, 12);
    const auto with = encode(tagged, 12);
    ASSERT_TRUE(without && with);
    EXPECT_EQ(with->size(), without->size() + 4);  // tag, size, length, one letter
}

TEST(Encoder, WritesInternalErrorCodesAsUnknownServerError) {
    JoinGroupResponse response;
    response.error_code = ErrorCode::kNoSpace;
    const auto bytes = encode(response, 0);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(decode<JoinGroupResponse>(*bytes, 0)->error_code, ErrorCode::kUnknownServerError);
}

TEST(Encoder, RefersToLargeRecordBatchesInsteadOfCopying) {
    ProduceRequest request;
    auto& topic = request.topic_data.emplace_back();
    topic.name = "t";
    const BufferSlice large = BufferSlice::copy_of(std::string(5'000, 'r'));
    topic.partition_data.emplace_back().records = large;
    topic.partition_data.emplace_back().records = BufferSlice::copy_of("small");
    const auto chain = encode_chain(request, 9);
    ASSERT_TRUE(chain);
    ASSERT_EQ(chain->slices().size(), 3U);
    EXPECT_EQ(chain->slices()[1].data(), large.data());
    EXPECT_TRUE(chain->joined() == *encode(request, 9));
}

TEST(Encoder, GrowsForMessagesOfAnySize) {
    MetadataResponse response;
    for (int i = 0; i < 5'000; ++i) response.topics.emplace_back().name = "topic-name";
    const auto bytes = encode(response, 12);
    ASSERT_TRUE(bytes);
    EXPECT_EQ(decode<MetadataResponse>(*bytes, 12)->topics.size(), 5'000U);
}

TEST(Printer, RedactsSecrets) {
    SaslAuthenticateRequest request;
    request.auth_bytes = BufferSlice::copy_of("hunter2");
    EXPECT_EQ(to_json(request, 1), "{\"AuthBytes\":\"(secret)\"}");
    EXPECT_EQ(to_json(request, 1, Secrets::kShow), R"({"AuthBytes":"68756e74657232"})");
}

TEST(Printer, EscapesTextAndCutsLongBytes) {
    SaslHandshakeRequest request;
    request.mechanism = "a\"b\\\x01";
    EXPECT_EQ(to_json(request, 1), "{\"Mechanism\":\"a\\\"b\\\\\\u0001\"}");
    ProduceRequest produce;
    auto& topic = produce.topic_data.emplace_back();
    topic.partition_data.emplace_back().records = BufferSlice::copy_of(std::string(1'000, 'r'));
    const std::string shown = to_json(produce, 3);
    EXPECT_NE(shown.find("72... (1000 bytes)"), std::string::npos);
    EXPECT_LT(shown.size(), 400U);
}

}  // namespace
}  // namespace sealane::kafka
