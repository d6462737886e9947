// Following: what to fetch, and what an answer means for the own log.

#include "broker/quorum/raft.hpp"
#include "common/base/assert.hpp"
#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker::quorum {

namespace {

constexpr Duration kFetchBackoff = 50ms;
constexpr std::uint32_t kMaxDoublings = 3;

}  // namespace

std::optional<BrokerId> Raft::whom_to_ask() const {
    if (role_ == Role::kFollower) return election_.leader;
    if (role_ != Role::kUnattached) return std::nullopt;
    std::vector<BrokerId> others;
    for (const auto& [id, node] : voters().nodes()) {
        if (id != config_.self.id) others.push_back(id);
    }
    if (others.empty()) return std::nullopt;
    return others[asked_round_robin_ % others.size()];
}

std::optional<FetchPlan> Raft::fetch_plan(Instant now) const {
    // The fetch offset says what is durable here.
    if (durable_end_ < log_end_ || now < fetch_not_before_) return std::nullopt;
    const auto whom = whom_to_ask();
    if (!whom) return std::nullopt;
    FetchPlan plan;
    plan.to = *whom;
    plan.epoch = epoch();
    plan.position = end();
    if (download_) {
        plan.snapshot = download_->id;
        plan.snapshot_position = download_->position;
    }
    return plan;
}

bool Raft::is_current(const FetchPlan& asked) const {
    if (role_ != Role::kFollower || asked.to != election_.leader) return false;
    if (asked.epoch != epoch() || asked.position != end()) return false;
    if (asked.snapshot.has_value() != download_.has_value()) return false;
    return !download_ ||
           (asked.snapshot == download_->id && asked.snapshot_position == download_->position);
}

void Raft::on_fetch_answer(Instant now, const FetchAnswer& answer, Effects& fx) {
    observe(now, answer.view, fx);
    if (!is_current(answer.asked)) {
        // Somebody without a leader to name: ask the next one, a little later.
        if (role_ == Role::kUnattached) wait_before_fetch(now);
        return;
    }
    if (answer.error != ErrorCode::kNone) return handle_fetch_error(now, answer.error);
    contact(now);
    if (answer.diverging) return diverge(now, *answer.diverging, fx);
    if (answer.snapshot) {
        // A snapshot that ends before our log would take back what the leader counts on.
        if (answer.snapshot->end < high_watermark_ || answer.snapshot->end <= log_start_) {
            return wait_before_fetch(now);
        }
        download_ = Download{*answer.snapshot, 0};
        return;
    }
    if (answer.batches.empty()) return follow_high_watermark(answer.high_watermark, fx);
    if (!continues(answer.batches)) return wait_before_fetch(now);
    pending_high_watermark_ = answer.high_watermark;
    fx.append_fetched = true;
}

bool Raft::continues(const std::vector<BatchFacts>& batches) const {
    Offset next = log_end_;
    LeaderEpoch last = last_epoch();
    for (const BatchFacts& batch : batches) {
        if (batch.base != next || batch.end <= batch.base) return false;
        if (batch.epoch < last || batch.epoch > epoch()) return false;
        next = batch.end;
        last = batch.epoch;
    }
    return true;
}

void Raft::handle_fetch_error(Instant now, ErrorCode error) {
    // It leads no more, and nobody has said who does.
    if (error == ErrorCode::kNotLeaderOrFollower) leader_lost(now);
    wait_before_fetch(now);
}

// KIP-595: cut to where both logs can be the same, and ask again.
void Raft::diverge(Instant now, const LogEnd& leaders, Effects& fx) {
    const EpochEnd own = epochs_.end_of(leaders.epoch, log_end_);
    const Offset own_end = own.end == kNoOffset ? log_end_ : own.end;
    const Offset target = std::min(leaders.offset, own_end);
    if (target < high_watermark_) {
        fx.fatal = "the leader of epoch " + std::to_string(epoch().value) + ", node " +
                   std::to_string(election_.leader.value) +
                   ", lacks committed records: its log ends at " + std::to_string(target.value) +
                   " of what is committed here up to " + std::to_string(high_watermark_.value);
        return;
    }
    if (target >= log_end_) return wait_before_fetch(now);
    fx.truncate_to = SEALANE_MUTANT(11) ? std::min(target, log_start_) : target;
}

void Raft::follow_high_watermark(Offset leaders, Effects& fx) {
    const Offset next = std::min(leaders, log_end_);
    if (next <= high_watermark_) return;
    high_watermark_ = next;
    fx.changed = true;
}

void Raft::on_snapshot_answer(Instant now, const SnapshotAnswer& answer, Effects& fx) {
    observe(now, answer.view, fx);
    if (!is_current(answer.asked)) return;
    if (answer.error == ErrorCode::kSnapshotNotFound ||
        answer.error == ErrorCode::kPositionOutOfRange) {
        download_.reset();  // a newer one took its place
        return wait_before_fetch(now);
    }
    if (answer.error != ErrorCode::kNone) return handle_fetch_error(now, answer.error);
    contact(now);
    const bool fits = answer.position == download_->position && answer.bytes > 0 &&
                      answer.position + answer.bytes <= answer.size;
    if (!fits) {
        download_.reset();
        return wait_before_fetch(now);
    }
    fx.write_part = SnapshotPart{download_->id, download_->position};
    download_->position += answer.bytes;
    if (download_->position == answer.size) fx.install = download_->id;
}

void Raft::on_fetch_failed(Instant now, const FetchPlan& asked, FetchFailure why, Effects& fx) {
    (void)fx;
    wait_before_fetch(now);
    if (role_ != Role::kFollower || asked.to != election_.leader || asked.epoch != epoch()) return;
    if (why == FetchFailure::kUnreachable) leader_lost(now);
}

void Raft::contact(Instant now) {
    has_fetched_ = true;
    lost_rounds_ = 0;
    fetch_deadline_ = now + config_.fetch_timeout;
}

// The leader is gone or leads no more. Pre-votes of others are welcome at once. Everybody notices
// at the same moment, so the voters stand one after another, by their numbers: two that stand
// together would split the votes. After lost rounds (the first ones may be gone too) chance
// decides.
void Raft::leader_lost(Instant now) {
    has_fetched_ = false;
    const Duration step = config_.election_timeout / 4;
    const auto before = std::ranges::count_if(voters().nodes(), [this](const auto& entry) {
        return entry.first < config_.self.id && entry.first != election_.leader;
    });
    const Duration wait =
        lost_rounds_ == 0
            ? before * step + random_between(0ms, step / 8)
            : random_between(0ms, step * (1U << std::min(lost_rounds_, kMaxDoublings)));
    fetch_deadline_ = std::min(fetch_deadline_, now + wait);
}

void Raft::wait_before_fetch(Instant now) {
    ++asked_round_robin_;
    fetch_not_before_ = now + random_between(kFetchBackoff, 2 * kFetchBackoff);
}

}  // namespace sealane::broker::quorum
