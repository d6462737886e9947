#include "common/config/yaml_text.hpp"

#include "common/config/yaml.hpp"

#include <gtest/gtest.h>

namespace sealane::config {
namespace {

// Kinds, texts and quoting, without places.
std::string shape(const Node& node) {
    std::string text = describe(node.kind);
    text += node.quoted ? " '" + node.scalar + "'" : " " + node.scalar;
    for (const Node& item : node.items) text += "[" + shape(item) + "]";
    for (const NodeEntry& entry : node.entries)
        text += "{" + entry.key + ":" + shape(entry.value) + "}";
    return text;
}

TEST(YamlText, ReadsBackAsTheSameTree) {
    for (const char* text : {
             "a: 1\nb: [x, \"true\", 'it: is']\n",
             "list:\n  - name: one\n    deep:\n      - - 1\n        - 2\n      - {}\n  - []\n  - "
             "~\n",
             "\"key with: colon\": \"line\\nbreak\"\naddress: 127.0.0.1:9092\n",
             "plain scalar\n",
         }) {
        Problems problems("t.yaml");
        const Node tree = parse_yaml(text, problems);
        ASSERT_TRUE(problems.empty()) << text;
        const std::string written = to_yaml(tree);
        const Node again = parse_yaml(written, problems);
        EXPECT_TRUE(problems.empty()) << written;
        EXPECT_EQ(shape(tree), shape(again)) << written;
    }
}

TEST(YamlText, ReplacesAndAppendsEntries) {
    Node node = mapping_node();
    set_entry(node, "a", scalar_node("1"));
    set_entry(node, "b", sequence_node());
    set_entry(node, "a", scalar_node("2"));
    EXPECT_EQ(to_yaml(node), "a: 2\nb: []\n");
}

}  // namespace
}  // namespace sealane::config
