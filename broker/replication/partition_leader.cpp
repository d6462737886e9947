#include "broker/replication/partition_leader.hpp"

#include "common/base/assert.hpp"
#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {

bool contains(const std::vector<BrokerId>& brokers, BrokerId id) {
    return std::ranges::find(brokers, id) != brokers.end();
}

bool contains(const std::vector<IsrMember>& members, BrokerId id) {
    return std::ranges::find(members, id, &IsrMember::id) != members.end();
}

}  // namespace

void PartitionLeader::begin(Instant now, const LeaderTerms& terms, Offset log_end) {
    SEALANE_ASSERT(terms.epoch > epoch_);
    epoch_ = terms.epoch;
    partition_epoch_ = -1;
    epoch_start_ = log_end;
    followers_.clear();
    open_.reset();
    adopt(now, terms);
}

void PartitionLeader::adopt(Instant now, const LeaderTerms& terms) {
    SEALANE_ASSERT(terms.epoch == epoch_);
    if (terms.partition_epoch <= partition_epoch_) return;
    std::vector<Follower> next;
    for (const BrokerId id : terms.replicas) {
        if (id == self_) continue;
        if (const Follower* known = find(id); known != nullptr) {
            next.push_back(*known);
            continue;
        }
        Follower fresh;
        fresh.id = id;
        // Members get the whole lag time to show up.
        if (contains(terms.isr, id)) fresh.caught_up = now;
        next.push_back(fresh);
    }
    followers_ = std::move(next);
    order_ = terms.replicas;
    recovering_ = terms.recovering;
    most_min_isr_ = static_cast<std::int32_t>(followers_.size()) + 1;
    if (terms.most_min_isr > 0) most_min_isr_ = std::min(most_min_isr_, terms.most_min_isr);
    commit(terms.isr, terms.partition_epoch);
}

void PartitionLeader::commit(const std::vector<BrokerId>& isr, std::int32_t partition_epoch) {
    partition_epoch_ = partition_epoch;
    open_.reset();
    for (Follower& follower : followers_) {
        const bool stays = contains(isr, follower.id);
        // Whoever was put out, a dead broker mostly, holds the high watermark back no longer; if
        // it lives, its next fetch says so.
        if (follower.insync && !stays) follower.eligible = false;
        follower.insync = stays;
    }
}

PartitionLeader::Follower* PartitionLeader::find(BrokerId replica) {
    const auto found = std::ranges::find(followers_, replica, &Follower::id);
    return found == followers_.end() ? nullptr : &*found;
}

bool PartitionLeader::on_fetch(Instant now, const FollowerFetch& fetch, Offset log_end) {
    SEALANE_ASSERT(fetch.offset <= log_end);
    Follower* follower = find(fetch.replica);
    if (follower == nullptr) return false;
    if (fetch.broker_epoch != -1 && fetch.broker_epoch < follower->broker_epoch) return false;
    if (fetch.offset >= log_end) {
        follower->caught_up = now;
    } else if (follower->leader_end_then != kNoOffset &&
               fetch.offset >= follower->leader_end_then) {
        // It had everything that was here when it asked the last time.
        follower->caught_up = std::max(follower->caught_up, follower->fetched);
    }
    follower->fetched = now;
    follower->leader_end_then = log_end;
    follower->log_end = fetch.offset;
    follower->log_start = fetch.log_start;
    follower->broker_epoch = std::max(follower->broker_epoch, fetch.broker_epoch);
    follower->eligible = fetch.eligible;
    return true;
}

void PartitionLeader::on_cut(Offset log_end) {
    epoch_start_ = std::min(epoch_start_, log_end);
    for (Follower& follower : followers_) {
        follower.leader_end_then = std::min(follower.leader_end_then, log_end);
        // What they hold beyond the cut is no longer ours: they have to say what they have now.
        if (follower.log_end > log_end) follower.log_end = log_end;
    }
}

bool PartitionLeader::in_maximal(const Follower& follower) const {
    return follower.insync || (open_ && contains(open_->isr, follower.id));
}

Offset PartitionLeader::high_watermark(
    Instant now, Position position, std::int32_t min_insync, Duration lag_max
) const {
    Offset least = position.reached;
    if (followers_.empty()) return std::max(position.high_watermark, least);
    if (under_min_isr(min_insync) && !SEALANE_MUTANT(21)) return position.high_watermark;
    for (const Follower& follower : followers_) {
        // Others that keep up are about to be let in; without waiting for them the high watermark
        // could run away from a follower for ever.
        const bool keeps_up = follower.eligible && follower.caught_up != Instant{} &&
                              now - follower.caught_up <= lag_max && follower.log_end != kNoOffset;
        if (in_maximal(follower) || keeps_up) least = std::min(least, follower.log_end);
    }
    return std::max(position.high_watermark, least);
}

