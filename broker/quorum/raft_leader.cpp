// Leading: fetches of the replicas, the high watermark, and whether a majority still follows.

#include "broker/quorum/raft.hpp"
#include "common/base/assert.hpp"

#include <algorithm>
#include <functional>

namespace sealane::broker::quorum {

namespace {

constexpr Duration kObserverMemory = 5min;
constexpr Instant kLongAgo{INT64_MIN};

}  // namespace

void Raft::tick_leader(Instant now, Effects& fx) {
    if (now >= quorum_deadline()) return resign(now, fx);
    if (now >= begin_again_at_) begin_epoch(now, fx);
}

// To every voter that has not fetched in this epoch lately.
void Raft::begin_epoch(Instant now, Effects& fx) {
    begin_again_at_ =
        voters().size() > 1 || !is_voter() ? now + config_.fetch_timeout / 2 : Instant::never();
    for (const auto& [id, node] : voters().nodes()) {
        if (id == config_.self.id) continue;
        const auto progress = replicas_.find(id);
        const bool follows = progress != replicas_.end() && progress->second.end != kNoOffset &&
                             progress->second.last_fetch + config_.fetch_timeout > now;
        if (follows) continue;
        BeginAsk ask;
        ask.leader = config_.self.id;
        ask.epoch = epoch();
        ask.voter = node.key;
        fx.send.push_back({id, ask});
    }
    forget_silent_observers(now);
}

void Raft::forget_silent_observers(Instant now) {
    std::erase_if(replicas_, [&](const auto& entry) {
        return !voters().contains(entry.second.key) &&
               entry.second.last_fetch + kObserverMemory < now;
    });
}

// Without fetches of a majority until then this node leads no more.
Instant Raft::quorum_deadline() const {
    std::vector<Instant> heard;
    for (const auto& [id, node] : voters().nodes()) {
        if (id == config_.self.id) {
            heard.push_back(Instant::never());
            continue;
        }
        const auto progress = replicas_.find(id);
        const bool known = progress != replicas_.end() && node.key.fits(progress->second.key);
        heard.push_back(known ? progress->second.last_fetch : kLongAgo);
    }
    if (heard.empty()) return Instant::never();
    std::ranges::sort(heard, std::greater<>{});
    const Instant majority = heard[voters().majority() - 1];
    return majority == Instant::never() ? majority : majority + config_.fetch_timeout * 3 / 2;
}

ErrorCode Raft::check_leader(LeaderEpoch asked) const {
    if (asked < epoch()) return ErrorCode::kFencedLeaderEpoch;
    if (asked > epoch()) return ErrorCode::kUnknownLeaderEpoch;
    return role_ == Role::kLeader ? ErrorCode::kNone : ErrorCode::kNotLeaderOrFollower;
}

void Raft::on_fetch_snapshot(Instant now, const ReplicaKey& replica) {
    const auto progress = replicas_.find(replica.id);
    if (progress == replicas_.end() || !progress->second.key.fits(replica)) return;
    progress->second.last_fetch = now;
}

FetchVerdict Raft::on_fetch(Instant now, const FetchAsk& ask, Effects& fx) {
    FetchVerdict verdict;
    verdict.view = view();
    verdict.error = check_leader(ask.epoch);
    if (verdict.error != ErrorCode::kNone) return verdict;
    if (ask.position.offset.value < 0 || ask.position.epoch.value < 0) {
        verdict.error = ErrorCode::kInvalidRequest;
        return verdict;
    }
    check_position(ask.position, verdict);
    const bool is_replica = ask.replica.id.value >= 0 && ask.replica.id != config_.self.id;
    if (is_replica && (replicas_.contains(ask.replica.id) || replicas_.size() < kMaxReplicas)) {
        ReplicaProgress& progress = replicas_[ask.replica.id];
        const bool other_disk = progress.key != ask.replica && !progress.key.fits(ask.replica);
        if (other_disk) progress = {};
        progress.key = ask.replica;
        if (!verdict.diverging && !verdict.snapshot) note_fetch(now, ask);
        progress.last_fetch = now;
        advance_high_watermark(now, fx);
    }
    // The commit of its own removal ends a leader.
    if (role_ != Role::kLeader) {
        verdict = {};
        verdict.view = view();
        verdict.error = ErrorCode::kNotLeaderOrFollower;
        return verdict;
    }
    verdict.high_watermark = high_watermark_;
    verdict.log_start = log_start_;
    verdict.log_end = log_end_;
    return verdict;
}

void Raft::note_fetch(Instant now, const FetchAsk& ask) {
    ReplicaProgress& progress = replicas_.at(ask.replica.id);
    const Offset at = ask.position.offset;
    // An old request that was late: what a replica has acknowledged in an epoch it keeps.
    progress.end = std::max(progress.end, at);
    if (at >= log_end_) {
        progress.last_caught_up = now;
    } else if (at >= progress.leader_end_then && progress.last_fetch != kLongAgo) {
        progress.last_caught_up = std::max(progress.last_caught_up, progress.last_fetch);
    }
    progress.leader_end_then = log_end_;
}

// Whether the asker's log is a prefix of ours; if not, what it should do.
void Raft::check_position(const LogEnd& position, FetchVerdict& verdict) const {
    const bool at_start = snapshot_ && position.offset == log_start_ &&
                          snapshot_->end == log_start_ && position.epoch == snapshot_->epoch;
    if (at_start && log_start_ > Offset(0)) return;
    const bool from_nothing = position.offset == Offset(0);
    if (position.offset < log_start_ || (from_nothing && snapshot_)) {
        SEALANE_ASSERT(snapshot_.has_value());
        verdict.snapshot = snapshot_;
        return;
    }
    if (from_nothing) return;
    const EpochEnd end = epochs_.end_of(position.epoch, log_end_);
    if (end.end == kNoOffset) {
        verdict.diverging = this->end();
    } else if (end.epoch != position.epoch || end.end < position.offset) {
        verdict.diverging = LogEnd{end.epoch, end.end};
    } else if (end.end == log_start_ && log_start_ > Offset(0)) {
        // Older than all that is known: whether it is a prefix cannot be told.
        verdict.snapshot = snapshot_;
    }
    if (verdict.diverging && verdict.diverging->offset < log_start_) {
        verdict.diverging.reset();
        verdict.snapshot = snapshot_;
    }
}

void Raft::advance_high_watermark(Instant now, Effects& fx) {
    if (role_ != Role::kLeader || voters().size() == 0) return;
    std::vector<Offset> ends;
    for (const auto& [id, node] : voters().nodes()) {
        if (id == config_.self.id) {
            ends.push_back(durable_end_);
            continue;
        }
        const auto progress = replicas_.find(id);
        const bool known = progress != replicas_.end() && node.key.fits(progress->second.key);
        ends.push_back(known ? progress->second.end : kNoOffset);
    }
    std::ranges::sort(ends, std::greater<>{});
    const Offset next = ends[voters().majority() - 1];
    // Promise D: only with a record of this epoch.
    if (next <= epoch_start_ || next <= high_watermark_) return;
    SEALANE_ASSERT(next <= log_end_);
    high_watermark_ = next;
    fx.changed = true;
    if (voters_committed() && !is_voter()) resign(now, fx);
}

Offset Raft::trim_limit(Instant now, Offset wanted) const {
    Offset limit = wanted;
    if (role_ != Role::kLeader) return limit;
    for (const auto& [id, progress] : replicas_) {
        const bool follows = voters().contains(progress.key) && progress.end != kNoOffset &&
                             progress.last_fetch + config_.fetch_timeout > now;
        if (follows) limit = std::min(limit, progress.end);
    }
    return limit;
}

}  // namespace sealane::broker::quorum
