// Groups: what was committed stays committed, and a generation has one owner for each partition.

#include "tests/checker/history_checks.hpp"
#include "tests/checker/report.hpp"

#include <algorithm>

namespace sealane::checker {
namespace {

// One group's offset of one partition, as told at one time.
struct Told {
    Instant asked;  // commits: when they were acknowledged
    Instant at;
    Offset offset;
    bool seen;
};

using Key = std::pair<std::uint32_t, std::uint32_t>;  // group, partition

// What was acknowledged or read before a question must not be missing in its answer. Commits of a
// group only grow: each owner begins where the committed offset was.
void check_growth(
    const History& history, const Key& key, const std::vector<Told>& told, Report& report
) {
    // The largest offset told at or before told[i].at; `told` is in order of `at`.
    std::vector<Offset> largest(told.size());
    for (std::size_t i = 0; i < told.size(); ++i)
        largest[i] = i == 0 ? told[i].offset : std::max(largest[i - 1], told[i].offset);
    for (const Told& one : told) {
        if (!one.seen) continue;
        const auto after = std::ranges::upper_bound(told, one.asked, {}, &Told::at);
        if (after == told.begin()) continue;
        const Offset before = largest[static_cast<std::size_t>(after - told.begin()) - 1];
        if (one.offset >= before) continue;
        report.add(
            "commit-went-back",
            history.names().name(key.first) + " had " + std::to_string(before.value) + " of " +
                history.partition(key.second).to_string() + ", then " +
                std::to_string(one.offset.value)
        );
    }
}

}  // namespace

std::vector<Violation> check_groups(const History& history) {
    Report report;
    std::map<Key, std::vector<Told>> told;
    std::map<std::pair<Key, std::int64_t>, std::uint32_t> owners;
    for (const Operation& one : history.operations()) {
        const Key key{one.name, one.partition};
        if (one.kind == OperationKind::kCommit)
            told[key].push_back({one.at, one.at, one.offset, false});
        if (one.kind == OperationKind::kCommitted)
            told[key].push_back({Instant{one.number}, one.at, one.offset, true});
        if (one.kind != OperationKind::kOwn || history.names().name(one.name).empty()) continue;
        const auto [at, first] = owners.emplace(std::pair(key, one.number), one.process);
        if (!first && at->second != one.process) {
            report.add(
                "double-owner",
                history.partition(one.partition).to_string() + " in generation " +
                    std::to_string(one.number) + " of " + history.names().name(one.name) + ": " +
                    history.processes().name(at->second) + " and " +
                    history.processes().name(one.process)
            );
        }
    }
    for (const auto& [key, series] : told) {
        if (!history.is_dropped(key.second)) check_growth(history, key, series, report);
    }
    return report.take();
}

}  // namespace sealane::checker
