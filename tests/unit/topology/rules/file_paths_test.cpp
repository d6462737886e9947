#include "topology/rules/file_paths.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

TEST(FilePaths, AreComparedInNormalForm) {
    EXPECT_EQ(normal_path("a//b/./c/"), "a/b/c");
    EXPECT_EQ(normal_path("/a/../b"), "/b");
    EXPECT_EQ(normal_path("/../b"), "/b");
    EXPECT_EQ(normal_path("../b"), "../b");
    EXPECT_EQ(normal_path("a/../../b"), "../b");
    EXPECT_EQ(normal_path(""), ".");
    EXPECT_TRUE(lies_within("/a/b", "/a"));
    EXPECT_TRUE(lies_within("/a", "/a"));
    EXPECT_FALSE(lies_within("/ab", "/a"));
    EXPECT_TRUE(lies_within("a/b", "."));
    EXPECT_FALSE(lies_within("/a", "."));
    EXPECT_TRUE(lies_within("/a", "/"));
}

}  // namespace
}  // namespace sealane::topology