bool PartitionLeader::can_join(const Follower& follower, const Position& position) const {
    return !follower.insync && follower.eligible && follower.log_end != kNoOffset &&
           follower.log_end >= position.high_watermark && follower.log_end >= epoch_start_;
}

bool PartitionLeader::may_expand(Position position) const {
    if (open_) return false;
    return std::ranges::any_of(followers_, [&](const Follower& follower) {
        return can_join(follower, position);
    });
}

std::vector<IsrMember> PartitionLeader::shrunk(Instant now, Position position, Duration lag) const {
    std::vector<IsrMember> left;
    for (const BrokerId id : order_) {
        const auto follower = std::ranges::find(followers_, id, &Follower::id);
        if (follower == followers_.end()) {
            left.push_back({id, -1});  // this node; the caller knows its epoch
            continue;
        }
        if (!follower->insync) continue;
        const bool lags = follower->log_end != position.log_end && now - follower->caught_up > lag;
        if (!lags) left.push_back({id, follower->broker_epoch});
    }
    return left;
}

std::vector<IsrMember> PartitionLeader::grown(Position position, const EpochOf& epoch_of) const {
    std::vector<IsrMember> all;
    for (const BrokerId id : order_) {
        const auto follower = std::ranges::find(followers_, id, &Follower::id);
        if (follower == followers_.end()) {
            all.push_back({id, -1});
            continue;
        }
        if (!follower->insync) {
            const auto registered = epoch_of(id);
            const bool same = registered && (follower->broker_epoch == -1 ||
                                             follower->broker_epoch == *registered);
            if (!same || !can_join(*follower, position)) continue;
        }
        all.push_back({id, follower->broker_epoch});
    }
    return all;
}

std::optional<IsrProposal> PartitionLeader::propose(
    Instant now, Position position, Duration lag_max, const EpochOf& epoch_of
) {
    if (open_ && open_->sent) return std::nullopt;
    if (open_ && open_->waits_for_metadata) {
        if (open_->waits_since == Instant{}) open_->waits_since = now;
        // What the controller knew may never be committed: it was deposed, and its records cut.
        if (now - open_->waits_since < lag_max) return std::nullopt;
        open_->waits_for_metadata = false;
    }
    if (!open_) {
        const std::size_t committed = isr().size();
        std::vector<IsrMember> next = shrunk(now, position, lag_max);
        if (next.size() == committed) next = grown(position, epoch_of);
        if (next.size() == committed && !recovering_) return std::nullopt;
        for (IsrMember& member : next) {
            if (member.id == self_) member.broker_epoch = epoch_of(self_).value_or(-1);
        }
        open_ = Open{.isr = std::move(next)};
    }
    open_->sent = true;
    open_->waits_since = Instant{};
    return IsrProposal{epoch_, partition_epoch_, open_->isr};
}

void PartitionLeader::on_answer(const IsrAnswer& answer) {
    if (!open_ || !open_->sent) return;  // the metadata log was faster
    switch (answer.error) {
        case ErrorCode::kNone:
            if (answer.leader_epoch == epoch_ && answer.partition_epoch >= partition_epoch_) {
                recovering_ = false;
                commit(answer.isr, answer.partition_epoch);
            } else {
                open_->sent = false;
                open_->waits_for_metadata = true;
            }
            return;
        case ErrorCode::kIneligibleReplica:
        case ErrorCode::kOperationNotAttempted:
            open_.reset();
            return;
        case ErrorCode::kUnknownTopicOrPartition:
        case ErrorCode::kUnknownTopicId:
        case ErrorCode::kFencedLeaderEpoch:
        case ErrorCode::kInvalidUpdateVersion:
        case ErrorCode::kInvalidRequest:
        case ErrorCode::kNewLeaderElected:
            open_->sent = false;
            open_->waits_for_metadata = true;
            return;
        default:
            open_->sent = false;
            return;
    }
}

void PartitionLeader::on_unanswered() {
    if (open_) open_->sent = false;
}

std::int32_t PartitionLeader::effective_min_isr(std::int32_t min_insync) const {
    return std::min(min_insync, most_min_isr_);
}

bool PartitionLeader::under_min_isr(std::int32_t min_insync) const {
    if (SEALANE_MUTANT(40)) return false;
    const auto others = std::ranges::count_if(followers_, &Follower::insync);
    return others + 1 < effective_min_isr(min_insync);
}

bool PartitionLeader::is_insync(BrokerId replica) const {
    if (replica == self_) return true;
    const auto found = std::ranges::find(followers_, replica, &Follower::id);
    return found != followers_.end() && found->insync;
}

bool PartitionLeader::has_successor() const {
    return std::ranges::any_of(followers_, &Follower::insync);
}

std::vector<BrokerId> PartitionLeader::isr() const {
    std::vector<BrokerId> members;
    for (const BrokerId id : order_) {
        if (is_insync(id)) members.push_back(id);
    }
    return members;
}

}  // namespace sealane::broker
