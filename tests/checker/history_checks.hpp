#pragma once
// The properties of a history, under Jepsen's names (README.md lists them). Pure; O(n log n) in
// the number of operations. Of each kind the first ten are reported, and how many more there are.

#include "tests/checker/history.hpp"
#include "tests/checker/violation.hpp"

#include <vector>

namespace sealane::checker {

struct HistoryOptions {
    // Somebody read every partition to its end after all sends had ended: what was acknowledged
    // and never read is `unseen`.
    bool read_to_the_end = true;
};

// Everything below.
[[nodiscard]] std::vector<Violation> check_history(
    const History& history, const HistoryOptions& options = {}
);

// What became of sends: lost-write, unseen, duplicate, inconsistent-offsets, aborted-read, phantom,
// nonmonotonic-send.
[[nodiscard]] std::vector<Violation> check_sends(
    const History& history, const HistoryOptions& options
);
// What consumers saw: poll-skip, nonmonotonic-poll; with int- in front inside one poll.
[[nodiscard]] std::vector<Violation> check_polls(const History& history);
// Groups: commit-went-back, double-owner.
[[nodiscard]] std::vector<Violation> check_groups(const History& history);

}  // namespace sealane::checker
