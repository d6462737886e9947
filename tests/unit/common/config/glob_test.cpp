#include "common/base/rng.hpp"
#include "common/config/scalar.hpp"

#include <gtest/gtest.h>

namespace sealane::config {
namespace {

TEST(Glob, MatchesRunsAndSingleCharacters) {
    EXPECT_TRUE(glob_matches("*", ""));
    EXPECT_TRUE(glob_matches("logs.*", "logs.syslog"));
    EXPECT_FALSE(glob_matches("logs.*", "logsx"));
    EXPECT_TRUE(glob_matches("a?c*e", "abcdde"));
    EXPECT_FALSE(glob_matches("a?c", "ac"));
    EXPECT_TRUE(glob_matches("*.tmp", "x.y.tmp"));
    EXPECT_FALSE(glob_matches("orders", "orders2"));
}

TEST(Glob, KnowsWhenTwoPatternsCanMatchTheSameName) {
    EXPECT_TRUE(globs_overlap("logs.*", "*.audit"));
    EXPECT_TRUE(globs_overlap("*", "x"));
    EXPECT_FALSE(globs_overlap("logs.*", "orders.*"));
    EXPECT_TRUE(globs_overlap("a*c", "ab?c"));
    EXPECT_FALSE(globs_overlap("a", "ab"));
}

TEST(Glob, KnowsWhenOnePatternCoversAnother) {
    EXPECT_TRUE(glob_covers("*", "logs.*"));
    EXPECT_TRUE(glob_covers("logs.*", "logs.*"));
    EXPECT_TRUE(glob_covers("logs.*", "logs.web.*"));
    EXPECT_FALSE(glob_covers("logs.web.*", "logs.*"));
    EXPECT_FALSE(glob_covers("logs.?", "logs.*"));
    EXPECT_TRUE(glob_covers("logs.?", "logs.a"));
}

// All texts over {a, b} up to length 6 are the model of what a pattern means.
TEST(Glob, OverlapIsExactAndCoverageIsSoundOnSmallPatterns) {
    std::vector<std::string> texts{""};
    for (std::size_t i = 0; i < texts.size() && texts[i].size() < 6; ++i) {
        texts.push_back(texts[i] + "a");
        texts.push_back(texts[i] + "b");
    }
    Rng rng(7);
    const auto pattern = [&] {
        std::string made;
        const auto length = rng.below(4);  // two of them have a common text of at most six, if any
        for (std::uint64_t i = 0; i < length; ++i) made += "ab?*"[rng.below(4)];
        return made;
    };
    for (int round = 0; round < 2000; ++round) {
        const std::string a = pattern();
        const std::string b = pattern();
        bool overlap = false;
        bool covers = true;
        for (const std::string& text : texts) {
            const bool in_a = glob_matches(a, text);
            const bool in_b = glob_matches(b, text);
            overlap = overlap || (in_a && in_b);
            covers = covers && (in_a || !in_b);
        }
        EXPECT_EQ(globs_overlap(a, b), overlap) << a << " " << b;
        if (glob_covers(a, b)) EXPECT_TRUE(covers) << a << " covers " << b;
    }
}

}  // namespace
}  // namespace sealane::config
