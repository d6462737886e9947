#include "broker/replication/partition_follower.hpp"

#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

FollowerStep cut_or_begin_anew(const FollowerLog& log, Offset to, Offset leaders_start) {
    if (to < log.start || to < leaders_start) {
        if (leaders_start.value < 0) return {FollowerStep::Kind::kTryAgain, {}};
        return {FollowerStep::Kind::kRestart, leaders_start};
    }
    return {FollowerStep::Kind::kTruncate, to};
}

}  // namespace

FetchPosition next_fetch(const FollowerLog& log) {
    FetchPosition position{.offset = log.end};
    if (log.end > log.start && !SEALANE_MUTANT(4))
        position.last_epoch = log.epochs->epoch_at(log.end - 1);
    return position;
}

Offset common_end(const FollowerLog& log, const EpochEnd& leader) {
    const EpochEnd own = log.epochs->end_of(leader.epoch, log.end);
    // Nothing known of that epoch or an older one: the whole log is of later ones, or the leader's
    // epoch is newer than ours and all of ours may be good.
    const Offset own_end = own.end == kNoOffset ? log.end : own.end;
    return std::min({leader.end, own_end, log.end});
}

FollowerStep on_answer(const FollowerLog& log, const LeaderAnswer& answer) {
    using Kind = FollowerStep::Kind;
    switch (answer.error) {
        case ErrorCode::kNone:
            break;
        case ErrorCode::kOffsetOutOfRange:
            return {Kind::kAskBounds, {}};
        case ErrorCode::kFencedLeaderEpoch:
            return {Kind::kWaitForMetadata, {}};
        default:  // also topics that the leader has not heard of yet
            return {Kind::kTryAgain, {}};
    }
    if (answer.diverging.epoch != kNoLeaderEpoch || answer.diverging.end != kNoOffset) {
        if (SEALANE_MUTANT(2)) return {Kind::kRestart, answer.log_start};
        const Offset to = common_end(log, answer.diverging);
        // No shorter: the answer was not about this log.
        if (to >= log.end) return {Kind::kTryAgain, {}};
        return cut_or_begin_anew(log, to, answer.log_start);
    }
    if (answer.first_base != kNoOffset && answer.first_base < log.end) {
        // The leader's log starts within a batch (DeleteRecords).
        if (log.start == log.end) return {Kind::kBegin, answer.first_base};
        // A batch that begins below our end: the leader has other batches there.
        return cut_or_begin_anew(log, answer.first_base, answer.log_start);
    }
    return {Kind::kAppend, {}};
}

FollowerStep on_bounds(const FollowerLog& log, const LeaderBounds& leader) {
    using Kind = FollowerStep::Kind;
    if (leader.start.value < 0 || leader.end < leader.start) return {Kind::kTryAgain, {}};
    if (log.end < leader.start) return {Kind::kRestart, leader.start};
    if (log.end > leader.end) return cut_or_begin_anew(log, leader.end, leader.start);
    return {Kind::kTryAgain, {}};
}

Offset follower_high_watermark(Offset own, Offset leaders, Offset log_end) {
    return std::max(own, std::min(leaders, log_end));
}

}  // namespace sealane::broker
