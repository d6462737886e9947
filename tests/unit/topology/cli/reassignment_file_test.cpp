#include "topology/cli/reassignment_file.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace sealane::topology {
namespace {

std::string refusal(const std::string& text) {
    const auto read = parse_reassignment(text, "plan.json");
    return read ? "accepted" : read.error().detail();
}

TEST(ReassignmentFile, IsWhatKafkasToolReads) {
    const ReassignmentPlan plan{
        {{"t", PartitionId(0)}, {BrokerId(1)}, {BrokerId(2), BrokerId(3)}},
        {{"u", PartitionId(4)}, {BrokerId(3)}, {BrokerId(1)}},
    };
    EXPECT_EQ(
        boost::json::serialize(reassignment_json(plan, PlanSide::kTo)),
        R"({"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[2,3]},)"
        R"({"topic":"u","partition":4,"replicas":[1]}]})"
    );
    const auto back =
        parse_reassignment(boost::json::serialize(reassignment_json(plan, PlanSide::kFrom)), "p");
    ASSERT_TRUE(back);
    ASSERT_EQ(back->size(), 2U);
    EXPECT_EQ(back->at(0).first, plan[0].partition);
    EXPECT_EQ(back->at(0).second, plan[0].from);
}

TEST(ReassignmentFile, ReadsWhatKafkasToolWrites) {
    const auto read = parse_reassignment(
        R"({"version":1,"partitions":[{"topic":"foo","partition":2,"replicas":[5,6],)"
        R"("log_dirs":["any","any"]}]})",
        "plan.json"
    );
    ASSERT_TRUE(read) << read.error().to_string();
    EXPECT_EQ(read->front().second, (std::vector{BrokerId(5), BrokerId(6)}));
}

TEST(ReassignmentFile, SaysWhatIsWrongAndWhere) {
    EXPECT_NE(refusal("{").find("does not read as JSON"), std::string::npos);
    EXPECT_NE(refusal("[]").find("no list 'partitions'"), std::string::npos);
    EXPECT_NE(refusal(R"({"version":2,"partitions":[]})").find("version 1"), std::string::npos);
    EXPECT_EQ(
        refusal(R"({"partitions":[{"topic":"t","partition":0,"replicas":[1]},{"topic":"t"}]})"),
        "plan.json, partition entry 1: 'partition' is missing or no number"
    );
    for (const char* replicas : {"[-1]", "[4294967296]", "[\"1\"]", "7"}) {
        const std::string text = std::string(R"({"partitions":[{"topic":"t","partition":0,)") +
                                 "\"replicas\":" + replicas + "}]}";
        EXPECT_NE(refusal(text).find("'replicas'"), std::string::npos) << replicas;
    }
}

}  // namespace
}  // namespace sealane::topology
