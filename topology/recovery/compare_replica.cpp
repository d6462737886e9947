#include "topology/recovery/compare_replica.hpp"

#include "topology/recovery/latest_values.hpp"
#include "topology/recovery/record_stream.hpp"

#include <algorithm>

namespace sealane::topology {
namespace {

using runtime::Task;

constexpr std::int64_t kTellEvery = 2000;

void compare_pair(
    const kafka::Record& theirs, const kafka::Record& ours, PartitionVerdict& verdict
) {
    const std::string what = difference_of(theirs, ours);
    if (what.empty()) {
        ++verdict.compared;
    } else {
        verdict.differs("offset " + std::to_string(ours.offset.value) + ": " + what + " differs");
    }
}

Task<Status> compare_streams(
    RecordStream& source,
    RecordStream& target,
    PartitionVerdict& verdict,
    std::function<void(std::int64_t)> progress,
    Instant deadline
) {
    while (true) {
        SEALANE_CO_TRY(const auto theirs, co_await source.next(deadline));
        SEALANE_CO_TRY(const auto ours, co_await target.next(deadline));
        if (!theirs && !ours) co_return Status{};
        if (!theirs || !ours || theirs->record.offset != ours->record.offset) {
            const auto at = theirs ? theirs->record.offset : ours->record.offset;
            const auto other =
                theirs && ours ? "offset " + std::to_string(ours->record.offset.value) : "nothing";
            verdict.differs(
                "offset " + std::to_string(at.value) + " of one side meets " + other +
                " of the other"
            );
            co_return Status{};  // from here on nothing is comparable
        }
        compare_pair(theirs->record, ours->record, verdict);
        if (verdict.compared % kTellEvery == 0) progress(verdict.compared);
    }
}

// Both sides to their ends: what supersedes a record that one side lacks may be there.
Task<Status> compare_compacted(
    RecordStream& source,
    RecordStream& target,
    PartitionVerdict& verdict,
    Offset common_end,
    Instant deadline
) {
    LatestValues latest;
    SEALANE_CO_TRY(auto theirs, co_await source.next(deadline));
    SEALANE_CO_TRY(auto ours, co_await target.next(deadline));
    while (theirs || ours) {
        const bool only_theirs = !ours || (theirs && theirs->record.offset < ours->record.offset);
        const bool only_ours = !theirs || (ours && ours->record.offset < theirs->record.offset);
        if (!only_ours) SEALANE_CO_CHECK(latest.at_source(theirs->record));
        if (!only_theirs) SEALANE_CO_CHECK(latest.at_target(ours->record));
        if (!only_ours && !only_theirs) {
            compare_pair(theirs->record, ours->record, verdict);
        } else if ((only_theirs ? theirs : ours)->record.offset < common_end) {
            ++verdict.superseded;
        }
        if (!only_ours) {
            SEALANE_CO_TRY(theirs, co_await source.next(deadline));
        }
        if (!only_theirs) {
            SEALANE_CO_TRY(ours, co_await target.next(deadline));
        }
    }
    for (std::string& what : latest.judge(common_end).differences) verdict.differs(std::move(what));
    co_return Status{};
}

Task<Status> compare_to_the_ends(ComparedSides sides, PartitionVerdict& verdict, Offset from) {
    const Offset end = std::min(sides.source_extent.end, sides.target_extent.end);
    RecordStream source(sides.source, verdict.source, from, sides.source_extent.end);
    RecordStream target(sides.target, verdict.target, from, sides.target_extent.end);
    const Status status = co_await compare_compacted(source, target, verdict, end, sides.deadline);
    co_await source.stop();
    co_await target.stop();
    co_return status;
}

}  // namespace

std::string difference_of(const kafka::Record& a, const kafka::Record& b) {
    if (a.key != b.key) return "key";
    if (a.value != b.value) return "value";
    if (a.headers != b.headers) return "headers";
    if (a.timestamp != b.timestamp) return "timestamp";
    return {};
}

Task<Status> compare_replica(
    ComparedSides sides, PartitionVerdict& verdict, std::function<void(std::int64_t)> progress
) {
    const Offset from = std::max(sides.source_extent.start, sides.target_extent.start);
    const Offset end = std::min(sides.source_extent.end, sides.target_extent.end);
    verdict.behind = std::max<std::int64_t>(0, sides.source_extent.end - sides.target_extent.end);
    verdict.only_at_target =
        std::max<std::int64_t>(0, sides.source_extent.start - sides.target_extent.start);
    if (from >= end) co_return Status{};
    if (sides.compacted) co_return co_await compare_to_the_ends(sides, verdict, from);
    RecordStream source(sides.source, verdict.source, from, end);
    RecordStream target(sides.target, verdict.target, from, end);
    const Status status =
        co_await compare_streams(source, target, verdict, progress, sides.deadline);
    co_await source.stop();
    co_await target.stop();
    co_return status;
}

}  // namespace sealane::topology
