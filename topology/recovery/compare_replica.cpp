#include "topology/recovery/compare_replica.hpp"

#include "topology/recovery/record_stream.hpp"

#include <algorithm>

namespace sealane::topology {
namespace {

using runtime::Task;

constexpr std::int64_t kTellEvery = 2000;

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
        const std::string what = difference_of(theirs->record, ours->record);
        if (what.empty()) {
            ++verdict.compared;
        } else {
            verdict.differs(
                "offset " + std::to_string(ours->record.offset.value) + ": " + what + " differs"
            );
        }
        if (verdict.compared % kTellEvery == 0) progress(verdict.compared);
    }
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
    RecordStream source(sides.source, verdict.source, from, end);
    RecordStream target(sides.target, verdict.target, from, end);
    const Status status =
        co_await compare_streams(source, target, verdict, progress, sides.deadline);
    co_await source.stop();
    co_await target.stop();
    co_return status;
}

}  // namespace sealane::topology
