#include "topology/rules/name_sets.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

TEST(NameSets, FindTheShortestNameInAllAndNone) {
    EXPECT_EQ(find_name({{{"logs.*"}, {}}}), "logs.");
    EXPECT_EQ(find_name({{{"*"}, {}}}), "x");
    EXPECT_EQ(find_name({{{"a*"}, {}}, {{"*b"}, {}}}), "ab");
    EXPECT_EQ(find_name({{{"a"}, {}}, {{"b"}, {}}}), std::nullopt);
    EXPECT_EQ(find_name({{{"a*"}, {"a*"}}}), std::nullopt);
    EXPECT_EQ(find_name({{{"logs.*"}, {}}}, {{{"logs.*"}, {}}}), std::nullopt);
    EXPECT_EQ(find_name({{{"logs.*"}, {}}}, {{{"logs.*"}, {"logs.audit"}}}), "logs.audit");
    EXPECT_EQ(find_name({{{"?", "logs"}, {"?"}}}), "logs");
    EXPECT_EQ(find_name({{{"."}, {}}}), std::nullopt);
    EXPECT_EQ(find_name({{{".*"}, {}}}), ".x");
    EXPECT_EQ(find_name({{{}, {}}}), std::nullopt);
    EXPECT_EQ(find_name({{{std::string(300, 'a')}, {}}}), std::nullopt);
}

TEST(NameSets, AreRenamedExactly) {
    EXPECT_EQ(renamed({{"a*"}, {"ab"}}, "x.{topic}.y").include, std::vector<std::string>{"x.a*.y"});
    EXPECT_EQ(renamed({{"a*"}, {"ab"}}, "x.{topic}.y").exclude, std::vector<std::string>{"x.ab.y"});
    EXPECT_EQ(renamed({{"a*"}, {"ab"}}, "all").include, std::vector<std::string>{"all"});
}

// Against all names over {a, b} up to length 5.
TEST(NameSets, AgreeWithTryingEveryName) {
    std::vector<std::string> names{"a", "b"};
    for (std::size_t i = 0; i < names.size() && names[i].size() < 5; ++i) {
        names.push_back(names[i] + "a");
        names.push_back(names[i] + "b");
    }
    Rng rng(5);
    const auto draw = [&] {
        NameSet set;
        for (std::uint64_t n = 1 + rng.below(2); n > 0; --n) {
            std::string pattern;
            for (std::uint64_t c = 1 + rng.below(3); c > 0; --c) pattern += "ab?*"[rng.below(4)];
            (rng.chance(1, 3) ? set.exclude : set.include).push_back(pattern);
        }
        return set;
    };
    const auto contains = [](const NameSet& set, const std::string& name) {
        bool in = false;
        for (const auto& p : set.include) in = in || config::glob_matches(p, name);
        for (const auto& p : set.exclude) in = in && !config::glob_matches(p, name);
        return in;
    };
    for (int round = 0; round < 1500; ++round) {
        const NameSet one = draw();
        const NameSet two = draw();
        const NameSet not_this = draw();
        const auto found = find_name({one, two}, {not_this});
        if (found) {
            EXPECT_TRUE(
                contains(one, *found) && contains(two, *found) && !contains(not_this, *found)
            );
        }
        for (const std::string& name : names) {
            if (contains(one, name) && contains(two, name) && !contains(not_this, name)) {
                ASSERT_TRUE(found) << name;
                EXPECT_LE(found->size(), name.size());
            }
        }
    }
}

}  // namespace
}  // namespace sealane::topology
