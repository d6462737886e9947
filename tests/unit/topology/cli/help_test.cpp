#include "topology/cli/help.hpp"

#include "topology/cli/command.hpp"
#include "topology/cli/flags.hpp"
#include "topology/cli/topology_source.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

TEST(Help, ListsEveryCommandAndDescribesEachOne) {
    const std::string overview = help_text({});
    for (const CommandSpec& command : command_table()) {
        EXPECT_NE(overview.find("  " + command.words), std::string::npos) << command.words;
        EXPECT_FALSE(command.summary.empty()) << command.words;
        for (const std::string& flag : command.flags) EXPECT_NE(find_flag(flag), nullptr) << flag;
    }
    EXPECT_NE(help_text({"topic", "create"}).find("--partitions=COUNT"), std::string::npos);
    EXPECT_NE(help_text({"topic"}).find("topic delete"), std::string::npos);
    EXPECT_EQ(help_text({"nothing"}), "");
}

TEST(Completion, KnowsEveryNounVerbAndFlag) {
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const std::string script = completion_script(shell);
        for (const char* word : {"topology", "produce", "promote", "partitions"}) {
            EXPECT_NE(script.find(word), std::string::npos) << shell << " " << word;
        }
    }
    EXPECT_EQ(completion_script("tcsh"), "");
    const std::string bash = completion_script("bash");
    EXPECT_NE(
        bash.find("\"cluster\") words=\"info brokers health reassign drain"), std::string::npos
    );
    EXPECT_NE(
        bash.find("\"cluster reassign\") words=\"plan apply status cancel\""), std::string::npos
    );
}

TEST(Reference, TheShippedPageIsWhatTheTableSays) {
    const auto page = read_text_file(SEALANE_SOURCE_DIR "/ops/docs/reference/commands.md");
    ASSERT_TRUE(page) << page.error().to_string();
    EXPECT_EQ(*page, reference_markdown())
        << "renew it: sealane reference > ops/docs/reference/commands.md";
}

}  // namespace
}  // namespace sealane::topology
