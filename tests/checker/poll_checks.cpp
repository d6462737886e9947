// Two records that one consumer got of one partition one after the other, without an assignment in
// between, must be neighbours among all records that are known to exist.

#include "tests/checker/history_checks.hpp"
#include "tests/checker/report.hpp"

#include <algorithm>

namespace sealane::checker {
namespace {

// Per partition, the offsets where somebody saw a record or was told of one; sorted, each once.
std::vector<std::vector<Offset>> known_offsets(const History& history) {
    std::vector<std::vector<Offset>> known(history.partition_count());
    for (const Operation& one : history.operations()) {
        const bool seen = one.kind == OperationKind::kPoll || one.kind == OperationKind::kAck;
        if (seen && one.offset != kNoOffset) known[one.partition].push_back(one.offset);
    }
    for (auto& offsets : known) {
        std::ranges::sort(offsets);
        const auto twice = std::ranges::unique(offsets);
        offsets.erase(twice.begin(), twice.end());
    }
    return known;
}

// A known offset strictly between the two; kNoOffset: none.
Offset known_between(const std::vector<Offset>& known, Offset low, Offset high) {
    const auto after = std::ranges::upper_bound(known, low);
    return after != known.end() && *after < high ? *after : kNoOffset;
}

struct LastSeen {
    Offset offset;
    std::int64_t poll;
};

}  // namespace

std::vector<Violation> check_polls(const History& history) {
    const auto known = known_offsets(history);
    std::map<std::uint32_t, std::map<std::uint32_t, LastSeen>> readers;  // process -> partition
    Report report;
    for (const Operation& one : history.operations()) {
        if (one.kind == OperationKind::kAssign) readers.erase(one.process);
        if (one.kind != OperationKind::kPoll) continue;
        if (history.is_weak(one.partition) || history.is_dropped(one.partition)) continue;
        auto& partitions = readers[one.process];
        const auto [at, first] =
            partitions.emplace(one.partition, LastSeen{one.offset, one.number});
        if (first) continue;
        const LastSeen before = at->second;
        at->second = {one.offset, one.number};
        const std::string inside = before.poll == one.number ? "int-" : "";
        const std::string what = history.processes().name(one.process) + " got " +
                                 history.place(one.partition, one.offset) + " after " +
                                 std::to_string(before.offset.value);
        if (one.offset <= before.offset) {
            report.add(inside + "nonmonotonic-poll", what);
            continue;
        }
        const Offset missed = known_between(known[one.partition], before.offset, one.offset);
        if (missed != kNoOffset && missed >= history.trimmed_to(one.partition)) {
            report.add(inside + "poll-skip", what + " and missed " + std::to_string(missed.value));
        }
    }
    return report.take();
}

}  // namespace sealane::checker
