#pragma once
// Figures that may only grow as a client sees them: high watermarks, committed offsets.

#include "tests/checker/log_content.hpp"

#include <map>
#include <string>
#include <vector>

namespace sealane::checker {

class Progress {
 public:
    // `what`: the figure's name in violations ("high watermark").
    explicit Progress(std::string what) : what_(std::move(what)) {}

    // The figure of `who` was seen at `value`. Going back is a violation.
    void see(const TopicPartition& who, Offset value);
    // As see(), and `value` must not be beyond `limit`.
    void see_within(const TopicPartition& who, Offset value, Offset limit);
    // The newest value; kNoOffset when it was never seen.
    [[nodiscard]] Offset newest(const TopicPartition& who) const;
    // went-back, beyond-data.
    [[nodiscard]] const std::vector<Violation>& violations() const { return violations_; }

 private:
    std::string what_;
    std::map<TopicPartition, Offset> newest_;
    std::vector<Violation> violations_;
};

// A replica that was promoted: `target` is a prefix of `source` that holds at least its first
// `promised` records, then only records of writers with `own_prefix`.
[[nodiscard]] std::vector<Violation> check_promoted(
    const TopicPartition& where,
    const LogContent& source,
    std::size_t promised,
    const LogContent& target,
    const std::string& own_prefix
);

}  // namespace sealane::checker
