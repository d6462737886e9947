#include "common/config/json.hpp"

#include "common/config/yaml.hpp"

#include <gtest/gtest.h>

namespace sealane::config {
namespace {

TEST(Json, KeepsOrderTypesAndQuotedStrings) {
    Problems problems("x.yaml");
    const Node node =
        parse_yaml("b: 1\na: [true, \"2\", 1.5, x\"y, 010]\nn:\ne: {}\nl: []\n", problems);
    ASSERT_TRUE(problems.empty()) << problems.to_string();
    EXPECT_EQ(
        to_json(node),
        "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    \"2\",\n    1.5,\n    \"x\\\"y\",\n    "
        "\"010\"\n  "
        "],\n  \"n\": null,\n  \"e\": {},\n  \"l\": []\n}\n"
    );
}

}  // namespace
}  // namespace sealane::config
