#include "tests/simulation/scenario/transaction_ledger.hpp"

#include <gtest/gtest.h>

namespace sealane::simulation {
namespace {

using enum TransactionOutcome;

class Ledger : public ::testing::Test {
 protected:
    // A transaction of two values, "a<n>" and "b<n>".
    void transaction(TransactionOutcome outcome, std::int64_t offset = -1) {
        const std::size_t number = ledger.begin("w");
        ledger.add(number, "a" + std::to_string(number));
        ledger.add(number, "b" + std::to_string(number));
        if (offset >= 0) ledger.add_offset(number, offset);
        ledger.end(number, outcome);
    }
    std::vector<std::string> kinds() {
        std::vector<std::string> all;
        for (const checker::Violation& one : ledger.judge()) all.push_back(one.kind);
        return all;
    }
    TransactionLedger ledger;
};

TEST_F(Ledger, WholeCommittedAndUnseenAbortedTransactionsAreRight) {
    transaction(kCommitted, 1);
    transaction(kNotCommitted, 2);
    transaction(kUnknown, 3);
    ledger.seen("r", "a0");
    ledger.seen_at_last("a0");
    ledger.seen_at_last("b0");
    ledger.offset_at_last("w", 3);
    EXPECT_TRUE(kinds().empty());
}

TEST_F(Ledger, EveryKindOfWrongIsSeen) {
    using Kinds = std::vector<std::string>;
    transaction(kCommitted, 5);
    EXPECT_EQ(kinds(), Kinds{"lost-transaction"});
    ledger.seen_at_last("a0");
    EXPECT_EQ(kinds(), Kinds{"lost-transaction"});
    ledger.seen_at_last("b0");
    ledger.seen_at_last("b0");
    EXPECT_EQ(kinds(), Kinds{"doubled"});
    transaction(kUnknown, 6);
    ledger.seen_at_last("a1");
    EXPECT_EQ(kinds(), (Kinds{"doubled", "torn-transaction"}));
    ledger.seen("r", "b1");
    EXPECT_EQ(kinds(), (Kinds{"doubled", "vanished", "torn-transaction"}));
    ledger.seen_at_last("b1");
    ledger.offset_at_last("w", 4);
    EXPECT_EQ(kinds(), (Kinds{"doubled", "aborted-offset", "lost-offset"}));
    ledger.offset_at_last("w", 6);
    transaction(kNotCommitted);
    ledger.seen("r", "a2");
    EXPECT_EQ(kinds(), (Kinds{"aborted-read", "doubled", "vanished"}));
    ledger.seen("r", "who");
    EXPECT_EQ(kinds(), (Kinds{"aborted-read", "phantom", "doubled", "vanished", "vanished"}));
}

}  // namespace
}  // namespace sealane::simulation
