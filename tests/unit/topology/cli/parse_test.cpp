// Command lines as people type them, right and wrong.

#include "topology/cli/parse.hpp"

#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

Result<ParsedLine> parse(std::vector<std::string> words) {
    return parse_line(words);
}

std::string refusal(std::vector<std::string> words) {
    const auto line = parse_line(words);
    return line ? "accepted" : line.error().detail();
}

TEST(CommandLine, FindsTheCommandItsArgumentsAndFlagsInAnyOrder) {
    const auto line = parse({"--partitions=3", "topic", "create", "orders", "--cluster", "korea"});
    ASSERT_TRUE(line) << line.error().to_string();
    ASSERT_NE(line->command, nullptr);
    EXPECT_EQ(line->command->words, "topic create");
    EXPECT_EQ(line->invocation.arguments, std::vector<std::string>{"orders"});
    EXPECT_EQ(line->invocation.number("partitions"), 3);
    EXPECT_EQ(line->invocation.text("cluster"), "korea");
    EXPECT_EQ(line->invocation.text("timeout"), "30s");
}

TEST(CommandLine, TakesUnderscoresForDashesAndWordsAfterTwoDashesAsTheyAre) {
    const auto line = parse({"topic", "create", "--replication_factor=1", "--", "--odd-name"});
    ASSERT_TRUE(line);
    EXPECT_TRUE(line->invocation.has("replication-factor"));
    EXPECT_EQ(line->invocation.arguments.front(), "--odd-name");
}

TEST(CommandLine, KeepsEveryValueOfARepeatedFlag) {
    const auto line = parse({"demo", "up", "--feed=/a", "--feed=/b"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->invocation.flags.at("feed"), (std::vector<std::string>{"/a", "/b"}));
}

TEST(CommandLine, FindsCommandsOfThreeWords) {
    const auto line = parse({"cluster", "reassign", "apply", "plan.json", "--cluster=korea"});
    ASSERT_TRUE(line) << line.error().to_string();
    EXPECT_EQ(line->command->words, "cluster reassign apply");
    EXPECT_EQ(line->invocation.arguments, std::vector<std::string>{"plan.json"});
    EXPECT_NE(refusal({"cluster", "reassign", "apply"}).find("apply FILE"), std::string::npos);
    EXPECT_NE(refusal({"cluster", "drain"}).find("drain BROKER"), std::string::npos);
    EXPECT_NE(
        refusal({"cluster", "reassign"}).find("sealane help cluster reassign"), std::string::npos
    );
}

TEST(CommandLine, SuggestsWhatWasMeant) {
    EXPECT_NE(
        refusal({"topic", "list", "--clutser=x"}).find("did you mean --cluster"), std::string::npos
    );
    EXPECT_NE(
        refusal({"topic", "lsit"}).find("did you mean sealane topic list"), std::string::npos
    );
    EXPECT_NE(refusal({"topic"}).find("sealane help topic"), std::string::npos);
}

TEST(CommandLine, RefusesWhatACommandDoesNotTake) {
    EXPECT_NE(
        refusal({"topic", "create"}).find("usage: sealane topic create TOPIC"), std::string::npos
    );
    EXPECT_NE(
        refusal({"topic", "create", "a", "b"}).find("'b' is one too many"), std::string::npos
    );
    EXPECT_NE(
        refusal({"group", "list", "--partitions=2"}).find("takes no --partitions"),
        std::string::npos
    );
    EXPECT_NE(
        refusal({"topic", "create", "a", "--partitions=many"}).find("not COUNT"), std::string::npos
    );
    EXPECT_NE(refusal({"topic", "list", "--output=xml"}).find("text or json"), std::string::npos);
    EXPECT_NE(refusal({"-x"}).find("--name=value"), std::string::npos);
    EXPECT_NE(refusal({"topic", "list", "--cluster"}).find("needs a value"), std::string::npos);
}

TEST(CommandLine, AsksForHelpInEveryUsualWay) {
    for (const auto& words :
         std::vector<std::vector<std::string>>{{}, {"help"}, {"--help"}, {"-h"}}) {
        const auto line = parse(words);
        ASSERT_TRUE(line);
        EXPECT_EQ(line->command, nullptr);
        EXPECT_TRUE(line->help_words.empty());
    }
    const auto line = parse({"topic", "create", "--help"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->help_words, (std::vector<std::string>{"topic", "create"}));
}

}  // namespace
}  // namespace sealane::topology
