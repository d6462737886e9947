// Elections: roles, votes, pre-votes, and the announcements of a leader's begin and end.

#include "broker/quorum/raft.hpp"
#include "common/base/assert.hpp"
#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::broker::quorum {

namespace {

// A round that was lost is followed by a longer random wait, up to this many doublings.
constexpr std::uint32_t kMaxDoublings = 3;

}  // namespace

void Raft::set_election(const ElectionState& next, Effects& fx) {
    if (next == election_) return;
    SEALANE_ASSERT(next.epoch >= election_.epoch);
    if (next.epoch == election_.epoch) {
        SEALANE_ASSERT(election_.voted.id == kNoBroker || next.voted == election_.voted);
        SEALANE_ASSERT(election_.leader == kNoBroker || next.leader == election_.leader);
    }
    election_ = next;
    fx.persist = next;
    fx.changed = true;
}

BrokerId Raft::known_leader() const {
    if (role_ == Role::kLeader) return config_.self.id;
    return election_.leader == config_.self.id ? kNoBroker : election_.leader;
}

void Raft::leave_role(Effects& fx) {
    if (SEALANE_MUTANT(26) && role_ == Role::kCandidate) election_.voted = {};
    fx.changed = true;
    granted_.clear();
    rejected_.clear();
    replicas_.clear();
    download_.reset();
    pending_high_watermark_ = kNoOffset;
    epoch_start_ = kNoOffset;
    has_fetched_ = false;
    fetch_not_before_ = Instant{INT64_MIN};
}

void Raft::become_unattached(Instant now, LeaderEpoch epoch, Effects& fx) {
    leave_role(fx);
    if (epoch > election_.epoch) set_election({epoch, kNoBroker, {}}, fx);
    role_ = Role::kUnattached;
    election_deadline_ = now + election_timeout();
}

void Raft::become_follower(Instant now, const LeaderView& of, Effects& fx) {
    SEALANE_ASSERT(of.leader != config_.self.id && of.leader != kNoBroker);
    SEALANE_ASSERT(of.epoch >= epoch());
    const bool same = role_ == Role::kFollower && of.epoch == epoch();
    if (of.epoch == epoch() && election_.leader != kNoBroker && election_.leader != of.leader) {
        return;  // two leaders in one epoch cannot be; the first one said so under promise A
    }
    if (same) return;
    leave_role(fx);
    const ReplicaKey voted = of.epoch == epoch() ? election_.voted : ReplicaKey{};
    set_election({of.epoch, of.leader, voted}, fx);
    role_ = Role::kFollower;
    fetch_deadline_ = now + config_.fetch_timeout;
}

void Raft::become_prospective(Instant now, Effects& fx) {
    SEALANE_ASSERT(may_stand());
    leave_role(fx);
    role_ = Role::kProspective;
    ++round_;
    granted_.insert(config_.self.id);
    election_deadline_ = now + election_timeout();
    if (is_voter() && voters().size() == 1) return become_candidate(now, fx);
    ask_votes(now, fx);
}

void Raft::become_candidate(Instant now, Effects& fx) {
    leave_role(fx);
    role_ = Role::kCandidate;
    ++round_;
    set_election({epoch() + 1, kNoBroker, config_.self}, fx);
    granted_.insert(config_.self.id);
    election_deadline_ = now + election_timeout();
    if (is_voter() && voters().size() == 1) return become_leader(now, fx);
    ask_votes(now, fx);
}

void Raft::become_leader(Instant now, Effects& fx) {
    SEALANE_ASSERT(role_ == Role::kCandidate && election_.voted == config_.self);
    LeaderChange change;
    for (const auto& [id, node] : voters().nodes()) {
        change.voters.push_back(node.key);
        if (granted_.contains(id)) change.granting.push_back(node.key);
    }
    leave_role(fx);
    set_election({epoch(), config_.self.id, config_.self}, fx);
    role_ = Role::kLeader;
    lost_rounds_ = 0;
    epoch_start_ = log_end_;
    // Their time to fetch begins now.
    for (const auto& [id, node] : voters().nodes()) {
        if (id == config_.self.id) continue;
        ReplicaProgress& progress = replicas_[id];
        progress.key = node.key;
        progress.last_fetch = now;
    }
    fx.append = std::move(change);
    begin_epoch(now, fx);
}

