#pragma once
// What transactional writers did: every transaction, the values in it, and how it ended as far as
// its writer knows. Readers of committed records and of committed offsets are held against it.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"
#include "tests/checker/violation.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sealane::simulation {

enum class TransactionOutcome {
    kNotCommitted,  // nobody has asked for it: it must never be seen
    kUnknown,       // asked for, and no answer is certain
    kCommitted,
};

struct RecordedTransaction {
    std::string writer;  // the transactional id
    TransactionOutcome outcome = TransactionOutcome::kNotCommitted;
    std::vector<std::string> values;  // acknowledged ones, or (unknown outcome) sent ones
    std::int64_t offset = -1;         // committed for its writer's group; -1: none
};

class TransactionLedger {
 public:
    // Returns the transaction's number.
    [[nodiscard]] std::size_t begin(std::string writer);
    void add(std::size_t transaction, std::string value);
    void add_offset(std::size_t transaction, std::int64_t offset);
    void end(std::size_t transaction, TransactionOutcome outcome);

    // A reader of committed records has got it, the first time or again.
    void seen(const std::string& reader, const std::string& value);
    // In the end, by one who reads everything from its beginning.
    void seen_at_last(const std::string& value);
    void offset_at_last(const std::string& writer, std::int64_t offset);

    // aborted-read: a value of a transaction that nobody has asked to commit; torn-transaction: one
    // of which only a part is there in the end; lost-transaction: one that was committed and is not
    // there; doubled: a value twice; vanished: one that a reader of committed records had got;
    // aborted-offset, lost-offset: the group's offset is none that a committed transaction gave, or
    // is older than one.
    [[nodiscard]] std::vector<checker::Violation> judge() const;
    [[nodiscard]] std::size_t committed() const;
    [[nodiscard]] std::size_t count() const { return transactions_.size(); }

    std::vector<checker::Violation> violations;  // found on the way

 private:
    void judge_offsets(std::vector<checker::Violation>& found) const;

    std::vector<RecordedTransaction> transactions_;
    std::map<std::string, std::size_t> of_value_;
    std::set<std::string> seen_;
    std::map<std::string, int> last_;
    std::map<std::string, std::int64_t> last_offsets_;
};

}  // namespace sealane::simulation
