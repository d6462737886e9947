// Start, timers, the disk's completions, and what everybody may ask.

#include "broker/quorum/raft.hpp"

#include "common/base/assert.hpp"

#include <algorithm>
#include <utility>

namespace sealane::broker::quorum {

std::string_view name_of(Role role) {
    switch (role) {
        case Role::kUnattached:
            return "unattached";
        case Role::kProspective:
            return "prospective";
        case Role::kCandidate:
            return "candidate";
        case Role::kLeader:
            return "leader";
        case Role::kFollower:
            return "follower";
        case Role::kResigned:
            return "resigned";
    }
    return "?";
}

Raft::Raft(RaftConfig config, RaftStart start, Rng rng)
    : config_(config),
      rng_(rng),
      election_(start.election),
      epochs_(std::move(start.epochs)),
      log_start_(start.log_start),
      log_end_(start.log_end),
      durable_end_(start.durable_end),
      // What a snapshot holds, and what was trimmed for it, is committed.
      high_watermark_(
          start.snapshot ? std::max(start.snapshot->end, start.log_start) : start.log_start
      ),
      snapshot_(start.snapshot),
      configured_(std::move(start.configured)),
      voters_(std::move(start.voters)) {
    SEALANE_ASSERT(log_start_ <= log_end_ && durable_end_ <= log_end_);
    SEALANE_ASSERT(!snapshot_ || (snapshot_->end >= log_start_ && snapshot_->end <= log_end_));
    SEALANE_ASSERT(election_.epoch >= last_epoch());
}

void Raft::start(Instant now, Effects& fx) {
    fx.changed = true;
    // A leader of this epoch that stopped does not lead it again: it may not remember its records.
    const BrokerId leader = known_leader();
    if (leader != kNoBroker && voters().find(leader) != nullptr) {
        role_ = Role::kFollower;
        fetch_deadline_ = now + config_.fetch_timeout;
    } else {
        become_unattached(now, epoch(), fx);
    }
    if (is_voter() && voters().size() == 1) become_prospective(now, fx);
}

Instant Raft::wake_at() const {
    switch (role_) {
        case Role::kUnattached:
            return is_voter() ? election_deadline_ : Instant::never();
        case Role::kProspective:
        case Role::kCandidate:
            return std::min(election_deadline_, ask_again_at_);
        case Role::kLeader:
            return std::min(begin_again_at_, quorum_deadline());
        case Role::kFollower:
            return fetch_deadline_;
        case Role::kResigned:
            return election_deadline_;
    }
    return Instant::never();
}

void Raft::tick(Instant now, Effects& fx) {
    switch (role_) {
        case Role::kUnattached:
            if (may_stand() && now >= election_deadline_) become_prospective(now, fx);
            return;
        case Role::kProspective:
            if (now >= election_deadline_) return give_up_pre_vote(now, fx);
            if (now >= ask_again_at_) ask_votes(now, fx);
            return;
        case Role::kCandidate:
            if (now >= election_deadline_) return become_prospective(now, fx);
            if (now >= ask_again_at_) ask_votes(now, fx);
            return;
        case Role::kLeader:
            return tick_leader(now, fx);
        case Role::kFollower:
            if (now < fetch_deadline_) return;
            if (may_stand()) return become_prospective(now, fx);
            return become_unattached(now, epoch(), fx);
        case Role::kResigned:
            if (now < election_deadline_) return;
            // Nobody may lead this epoch any more. Who cannot be elected only waits for the next.
            return become_unattached(now, may_stand() ? epoch() + 1 : epoch(), fx);
    }
}

void Raft::on_appended(Instant now, const std::vector<BatchFacts>& batches, Effects& fx) {
    for (const BatchFacts& batch : batches) {
        SEALANE_ASSERT(batch.base == log_end_ && batch.end > batch.base);
        SEALANE_ASSERT(batch.epoch >= last_epoch() && batch.epoch <= epoch());
        epochs_.assign(batch.epoch, batch.base);
        if (batch.voters) {
            voters_.add(batch.base, *batch.voters);
            fx.changed = true;
        }
        log_end_ = batch.end;
    }
    if (role_ == Role::kFollower && pending_high_watermark_ != kNoOffset) {
        follow_high_watermark(std::exchange(pending_high_watermark_, kNoOffset), fx);
    }
    if (role_ == Role::kLeader) advance_high_watermark(now, fx);
}

void Raft::on_truncated(Offset log_end, Effects& fx) {
    SEALANE_ASSERT(log_end <= log_end_ && log_end >= log_start_);
    SEALANE_ASSERT(log_end >= high_watermark_);  // promise E
    log_end_ = log_end;
    durable_end_ = std::min(durable_end_, log_end_);
    epochs_.truncate_from_end(log_end_);
    const VoterSet before = voters();
    voters_.truncate(log_end_);
    fx.changed |= before != voters();
}

void Raft::on_durable(Instant now, Offset durable_end, Effects& fx) {
    SEALANE_ASSERT(durable_end <= log_end_);
    durable_end_ = std::max(durable_end_, durable_end);
    if (role_ == Role::kLeader) advance_high_watermark(now, fx);
}

void Raft::on_write_failed(Instant now, Effects& fx) {
    pending_high_watermark_ = kNoOffset;
    download_.reset();
    fetch_not_before_ = now + config_.election_timeout;
    // A leader that cannot write lets somebody else try.
    if (role_ == Role::kLeader) resign(now, fx);
}

void Raft::on_snapshot_installed(
    Instant now, SnapshotId id, const std::optional<VoterSet>& voters, Effects& fx
) {
    SEALANE_ASSERT(role_ != Role::kLeader);
    SEALANE_ASSERT(id.end >= high_watermark_);
    download_.reset();
    snapshot_ = id;
    log_start_ = log_end_ = durable_end_ = id.end;
    epochs_ = EpochCache();
    voters_.reset(voters.value_or(configured_), voters.has_value());
    high_watermark_ = id.end;
    fx.changed = true;
    fetch_not_before_ = now;
}

void Raft::on_snapshot_written(SnapshotId id) {
    SEALANE_ASSERT(id.end <= high_watermark_);
    if (!snapshot_ || snapshot_->end < id.end) snapshot_ = id;
}

void Raft::on_log_start(Offset log_start) {
    SEALANE_ASSERT(snapshot_ && log_start <= snapshot_->end);
    if (log_start <= log_start_) return;
    log_start_ = log_start;
    epochs_.truncate_from_start(log_start);
    voters_.trim(log_start);
}

bool Raft::may_stand() const {
    if (is_voter()) return true;
    return !voters_committed() && voters_.at(high_watermark_).contains(config_.self);
}

BrokerId Raft::leader() const {
    return role_ == Role::kLeader || role_ == Role::kFollower ? election_.leader : kNoBroker;
}

LeaderEpoch Raft::last_epoch() const {
    if (!epochs_.entries().empty()) return epochs_.latest();
    return snapshot_ && snapshot_->end == log_end_ ? snapshot_->epoch : LeaderEpoch(0);
}

LeaderEpoch Raft::epoch_before(Offset end) const {
    if (snapshot_ && snapshot_->end == end) return snapshot_->epoch;
    if (end <= log_start_) return LeaderEpoch(0);
    return std::max(epochs_.epoch_at(end - 1), LeaderEpoch(0));
}

Duration Raft::random_between(Duration low, Duration high) {
    return Duration(rng_.between(low.count(), std::max(low.count(), high.count() - 1)));
}

Duration Raft::election_timeout() {
    return random_between(config_.election_timeout, 2 * config_.election_timeout);
}

}  // namespace sealane::broker::quorum
