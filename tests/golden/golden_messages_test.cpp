// Goal: our codecs and the reference agree on every message in every version that we have.
// Method: each line of data/messages.jsonl.gz has bytes and the values in them. Decoding the
// bytes and printing gives the values; encoding again gives the bytes.

#include "tests/golden/messages_under_test.hpp"
#include "tests/golden/reference_data.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <set>

namespace sealane::kafka::testing {
namespace {

BufferSlice from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return BufferSlice::copy_of(bytes);
}

// The reference writes the tag of a null ClassicMemberMetadata, because it has no default there;
// readers accept both, and we leave it out.
bool is_encoded_differently(std::string_view name, std::string_view variant) {
    return name == "ConsumerGroupMemberMetadataValue" && variant == "empty";
}

TEST(GoldenMessages, DecodeToTheReferenceValuesAndEncodeToTheReferenceBytes) {
    std::size_t vectors = 0;
    for (const std::string& line : read_lines("messages.jsonl.gz")) {
        const boost::json::value golden = boost::json::parse(line);
        const std::string name(golden.at("name").as_string());
        const std::string variant(golden.at("variant").as_string());
        const auto version = static_cast<std::int16_t>(golden.at("version").as_int64());
        SCOPED_TRACE(name + " v" + std::to_string(version) + " " + variant);
        const MessageUnderTest* message = find_message(name);
        ASSERT_NE(message, nullptr);
        const BufferSlice bytes = from_hex(golden.at("hex").as_string());

        const Result<std::string> shown = message->show(bytes, version);
        ASSERT_TRUE(shown) << shown.error().to_string();
        if (!is_encoded_differently(name, variant)) {
            EXPECT_EQ(boost::json::parse(*shown), golden.at("value")) << *shown;
            const Result<BufferSlice> again = message->reencode(bytes, version);
            ASSERT_TRUE(again) << again.error().to_string();
            EXPECT_TRUE(*again == bytes);
        }
        ++vectors;
    }
    EXPECT_GE(vectors, 1'286U);
}

TEST(GoldenMessages, CoverEveryVersionOfEveryMessageOfKafka) {
    std::set<std::pair<std::string, std::int64_t>> covered;
    for (const std::string& line : read_lines("messages.jsonl.gz")) {
        const boost::json::value golden = boost::json::parse(line);
        covered.emplace(golden.at("name").as_string(), golden.at("version").as_int64());
    }
    for (const MessageUnderTest& message : messages_under_test()) {
        if (message.schema.number >= 1'000) continue;  // private to Sealane
        const VersionRange versions = message.schema.versions;
        for (std::int16_t v = versions.first; v <= versions.last; ++v) {
            EXPECT_TRUE(covered.contains({std::string(message.schema.name), v}))
                << message.schema.name << " v" << v;
        }
    }
}

}  // namespace
}  // namespace sealane::kafka::testing
