#include "common/base/crc32c.hpp"

#include <gtest/gtest.h>

namespace sealane {
namespace {

TEST(Crc32c, MatchesThePublishedCheckValue) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
}

TEST(Crc32c, ContinuesFromASeed) {
    EXPECT_EQ(crc32c(as_bytes("456789"), crc32c(as_bytes("123"))), crc32c(as_bytes("123456789")));
}

TEST(Crc32c, CombinesTwoParts) {
    const auto a = crc32c(as_bytes("1234"));
    const auto b = crc32c(as_bytes("56789"));
    EXPECT_EQ(crc32c_combine(a, b, 5), crc32c(as_bytes("123456789")));
}

TEST(Crc32c, PatchesBytesAtEveryPositionWithoutReadingTheRest) {
    std::string text(300, 'x');
    const auto before = crc32c(as_bytes(text));
    for (std::size_t at = 0; at + 8 <= text.size(); ++at) {
        std::string changed = text;
        changed.replace(at, 8, "producer");
        EXPECT_EQ(
            crc32c_patch(before, text.size(), at, as_bytes("xxxxxxxx"), as_bytes("producer")),
            crc32c(as_bytes(changed))
        );
    }
}

}  // namespace
}  // namespace sealane
