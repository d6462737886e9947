#include "tests/simulation/scenario/transaction_ledger.hpp"

#include <algorithm>

namespace sealane::simulation {

std::size_t TransactionLedger::begin(std::string writer) {
    transactions_.emplace_back().writer = std::move(writer);
    return transactions_.size() - 1;
}

void TransactionLedger::add(std::size_t transaction, std::string value) {
    of_value_.emplace(value, transaction);
    transactions_.at(transaction).values.push_back(std::move(value));
}

void TransactionLedger::add_offset(std::size_t transaction, std::int64_t offset) {
    transactions_.at(transaction).offset = offset;
}

void TransactionLedger::end(std::size_t transaction, TransactionOutcome outcome) {
    transactions_.at(transaction).outcome = outcome;
}

void TransactionLedger::seen(const std::string& reader, const std::string& value) {
    seen_.insert(value);
    const auto found = of_value_.find(value);
    if (found == of_value_.end()) {
        violations.push_back({"phantom", reader + " reads " + value + ", which nobody wrote"});
        return;
    }
    const RecordedTransaction& transaction = transactions_[found->second];
    if (transaction.outcome == TransactionOutcome::kNotCommitted)
        violations.push_back(
            {"aborted-read", reader + " reads " + value + " of a transaction not committed"}
        );
}

void TransactionLedger::seen_at_last(const std::string& value) {
    ++last_[value];
    seen("the last reader", value);
}

void TransactionLedger::offset_at_last(const std::string& writer, std::int64_t offset) {
    last_offsets_[writer] = offset;
}

std::vector<checker::Violation> TransactionLedger::judge() const {
    std::vector<checker::Violation> found = violations;
    for (const auto& [value, times] : last_)
        if (times > 1) found.push_back({"doubled", value + " " + std::to_string(times) + " times"});
    for (const std::string& value : seen_)
        if (!last_.contains(value))
            found.push_back({"vanished", value + " was read as committed, and is not there"});
    for (const RecordedTransaction& transaction : transactions_) {
        const auto there = std::ranges::count_if(transaction.values, [this](const auto& value) {
            return last_.contains(value);
        });
        const auto all = static_cast<std::ptrdiff_t>(transaction.values.size());
        const bool whole = there == all;
        if (transaction.outcome == TransactionOutcome::kCommitted && !whole) {
            found.push_back(
                {"lost-transaction",
                 std::to_string(there) + " of " + std::to_string(all) +
                     " values are there, among " + transaction.values.front()}
            );
        } else if (there != 0 && !whole) {
            found.push_back(
                {"torn-transaction",
                 std::to_string(there) + " of " + std::to_string(all) +
                     " values are there, among " + transaction.values.front()}
            );
        }
    }
    judge_offsets(found);
    return found;
}

// A writer gives a larger offset with every transaction that has one.
void TransactionLedger::judge_offsets(std::vector<checker::Violation>& found) const {
    for (const auto& [writer, offset] : last_offsets_) {
        std::int64_t least = -1;
        bool possible = offset == -1;
        for (const RecordedTransaction& transaction : transactions_) {
            if (transaction.writer != writer || transaction.offset < 0) continue;
            if (transaction.outcome == TransactionOutcome::kCommitted)
                least = std::max(least, transaction.offset);
            if (transaction.offset == offset &&
                transaction.outcome != TransactionOutcome::kNotCommitted)
                possible = true;
        }
        const std::string text = writer + ": " + std::to_string(offset);
        if (!possible) found.push_back({"aborted-offset", text});
        if (offset < least)
            found.push_back({"lost-offset", text + ", committed were " + std::to_string(least)});
    }
}

std::size_t TransactionLedger::committed() const {
    return static_cast<std::size_t>(std::ranges::count(
        transactions_, TransactionOutcome::kCommitted, &RecordedTransaction::outcome
    ));
}

}  // namespace sealane::simulation