void Raft::become_resigned(Instant now, Effects& fx) {
    leave_role(fx);
    role_ = Role::kResigned;
    election_deadline_ = now + election_timeout();
}

void Raft::ask_votes(Instant now, Effects& fx) {
    const bool pre_vote = role_ == Role::kProspective;
    for (const auto& [id, node] : voters().nodes()) {
        if (granted_.contains(id) || rejected_.contains(id)) continue;
        VoteAsk ask;
        ask.candidate = config_.self;
        ask.voter = node.key;
        ask.epoch = epoch();
        ask.last = end();
        ask.pre_vote = pre_vote;
        ask.round = round_;
        fx.send.push_back({id, ask});
    }
    ask_again_at_ = now + config_.election_timeout / 4;
}

void Raft::give_up_pre_vote(Instant now, Effects& fx) {
    ++lost_rounds_;
    const BrokerId leader = known_leader();
    if (leader == kNoBroker || voters().find(leader) == nullptr) {
        return become_unattached(now, epoch(), fx);
    }
    leave_role(fx);
    role_ = Role::kFollower;
    fetch_deadline_ = now + config_.fetch_timeout;
}

void Raft::count_votes(Instant now, Effects& fx) {
    const auto voted = [this](const std::set<BrokerId>& who) {
        return static_cast<std::size_t>(std::ranges::count_if(who, [this](BrokerId id) {
            return voters().find(id) != nullptr;
        }));
    };
    const bool pre_vote = role_ == Role::kProspective;
    if (voted(granted_) >= voters().majority()) {
        return pre_vote ? become_candidate(now, fx) : become_leader(now, fx);
    }
    if (voters().size() - voted(rejected_) >= voters().majority()) return;
    if (pre_vote) return give_up_pre_vote(now, fx);
    // Cannot win: another try soon, at another moment than the others who lost.
    ++lost_rounds_;
    const Duration step = config_.election_timeout / 4;
    const Duration wait =
        random_between(step / 4, step * (1U << std::min(lost_rounds_, kMaxDoublings)));
    election_deadline_ = std::min(election_deadline_, now + wait);
    ask_again_at_ = Instant::never();
}

// What somebody else says about epoch and leader.
void Raft::observe(Instant now, const LeaderView& seen, Effects& fx) {
    const bool names_other = seen.leader != kNoBroker && seen.leader != config_.self.id;
    if (seen.epoch > epoch()) {
        if (names_other) return become_follower(now, seen, fx);
        return become_unattached(now, seen.epoch, fx);
    }
    if (seen.epoch < epoch() || !names_other) return;
    // A node that has lost its leader knows better than who still names it.
    const bool looks = role_ == Role::kUnattached || role_ == Role::kProspective ||
                       role_ == Role::kCandidate || role_ == Role::kResigned;
    if (looks && (known_leader() == kNoBroker || role_ == Role::kUnattached)) {
        become_follower(now, seen, fx);
    }
}

VoteAnswer Raft::on_vote(Instant now, const VoteAsk& ask, Effects& fx) {
    VoteAnswer answer;
    const bool misses_epoch =
        ask.pre_vote ? ask.last.epoch > ask.epoch : ask.last.epoch >= ask.epoch;
    const bool negative =
        ask.epoch.value < 0 || ask.last.epoch.value < 0 || ask.last.offset.value < 0;
    if (misses_epoch || negative || ask.candidate.id.value < 0) {
        answer.error = ErrorCode::kInvalidRequest;
    } else if (ask.epoch < epoch()) {
        answer.error = ErrorCode::kFencedLeaderEpoch;
    } else {
        if (ask.epoch > epoch()) become_unattached(now, ask.epoch, fx);
        if (ask.voter.id != kNoBroker && !ask.voter.fits(config_.self)) {
            answer.error = ErrorCode::kInvalidVoterKey;
        } else if (ask.pre_vote) {
            answer.granted = would_pre_vote(ask);
        } else {
            answer.granted = would_vote(ask);
        }
    }
    if (answer.granted && !ask.pre_vote) {
        // Unattached with a vote; the winner gets its time.
        become_unattached(now, epoch(), fx);
        set_election({epoch(), kNoBroker, ask.candidate}, fx);
    }
    answer.view = view();
    return answer;
}

