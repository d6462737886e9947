// Goal: whatever the bytes, a decoder answers with a message or an error, and never reads outside
// its input; what an encoder writes, a decoder reads back. Method: random messages of every
// version of every message, whole, cut short at every byte, and with bytes changed.

#include "tests/golden/messages_under_test.hpp"

#include <gtest/gtest.h>

namespace sealane::kafka::testing {
namespace {

template <class Check>
void for_every_version(Check check) {
    for (const MessageUnderTest& message : messages_under_test()) {
        const VersionRange versions = message.schema.versions;
        for (std::int16_t version = versions.first; version <= versions.last; ++version) {
            SCOPED_TRACE(std::string(message.schema.name) + " v" + std::to_string(version));
            check(message, version);
            if (::testing::Test::HasFatalFailure()) return;
        }
    }
}

// Exactly these bytes in a block of their own, so that the address sanitizer sees a read beyond.
BufferSlice own_block(ByteView bytes) {
    MutableBuffer block(bytes.size());
    if (!bytes.empty()) std::memcpy(block.data(), bytes.data(), bytes.size());
    return std::move(block).freeze();
}

TEST(AllMessages, SurviveEncodingAndDecodingInEveryVersion) {
    Rng rng(7);
    for_every_version([&](const MessageUnderTest& message, std::int16_t version) {
        for (int round = 0; round < 20; ++round) {
            const Result<BufferSlice> bytes = message.round_trip(rng, version);
            ASSERT_TRUE(bytes) << bytes.error().to_string();
            const Result<BufferSlice> again = message.reencode(*bytes, version);
            ASSERT_TRUE(again) << again.error().to_string();
            ASSERT_TRUE(*again == *bytes);
        }
    });
}

TEST(AllMessages, AreRefusedWhenCutShortAnywhere) {
    Rng rng(8);
    for_every_version([&](const MessageUnderTest& message, std::int16_t version) {
        const Result<BufferSlice> bytes = message.round_trip(rng, version);
        ASSERT_TRUE(bytes) << bytes.error().to_string();
        for (std::size_t length = 0; length < bytes->size(); ++length) {
            const Status cut = message.decodes(own_block(bytes->view().first(length)), version);
            ASSERT_FALSE(cut) << "with " << length << " of " << bytes->size() << " bytes";
            const ErrorCode code = cut.error().code();
            ASSERT_TRUE(code == ErrorCode::kMalformed || code == ErrorCode::kOutOfBounds);
        }
    });
}

TEST(AllMessages, AreRefusedWithBytesLeftOver) {
    Rng rng(9);
    for_every_version([&](const MessageUnderTest& message, std::int16_t version) {
        const Result<BufferSlice> bytes = message.round_trip(rng, version);
        ASSERT_TRUE(bytes) << bytes.error().to_string();
        const std::string longer = std::string(bytes->text()) + '\0';
        const Status decoded = message.decodes(BufferSlice::copy_of(longer), version);
        ASSERT_FALSE(decoded);
        ASSERT_EQ(decoded.error().code(), ErrorCode::kMalformed);
    });
}

TEST(AllMessages, DecodeOrFailCleanlyWithChangedBytes) {
    Rng rng(10);
    for_every_version([&](const MessageUnderTest& message, std::int16_t version) {
        const Result<BufferSlice> bytes = message.round_trip(rng, version);
        ASSERT_TRUE(bytes) << bytes.error().to_string();
        if (bytes->empty()) return;
        for (int round = 0; round < 30; ++round) {
            std::string changed(bytes->text());
            const std::size_t at = rng.below(changed.size());
            changed[at] = static_cast<char>(rng.chance(1, 2) ? 0xff : rng.next());
            const BufferSlice input = own_block(as_bytes(changed));
            const Result<BufferSlice> once = message.reencode(input, version);
            if (!once) continue;
            const Result<BufferSlice> twice = message.reencode(*once, version);
            ASSERT_TRUE(twice) << twice.error().to_string();
            ASSERT_TRUE(*once == *twice);
        }
    });
}

TEST(AllMessages, RefuseVersionsThatTheyDoNotHave) {
    for (const MessageUnderTest& message : messages_under_test()) {
        for (const int version :
             {message.schema.versions.first - 1, message.schema.versions.last + 1}) {
            const Status decoded = message.decodes({}, static_cast<std::int16_t>(version));
            ASSERT_FALSE(decoded) << message.schema.name;
            EXPECT_EQ(decoded.error().code(), ErrorCode::kUnsupportedVersion);
        }
    }
}

TEST(AllMessages, PairRequestsWithResponsesOfTheSameVersions) {
    for (const ApiInfo& api : kApis) {
        const MessageUnderTest* request = find_message(std::string(api.name) + "Request");
        const MessageUnderTest* response = find_message(std::string(api.name) + "Response");
        ASSERT_NE(request, nullptr) << api.name;
        ASSERT_NE(response, nullptr) << api.name;
        EXPECT_EQ(request->schema.versions, response->schema.versions) << api.name;
        EXPECT_EQ(request->schema.flexible_since, response->schema.flexible_since) << api.name;
        EXPECT_EQ(find_api(request->schema.number)->name, api.name);
    }
}

}  // namespace
}  // namespace sealane::kafka::testing
