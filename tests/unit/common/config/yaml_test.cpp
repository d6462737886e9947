#include "common/config/yaml.hpp"

#include <gtest/gtest.h>

namespace sealane::config {
namespace {

std::string problems_of(std::string_view text) {
    Problems problems("f");
    (void)parse_yaml(text, problems);
    return problems.to_string();
}

TEST(Yaml, BuildsATreeWithPlaces) {
    Problems problems("f");
    const Node root = parse_yaml("a: 1\nb:\n  - x\n  - 'y z'\nc: ~\n", problems);
    ASSERT_TRUE(problems.empty()) << problems.to_string();
    ASSERT_EQ(root.entries.size(), 3U);
    EXPECT_EQ(root.entries[1].key_mark, (Mark{2, 1}));
    const Node* list = root.find("b");
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(list->items[0].mark, (Mark{3, 5}));
    EXPECT_EQ(list->items[1].scalar, "y z");
    EXPECT_TRUE(list->items[1].quoted);
    EXPECT_FALSE(list->items[0].quoted);
    EXPECT_EQ(root.find("c")->kind, Node::Kind::kNull);
    EXPECT_EQ(root.find("d"), nullptr);
}

TEST(Yaml, AnEmptyFileIsNothing) {
    Problems problems("f");
    EXPECT_EQ(parse_yaml("# only words\n", problems).kind, Node::Kind::kNull);
    EXPECT_TRUE(problems.empty());
}

TEST(Yaml, RefusesWhatHidesMeaning) {
    EXPECT_EQ(
        problems_of("a: 1\nb: 2\na: 3\n"),
        "f:3:1: key 'a' is here a second time; keep one of the two"
    );
    EXPECT_NE(
        problems_of("a: &x 1\nb: 2\n").find("f:1:4: anchors (&x) are not allowed"),
        std::string::npos
    );
    EXPECT_NE(problems_of("a: &x 1\nb: *x\n").find("aliases"), std::string::npos);
    EXPECT_NE(problems_of("a: !!binary xx\n").find("tags"), std::string::npos);
    EXPECT_NE(problems_of("<<: {a: 1}\n").find("merge keys"), std::string::npos);
    EXPECT_NE(problems_of("a: 1\n---\nb: 2\n").find("a second document"), std::string::npos);
    EXPECT_NE(problems_of("[1, 2]: 3\n").find("a key must be text"), std::string::npos);
}

TEST(Yaml, PlacesSyntaxErrors) {
    EXPECT_EQ(problems_of("a: 1\n  b: [\n").substr(0, 4), "f:2:");
    EXPECT_FALSE(problems_of("a: 'x\n").empty());
    EXPECT_FALSE(problems_of("\t- a\n").empty());
}

TEST(Yaml, IsBounded) {
    EXPECT_NE(problems_of(std::string(200, '[')).find("nested deeper"), std::string::npos);
    EXPECT_NE(
        problems_of(std::string(kYamlBytesMax + 1, ' ')).find("larger than 4MiB"), std::string::npos
    );
    std::string wide = "[";
    for (int i = 0; i < 210'000; ++i) wide += "1,";
    EXPECT_NE(problems_of(wide + "1]").find("more than"), std::string::npos);
}

TEST(Yaml, TakesUtf8TextOnly) {
    EXPECT_EQ(problems_of("a: 서울\n"), "");
    EXPECT_NE(problems_of("a: \xff\xfe\n").find("UTF-8"), std::string::npos);
    EXPECT_NE(problems_of(std::string("a: \0b", 5)).find("UTF-8"), std::string::npos);
    EXPECT_NE(problems_of("a: \xe2\x82").find("UTF-8"), std::string::npos);
}

TEST(Yaml, QuotesSoThatTextReadsBack) {
    for (const char* text :
         {"plain", "a: b", "true", "12", "", "- x", "sp ace", "q\"uo\\te", "new\nline", "*", "#c"
         }) {
        Problems problems("f");
        const std::string file = std::string("k: ") + yaml_quote(text) + "\n";
        const Node root = parse_yaml(file, problems);
        ASSERT_TRUE(problems.empty()) << file << problems.to_string();
        ASSERT_NE(root.find("k"), nullptr);
        EXPECT_EQ(root.find("k")->scalar, text);
    }
}

}  // namespace
}  // namespace sealane::config