bool Raft::would_vote(const VoteAsk& ask) const {
    if (ask.last < end()) return false;
    if (role_ != Role::kUnattached && role_ != Role::kProspective) return false;
    if (election_.leader != kNoBroker) return false;
    return election_.voted.id == kNoBroker || election_.voted == ask.candidate;
}

bool Raft::would_pre_vote(const VoteAsk& ask) const {
    if (ask.last < end()) return false;
    switch (role_) {
        case Role::kUnattached:
        case Role::kProspective:
        case Role::kCandidate:
        case Role::kResigned:
            return true;
        case Role::kFollower:
            return !has_fetched_;
        case Role::kLeader:
            return false;
    }
    return false;
}

void Raft::on_vote_answer(
    Instant now, BrokerId from, const VoteAsk& asked, const VoteAnswer& answer, Effects& fx
) {
    observe(now, answer.view, fx);
    if (asked.round != round_ || asked.epoch != epoch()) return;
    if (role_ != (asked.pre_vote ? Role::kProspective : Role::kCandidate)) return;
    if (asked.pre_vote && answer.error == ErrorCode::kUnsupportedVersion) {
        return become_candidate(now, fx);  // it knows no pre-votes
    }
    const bool granted = answer.granted && answer.error == ErrorCode::kNone;
    if (!granted_.contains(from)) (granted ? granted_ : rejected_).insert(from);
    count_votes(now, fx);
}

EpochAnswer Raft::on_begin_epoch(Instant now, const BeginAsk& ask, Effects& fx) {
    EpochAnswer answer;
    if (ask.epoch < epoch()) {
        answer.error = ErrorCode::kFencedLeaderEpoch;
    } else if (ask.leader.value < 0 || ask.leader == config_.self.id) {
        answer.error = ErrorCode::kInvalidRequest;
    } else if (ask.voter.id != kNoBroker && !ask.voter.fits(config_.self)) {
        answer.error = ErrorCode::kInvalidVoterKey;
    } else {
        become_follower(now, {ask.epoch, ask.leader}, fx);
    }
    answer.view = view();
    return answer;
}

EpochAnswer Raft::on_end_epoch(Instant now, const EndAsk& ask, Effects& fx) {
    EpochAnswer answer;
    if (ask.epoch < epoch()) {
        answer.error = ErrorCode::kFencedLeaderEpoch;
    } else if (ask.leader.value < 0 || ask.leader == config_.self.id) {
        answer.error = ErrorCode::kInvalidRequest;
    } else {
        become_follower(now, {ask.epoch, ask.leader}, fx);
        if (role_ == Role::kFollower && may_stand()) {
            has_fetched_ = false;
            const auto mine = std::ranges::find_if(ask.preferred, [this](const ReplicaKey& key) {
                return key.fits(config_.self);
            });
            const auto place = mine - ask.preferred.begin();
            const Duration step = config_.election_timeout / 4;
            if (mine != ask.preferred.end()) {
                fetch_deadline_ =
                    now + (place == 0 ? Duration(0) : place * step + random_between(0ms, step));
            }
        }
    }
    answer.view = view();
    return answer;
}

void Raft::on_epoch_answer(Instant now, const EpochAnswer& answer, Effects& fx) {
    observe(now, answer.view, fx);
}

void Raft::resign(Instant now, Effects& fx) {
    if (role_ != Role::kLeader) return;
    std::vector<std::pair<Offset, ReplicaKey>> successors;
    for (const auto& [id, node] : voters().nodes()) {
        if (id == config_.self.id) continue;
        const auto progress = replicas_.find(id);
        successors.emplace_back(
            progress == replicas_.end() ? kNoOffset : progress->second.end, node.key
        );
    }
    // The longest log first; of equal ones the smaller id.
    std::ranges::sort(successors, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second.id < b.second.id;
    });
    EndAsk ask;
    ask.leader = config_.self.id;
    ask.epoch = epoch();
    for (const auto& [end, key] : successors) ask.preferred.push_back(key);
    for (const auto& [end, key] : successors) fx.send.push_back({key.id, ask});
    become_resigned(now, fx);
}

}  // namespace sealane::broker::quorum
