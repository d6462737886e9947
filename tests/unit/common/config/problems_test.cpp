#include "common/config/problems.hpp"

#include <gtest/gtest.h>

namespace sealane::config {
namespace {

TEST(Problems, AreListedInFileOrderWithPlaceAndMending) {
    Problems problems("a.yaml");
    problems.add({7, 3}, "links[0].to", "unknown cluster 'x'", "did you mean 'y'?");
    problems.add({2, 1}, "", "unknown key 'z'");
    problems.add({2, 1}, "", "unknown key 'z'");
    EXPECT_EQ(
        problems.to_string(),
        "a.yaml:2:1: unknown key 'z'\n"
        "a.yaml:7:3: links[0].to: unknown cluster 'x'; did you mean 'y'?"
    );
    EXPECT_EQ(problems.status().error().code(), ErrorCode::kBadConfig);
}

TEST(Problems, AreBounded) {
    Problems problems("a.yaml");
    for (int i = 1; i <= 500; ++i) problems.add({i, 1}, "", "wrong");
    EXPECT_EQ(problems.size(), 500U);
    EXPECT_EQ(problems.sorted().size(), Problems::kMost);
    EXPECT_NE(problems.to_string().find("and 400 more"), std::string::npos);
}

TEST(Problems, SuggestWhatWasMeant) {
    EXPECT_EQ(
        nearest("replication_facter", {"replication_factor", "partitions"}), "replication_factor"
    );
    EXPECT_EQ(nearest("nmae", {"name", "from"}), "name");
    EXPECT_EQ(nearest("completely", {"name", "from"}), "");
    EXPECT_EQ(nearest("x", {"y"}), "");
    EXPECT_EQ(suggest("zzzzz", {"name", "from"}), "known: name, from");
    EXPECT_EQ(nearest(std::string(10'000, 'a'), {"a"}), "");
}

}  // namespace
}  // namespace sealane::config
