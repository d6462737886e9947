// The checker itself: a healthy history is not accused, and for every name there is one that is.

#include "tests/checker/history_checks.hpp"

#include <gtest/gtest.h>

namespace sealane::checker {
namespace {

const TopicPartition kP0{"t", PartitionId(0)};
const TopicPartition kP1{"t", PartitionId(1)};

// A history in few words: time moves on by itself.
struct Script {
    History history;
    std::int64_t now = 0;
    Instant tick() { return Instant{++now}; }

    Script& sent(const char* value, const TopicPartition& to = kP0) {
        history.send(tick(), "w", to, value);
        return *this;
    }
    Script& wrote(const char* value, std::int64_t offset, const TopicPartition& to = kP0) {
        sent(value, to);
        history.ack(tick(), "w", to, value, Offset(offset));
        return *this;
    }
    using Records = std::vector<std::pair<std::int64_t, const char*>>;
    Script& polled(const char* who, const Records& records, const TopicPartition& of = kP0) {
        history.poll(who);
        for (const auto& [offset, value] : records)
            history.polled(tick(), who, of, value, Offset(offset));
        return *this;
    }
    Script& assigned(const char* who, const char* group = "", std::int32_t generation = -1) {
        history.assign(tick(), who, group, GroupGeneration(generation), {kP0});
        return *this;
    }
    Script& committed(std::int64_t offset) {
        history.commit(tick(), "c", "g", kP0, Offset(offset));
        return *this;
    }
    Script& sees_commit(std::int64_t asked, std::int64_t offset) {
        history.committed(Instant{asked}, tick(), "o", "g", kP0, Offset(offset));
        return *this;
    }
    [[nodiscard]] std::string kinds(const HistoryOptions& options = {}) const {
        std::string all;
        for (const Violation& one : check_history(history, options)) all += one.kind + " ";
        return all;
    }
};

TEST(HistoryChecks, AcceptAHealthyHistory) {
    Script s;
    s.wrote("a", 0).wrote("b", 2).sent("c");  // 1 is a control record; c is still under way
    s.history.info(s.tick(), "w", kP0, "c");
    s.sent("refused");
    s.history.fail(s.tick(), "w", kP0, "refused");
    s.wrote("x", 0, kP1);
    s.assigned("r").polled("r", {{0, "a"}, {2, "b"}}).polled("r", {{3, "c"}});
    s.polled("r", {{0, "x"}}, kP1);
    s.assigned("r").polled("r", {{0, "a"}, {2, "b"}});
    s.committed(1).sees_commit(s.now + 1, 1).committed(4).sees_commit(s.now + 1, 4);
    EXPECT_EQ(s.kinds(), "");
}

TEST(HistoryChecks, LostWriteWhenALaterOffsetWasRead) {
    Script s;
    s.wrote("a", 0).wrote("b", 1).polled("r", {{1, "b"}});
    EXPECT_EQ(s.kinds(), "lost-write ");
}

TEST(HistoryChecks, UnseenWhenNothingLaterWasRead) {
    Script s;
    s.wrote("a", 0).wrote("b", 1).polled("r", {{0, "a"}});
    EXPECT_EQ(s.kinds(), "unseen ");
    EXPECT_EQ(s.kinds({.read_to_the_end = false}), "");
}

TEST(HistoryChecks, UnseenAlsoWithoutAnOffset) {
    Script s;
    s.wrote("a", -1).wrote("b", 1).polled("r", {{1, "b"}});
    EXPECT_EQ(s.kinds(), "unseen ");
}

TEST(HistoryChecks, DuplicateAtTwoOffsetsOrInTwoPartitions) {
    Script same;
    same.wrote("a", 0).polled("r", {{0, "a"}, {1, "a"}});
    EXPECT_EQ(same.kinds(), "duplicate ");
    Script other;
    other.wrote("a", 0).polled("r", {{0, "a"}}).polled("r", {{0, "a"}}, kP1);
    EXPECT_EQ(other.kinds(), "duplicate ");
}

TEST(HistoryChecks, InconsistentOffsets) {
    Script readers;
    readers.sent("a").sent("b").polled("r", {{0, "a"}}).polled("q", {{0, "b"}});
    EXPECT_EQ(readers.kinds(), "inconsistent-offsets ");
    Script answer;
    answer.wrote("a", 0).polled("r", {{1, "a"}});
    EXPECT_EQ(answer.kinds(), "inconsistent-offsets ");
}

TEST(HistoryChecks, AbortedReadAndPhantom) {
    Script s;
    s.sent("a");
    s.history.fail(s.tick(), "w", kP0, "a");
    s.polled("r", {{0, "a"}, {1, "never written"}});
    EXPECT_EQ(s.kinds(), "aborted-read phantom ");
}

TEST(HistoryChecks, NonmonotonicSend) {
    Script s;
    s.wrote("a", 1).wrote("b", 0).polled("r", {{0, "b"}, {1, "a"}});
    EXPECT_EQ(s.kinds(), "nonmonotonic-send ");
}

TEST(HistoryChecks, PollSkipBetweenAndInsidePolls) {
    Script between;
    between.wrote("a", 0).wrote("b", 1).wrote("c", 2);
    between.polled("q", {{0, "a"}, {1, "b"}, {2, "c"}});
    between.polled("r", {{0, "a"}}).polled("r", {{2, "c"}});
    EXPECT_EQ(between.kinds(), "poll-skip ");
    Script inside;
    inside.wrote("a", 0).wrote("b", 1).wrote("c", 2);
    inside.polled("q", {{0, "a"}, {1, "b"}, {2, "c"}}).polled("r", {{0, "a"}, {2, "c"}});
    EXPECT_EQ(inside.kinds(), "int-poll-skip ");
    Script assigned;
    assigned.wrote("a", 0).wrote("b", 1).wrote("c", 2);
    assigned.polled("q", {{0, "a"}, {1, "b"}, {2, "c"}});
    assigned.polled("r", {{0, "a"}}).assigned("r").polled("r", {{2, "c"}});
    EXPECT_EQ(assigned.kinds(), "");
}

TEST(HistoryChecks, NonmonotonicPollBetweenAndInsidePolls) {
    Script s;
    s.wrote("a", 0).wrote("b", 1);
    s.polled("r", {{0, "a"}, {1, "b"}}).polled("r", {{1, "b"}});
    s.polled("q", {{1, "b"}, {0, "a"}});
    EXPECT_EQ(s.kinds(), "nonmonotonic-poll int-nonmonotonic-poll ");
}

TEST(HistoryChecks, CommitsNeverGoBack) {
    Script s;
    s.committed(5);       // at 1
    s.sees_commit(0, 2);  // asked before: may be older
    EXPECT_EQ(s.kinds(), "");
    s.sees_commit(1, 4);
    EXPECT_EQ(s.kinds(), "commit-went-back ");
}

TEST(HistoryChecks, OneOwnerInAGeneration) {
    Script s;
    s.assigned("c1", "g", 1).assigned("c2", "g", 2).assigned("c2", "g", 2);
    EXPECT_EQ(s.kinds(), "");
    s.assigned("c1", "g", 2);
    EXPECT_EQ(s.kinds(), "double-owner ");
}

TEST(HistoryChecks, TrimmedDroppedAndWeakTopicsPromiseLess) {
    Script s;
    s.wrote("a", 0).wrote("b", 1).wrote("c", 2).polled("r", {{2, "c"}});
    EXPECT_EQ(s.kinds(), "lost-write lost-write ");
    s.history.trim(kP0, Offset(1));
    EXPECT_EQ(s.kinds(), "lost-write ");
    Script weak = s;
    weak.history.weaken("t");
    EXPECT_EQ(weak.kinds(), "");
    s.history.drop("t");
    EXPECT_EQ(s.kinds(), "");
}

TEST(HistoryChecks, ReportTheFirstOfAKindAndCountTheRest) {
    Script s;
    for (std::int64_t i = 0; i < 50; ++i) s.wrote(("v" + std::to_string(i)).c_str(), i);
    const auto found = check_history(s.history);
    ASSERT_EQ(found.size(), 11U);
    EXPECT_EQ(found.back().detail, "40 more of this kind");
}

}  // namespace
}  // namespace sealane::checker
