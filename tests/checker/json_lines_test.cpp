#include "tests/checker/json_lines.hpp"

#include "tests/checker/history_checks.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace sealane::checker {
namespace {

std::string kinds_of(const std::string& lines) {
    std::istringstream in(lines);
    History history;
    ClusterFacts facts;
    const Status read = read_lines(in, history, facts);
    if (!read) return read.error().to_string();
    std::string all;
    for (const Violation& one : check_history(history)) all += one.kind + " ";
    for (const Violation& one : facts.take()) all += one.kind + " ";
    return all;
}

TEST(JsonLines, OperationsOfEveryKind) {
    const std::string good = R"(
{"op":"send","at":1,"process":"w","partition":"a-b-0","value":"w#0"}
{"op":"ack","at":2,"process":"w","partition":"a-b-0","value":"w#0","offset":0}
{"op":"send","at":2,"process":"w","partition":"a-b-0","value":"w#1"}
{"op":"info","at":3,"process":"w","partition":"a-b-0","value":"w#1"}
{"op":"assign","at":3,"process":"c","group":"g","generation":1,"partitions":["a-b-0"]}
{"op":"poll","at":4,"process":"c","records":[["a-b-0",0,"w#0"],["a-b-0",1,"w#1"]]}
{"op":"commit","at":5,"process":"c","group":"g","offsets":[["a-b-0",2]]}
{"op":"committed","asked":6,"at":7,"process":"o","group":"g","offsets":[["a-b-0",2]]}
{"op":"leader","partition":"a-b-0","epoch":1,"node":1}
{"op":"controller","epoch":1,"node":1}
{"op":"vote","node":2,"epoch":1,"candidate":1}
{"op":"high-watermark","partition":"a-b-0","epoch":1,"node":1,"offset":2}
{"op":"trim","partition":"a-b-0","offset":0}
)";
    EXPECT_EQ(kinds_of(good), "");
    EXPECT_EQ(
        kinds_of(good + R"({"op":"leader","partition":"a-b-0","epoch":1,"node":2})"), "two-leaders "
    );
    EXPECT_EQ(
        kinds_of(good + R"({"op":"poll","process":"d","records":[["a-b-0",1,"w#0"]]})"),
        "duplicate inconsistent-offsets "
    );
    EXPECT_EQ(
        kinds_of(R"({"op":"send","process":"w","partition":"t-0","value":"v"})"
                 "\n"
                 R"({"op":"fail","process":"w","partition":"t-0","value":"v"})"
                 "\n"
                 R"({"op":"poll","process":"c","records":[["t-0",0,"v"]]})"),
        "aborted-read "
    );
}

TEST(JsonLines, NameTheLineAndWhatIsWrong) {
    EXPECT_NE(kinds_of("\nnot json").find("line 2: "), std::string::npos);
    EXPECT_NE(kinds_of("[]").find("no JSON object"), std::string::npos);
    EXPECT_NE(kinds_of(R"({"op":"sned"})").find("unknown op \"sned\""), std::string::npos);
    EXPECT_NE(
        kinds_of(R"({"op":"send","process":"w","partition":"t","value":"v"})")
            .find("\"partition\" must be like topic-0"),
        std::string::npos
    );
    EXPECT_NE(
        kinds_of(R"({"op":"ack","process":"w","partition":"t-0","value":"v","offset":"1"})")
            .find("\"offset\" must be a whole number"),
        std::string::npos
    );
}

TEST(JsonLines, WhatIsWrittenReadsBackEqual) {
    History history;
    const TopicPartition partition{"t", PartitionId(3)};
    history.send(Instant{1}, "w \"1\"", partition, "v");
    history.ack(Instant{2}, "w \"1\"", partition, "v", Offset(5));
    history.assign(Instant{3}, "c", "g", GroupGeneration(4), {partition});
    history.poll("c");
    history.polled(Instant{4}, "c", partition, "v", Offset(5));
    history.commit(Instant{5}, "c", "g", partition, Offset(6));
    history.committed(Instant{6}, Instant{7}, "o", "g", partition, Offset(6));
    std::ostringstream first;
    write_lines(history, first);
    History again;
    ClusterFacts facts;
    std::istringstream in(first.str());
    ASSERT_TRUE(read_lines(in, again, facts));
    std::ostringstream second;
    write_lines(again, second);
    EXPECT_EQ(first.str(), second.str());
    EXPECT_EQ(again.operations().size(), history.operations().size());
}

}  // namespace
}  // namespace sealane::checker
