#include "mirror/link/partition_copy.hpp"

#include "common/base/assert.hpp"

#include <algorithm>

namespace sealane::mirror {
namespace {

constexpr Duration kFirstPause = 100ms;
constexpr Duration kLongestPause = 10s;

// What an answer of the target means for the partition.
enum class Meaning { kDone, kPasses, kStops };

Meaning meaning_of(ErrorCode error) {
    switch (error) {
        case ErrorCode::kNone:
            return Meaning::kDone;
        case ErrorCode::kMessageTooLarge:
        case ErrorCode::kRecordListTooLarge:
        case ErrorCode::kCorruptMessage:
        case ErrorCode::kInvalidRecord:
        case ErrorCode::kInvalidTopicException:
        case ErrorCode::kInvalidRequest:
        case ErrorCode::kPolicyViolation:
        case ErrorCode::kInconsistentTopicId:
        case ErrorCode::kUnsupportedCompressionType:
            return Meaning::kStops;
        default:
            return Meaning::kPasses;
    }
}

Cause cause_of(ErrorCode error) {
    switch (error) {
        case ErrorCode::kMessageTooLarge:
        case ErrorCode::kRecordListTooLarge:
            return Cause::kTooLarge;
        case ErrorCode::kCorruptMessage:
        case ErrorCode::kInvalidRecord:
            return Cause::kCorrupt;
        default:
            return Cause::kTargetRefused;
    }
}

}  // namespace

PartitionCopy::PartitionCopy(RunSplitter::Rules rules, OnGap on_gap)
    : rules_(std::move(rules)), on_gap_(on_gap) {}

bool PartitionCopy::wants_position(Instant now) const {
    return state_ == State::kAsking && !asked_ && in_flight_.empty() && now >= not_before_;
}

void PartitionCopy::on_position(std::int64_t assignment, TargetPosition position) {
    if (state_ != State::kAsking || !asked_) return;
    asked_ = false;
    SEALANE_ASSERT(in_flight_.empty() && queue_.empty());
    state_ = State::kReading;
    assignment_ = assignment;
    position_ = position;
    read_from_ = position.next.value_or(kNoOffset);
    if (gap_end_ && position.next && *position.next < *gap_end_) read_from_ = *gap_end_;
    splitter_.reset();
    if (position.next) {
        lag_.restart(*position.next);
        splitter_.emplace(rules_, position.next, read_from_);
    }
}

void PartitionCopy::on_started(Instant now, const Started& started) {
    if (state_ != State::kReading) return;
    if (!splitter_) {
        read_from_ = started.offset;
        lag_.restart(started.offset);
        splitter_.emplace(rules_, std::nullopt, started.offset);
    }
    moved_ = now;
    lag_.on_source(now, started.high_watermark);
}

void PartitionCopy::on_data(Instant now, const Data& data) {
    const auto size = static_cast<std::int64_t>(data.records.size());
    if (state_ != State::kReading || !splitter_) {
        released_ += size;
        return;
    }
    lag_.on_source(now, data.high_watermark);
    RunSplitter::Outcome outcome = splitter_->split(data.records);
    std::int64_t kept = 0;
    for (SourceRun& run : outcome.runs) {
        kept += static_cast<std::int64_t>(run.records.size());
        queue_.push_back(std::move(run));
    }
    queued_bytes_ += static_cast<std::size_t>(kept);
    released_ += size - kept;
    // Nothing queued behind what was passed over: the position has moved as far as it can.
    if (queue_.empty() && in_flight_.empty()) lag_.on_copied(splitter_->read_position(), 0);
    if (outcome.stop) cause_ = std::move(outcome.stop);
    if (cause_) assignment_ = 0;  // what was read before the stop is still appended
    if (cause_ && queue_.empty() && in_flight_.empty()) state_ = State::kStopped;
}

void PartitionCopy::on_stopped(const Stopped& stopped) {
    if (state_ != State::kReading || cause_) return;
    cause_ = StopCause{
        static_cast<Cause>(stopped.cause), stopped.detail, stopped.position, stopped.resume_offset
    };
    assignment_ = 0;
    if (queue_.empty() && in_flight_.empty()) state_ = State::kStopped;
}

std::vector<SourceRun> PartitionCopy::take(std::size_t max_bytes) {
    std::vector<SourceRun> taken;
    InFlight part;
    std::size_t bytes = 0;
    while (!queue_.empty()) {
        const std::size_t size = queue_.front().records.size();
        if (!taken.empty() && bytes + size > max_bytes) break;
        bytes += size;
        part.end = queue_.front().end;
        taken.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    if (taken.empty()) return taken;
    SEALANE_ASSERT(queued_bytes_ >= bytes);
    queued_bytes_ -= bytes;
    part.bytes = static_cast<std::int64_t>(bytes);
    in_flight_.push_back(part);
    return taken;
}

void PartitionCopy::on_answer(Instant now, const Answer& answer) {
    SEALANE_ASSERT(!in_flight_.empty());
    const InFlight part = in_flight_.front();
    in_flight_.pop_front();
    released_ += part.bytes;
    const Meaning meaning = meaning_of(answer.error);
    if (meaning == Meaning::kDone) {
        lag_.on_copied(part.end, part.bytes);
        moved_ = now;
        if (state_ == State::kReading) {
            pause_ = Duration(0);
            trouble_.clear();
        }
    } else if (state_ == State::kReading && meaning == Meaning::kStops) {
        const Offset from = answer.next != kNoOffset ? answer.next : lag_.position();
        cause_ = StopCause{cause_of(answer.error), answer.detail, from, kNoOffset};
        drop_queue();
        assignment_ = 0;
    } else if (state_ == State::kReading) {
        trouble(now, std::string(name_of(answer.error)) + ": " + answer.detail);
    }
    if (state_ == State::kReading && cause_ && queue_.empty() && in_flight_.empty())
        state_ = State::kStopped;
}

void PartitionCopy::restart() {
    if (state_ == State::kStopped) return;
    state_ = State::kAsking;
    asked_ = false;
    assignment_ = 0;
    cause_.reset();  // it is found again if it still holds
    splitter_.reset();
    drop_queue();
}

void PartitionCopy::abandon_in_flight() {
    for (const InFlight& part : in_flight_) released_ += part.bytes;
    in_flight_.clear();
    restart();
}

void PartitionCopy::stop(StopCause cause) {
    if (state_ == State::kStopped && cause_ == cause) return;
    drop_queue();
    splitter_.reset();
    assignment_ = 0;
    asked_ = false;
    cause_ = std::move(cause);
    state_ = State::kStopped;
}

void PartitionCopy::forgive() {
    if (state_ != State::kStopped) return;
    state_ = State::kAsking;
    asked_ = false;
    cause_.reset();
}

bool PartitionCopy::gap_to_ledger() const {
    return state_ == State::kStopped && on_gap_ == OnGap::kLedger && cause_ &&
           cause_->resume != kNoOffset && cause_->from < cause_->resume;
}

void PartitionCopy::resume_after_gap() {
    SEALANE_ASSERT(gap_to_ledger());
    gap_end_ = cause_->resume;
    forgive();
}

std::int64_t PartitionCopy::release() {
    return std::exchange(released_, 0);
}

Verdict PartitionCopy::verdict(Instant now, const Limits& limits) const {
    if (state_ == State::kStopped) return Verdict::kBroken;
    if (state_ == State::kAsking && moved_ == Instant{}) return Verdict::kStarting;
    if (lag_.records() == 0) return Verdict::kOk;
    if (now - moved_ >= limits.stalled_after && lag_.age(now) >= limits.stalled_after)
        return Verdict::kStalled;
    if (lag_.records() >= limits.lagging_records || lag_.age(now) >= limits.lagging_age)
        return Verdict::kLagging;
    return Verdict::kOk;
}

void PartitionCopy::drop_queue() {
    released_ += static_cast<std::int64_t>(queued_bytes_);
    queued_bytes_ = 0;
    queue_.clear();
}

void PartitionCopy::trouble(Instant now, std::string words) {
    trouble_ = std::move(words);
    pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
    not_before_ = now + pause_;
    restart();
}

}  // namespace sealane::mirror
