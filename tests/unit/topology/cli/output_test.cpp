#include "topology/cli/output.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

TEST(Table, AlignsNumbersRightAndTextLeft) {
    Table table({"NAME", "COUNT"});
    table.row({"a", "1,234"});
    table.row({"longer", "5"});
    EXPECT_EQ(table.text(), "NAME    COUNT\na       1,234\nlonger      5\n");
}

TEST(Table, CountsCharactersNotBytes) {
    Table table({"X", "Y"});
    table.row({"\u00e9\u00e9", "z"});
    EXPECT_EQ(table.text(), "X   Y\n\u00e9\u00e9  z\n");
}

TEST(Numbers, ReadWell) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(1234567), "1,234,567");
    EXPECT_EQ(count_text(-1000), "-1,000");
    EXPECT_EQ(bytes_text(512), "512 B");
    EXPECT_EQ(bytes_text(1536), "1.5 KiB");
    EXPECT_EQ(duration_text(250ms), "250 ms");
    EXPECT_EQ(duration_text(1500ms), "1.50 s");
}

TEST(ExitCodes, FollowTheKindOfError) {
    EXPECT_EQ(exit_code_for({ErrorCode::kConnectionRefused, ""}), ExitCode::kUnreachable);
    EXPECT_EQ(exit_code_for({ErrorCode::kTlsFailed, ""}), ExitCode::kNotTrusted);
    EXPECT_EQ(exit_code_for({ErrorCode::kBadConfig, ""}), ExitCode::kBadConfig);
    EXPECT_EQ(exit_code_for({ErrorCode::kCorrupt, ""}), ExitCode::kBadData);
    EXPECT_EQ(exit_code_for(Error::stopped()), ExitCode::kInterrupted);
    EXPECT_EQ(exit_code_for({ErrorCode::kTopicAlreadyExists, ""}), ExitCode::kFailed);
}

}  // namespace
}  // namespace sealane::topology
