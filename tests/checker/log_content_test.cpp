// The checker itself: each kind of violation is seen, and a healthy history is not accused.

#include "tests/checker/progress.hpp"

#include <gtest/gtest.h>

namespace sealane::checker {
namespace {

const TopicPartition kWhere{"t", PartitionId(0)};

LogContent log_of(std::initializer_list<std::pair<const char*, std::int64_t>> records) {
    LogContent log;
    std::int64_t offset = 0;
    for (const auto& [writer, number] : records)
        log.push_back({Offset(offset++), {writer, number}});
    return log;
}

std::string kinds(const std::vector<Violation>& violations) {
    std::string all;
    for (const Violation& violation : violations) all += violation.kind + " ";
    return all;
}

TEST(Checker, AcceptsAHealthyHistory) {
    const std::map<std::string, WriterHistory> writers{
        {"a", {{{0, Offset(0)}, {1, Offset(2)}}, 3}}, {"b", {{}, 1}}
    };
    EXPECT_EQ(
        kinds(check_written(kWhere, writers, log_of({{"a", 0}, {"b", 0}, {"a", 1}, {"a", 2}}))), ""
    );
}

TEST(Checker, NamesLostDuplicatedReorderedAndInventedRecords) {
    const std::map<std::string, WriterHistory> writers{{"a", {{{0, Offset(0)}, {1, Offset(1)}}, 3}}
    };
    EXPECT_EQ(kinds(check_written(kWhere, writers, log_of({{"a", 0}}))), "lost-write ");
    EXPECT_EQ(
        kinds(check_written(kWhere, writers, log_of({{"a", 0}, {"a", 1}, {"a", 1}}))), "duplicate "
    );
    EXPECT_EQ(
        kinds(check_written(kWhere, writers, log_of({{"a", 0}, {"a", 1}, {"a", 7}}))), "phantom "
    );
    EXPECT_EQ(
        kinds(check_written(kWhere, writers, log_of({{"a", 1}, {"a", 0}}))),
        "reorder inconsistent-offset inconsistent-offset "
    );
}

TEST(Checker, ComparesReplicasByOffsetAndRecord) {
    const auto source = log_of({{"a", 0}, {"a", 1}});
    EXPECT_EQ(kinds(check_replica(kWhere, source, source)), "");
    EXPECT_EQ(kinds(check_replica(kWhere, source, log_of({{"a", 0}}))), "diverged ");
    EXPECT_EQ(kinds(check_replica(kWhere, source, log_of({{"a", 0}, {"b", 1}}))), "diverged ");
    EXPECT_EQ(kinds(check_replica(kWhere, log_of({{"a", 0}}), source)), "diverged ");
}

TEST(Checker, ComparesAggregatesBySourceOrder) {
    const auto source = log_of({{"s/a", 0}, {"s/a", 1}});
    EXPECT_EQ(
        kinds(check_aggregate(kWhere, "s/", source, log_of({{"b/x", 0}, {"s/a", 0}, {"s/a", 1}}))),
        ""
    );
    EXPECT_EQ(kinds(check_aggregate(kWhere, "s/", source, log_of({{"s/a", 0}}))), "lost-write ");
    EXPECT_EQ(
        kinds(check_aggregate(kWhere, "s/", source, log_of({{"s/a", 0}, {"s/a", 1}, {"s/a", 1}}))),
        "duplicate "
    );
    EXPECT_EQ(
        kinds(check_aggregate(kWhere, "s/", source, log_of({{"s/a", 1}, {"s/a", 0}}))), "reorder "
    );
}

TEST(Checker, FiguresThatMayOnlyGrow) {
    Progress commits("committed offset");
    commits.see_within(kWhere, Offset(5), Offset(9));
    commits.see_within(kWhere, Offset(9), Offset(9));
    EXPECT_EQ(kinds(commits.violations()), "");
    EXPECT_EQ(commits.newest(kWhere), Offset(9));
    commits.see_within(kWhere, Offset(8), Offset(7));
    EXPECT_EQ(kinds(commits.violations()), "went-back beyond-data ");
}

TEST(Checker, APromotedReplicaHoldsAPrefixThenItsOwn) {
    const auto source = log_of({{"s/a", 0}, {"s/a", 1}, {"s/a", 2}});
    const auto promoted = [&source](LogContent target) {
        return kinds(check_promoted(kWhere, source, 2, target, "t/"));
    };
    EXPECT_EQ(promoted(log_of({{"s/a", 0}, {"s/a", 1}, {"t/b", 0}})), "");
    EXPECT_EQ(promoted(source), "");
    EXPECT_EQ(promoted(log_of({{"s/a", 0}, {"t/b", 0}})), "lost-write ");
    EXPECT_EQ(promoted(log_of({{"s/a", 0}, {"s/a", 1}, {"t/b", 0}, {"s/a", 2}})), "unfenced ");
    EXPECT_EQ(promoted(log_of({{"s/a", 0}, {"s/a", 2}, {"t/b", 0}})), "diverged ");
}

TEST(WrittenRecord, TextRoundTrips) {
    const WrittenRecord record{"seoul/p#1", 42};
    EXPECT_EQ(WrittenRecord::parse(record.text()), record);
    EXPECT_EQ(WrittenRecord::parse("no number").number, -1);
    EXPECT_EQ(WrittenRecord::parse("x#12y").number, -1);
}

}  // namespace
}  // namespace sealane::checker
