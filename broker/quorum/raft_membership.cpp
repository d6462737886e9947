// Voter changes (KIP-853): one at a time; a set counts from when it is appended, and the next
// change may begin when it is committed.

#include "broker/quorum/raft.hpp"
#include "common/base/assert.hpp"

namespace sealane::broker::quorum {

bool Raft::voters_committed() const {
    const auto at = voters_.latest_offset();
    return !at || *at < high_watermark_;
}

ErrorCode Raft::check_change(Effects& fx) const {
    SEALANE_ASSERT(!fx.append);
    if (role_ != Role::kLeader) return ErrorCode::kNotLeaderOrFollower;
    // A leader that has committed nothing of its own may not know the newest committed set.
    if (high_watermark_ <= epoch_start_) return ErrorCode::kRequestTimedOut;
    return voters_committed() ? ErrorCode::kNone : ErrorCode::kRequestTimedOut;
}

ErrorCode Raft::add_voter(Instant now, VoterNode node, Effects& fx) {
    const ErrorCode error = check_change(fx);
    if (error != ErrorCode::kNone) return error;
    if (voters().find(node.key.id) != nullptr) return ErrorCode::kDuplicateVoter;
    // It must keep up, or the quorum would wait for it.
    const auto progress = replicas_.find(node.key.id);
    const bool keeps_up = progress != replicas_.end() && progress->second.key.fits(node.key) &&
                          progress->second.last_fetch + config_.fetch_timeout > now &&
                          progress->second.end >= high_watermark_;
    if (!keeps_up) return ErrorCode::kRequestTimedOut;
    change_voters(voters().with(std::move(node)), fx);
    return ErrorCode::kNone;
}

ErrorCode Raft::remove_voter(Instant now, const ReplicaKey& key, Effects& fx) {
    (void)now;
    const ErrorCode error = check_change(fx);
    if (error != ErrorCode::kNone) return error;
    if (!voters().contains(key)) return ErrorCode::kVoterNotFound;
    if (voters().size() == 1) return ErrorCode::kInvalidRequest;
    change_voters(voters().without(key.id), fx);
    return ErrorCode::kNone;
}

ErrorCode Raft::update_voter(Instant now, VoterNode node, Effects& fx) {
    (void)now;
    const ErrorCode error = check_change(fx);
    if (error != ErrorCode::kNone) return error;
    if (!voters().contains(node.key)) return ErrorCode::kVoterNotFound;
    if (*voters().find(node.key.id) == node) return ErrorCode::kNone;
    change_voters(voters().with(std::move(node)), fx);
    return ErrorCode::kNone;
}

void Raft::change_voters(VoterSet next, Effects& fx) {
    // Directories that the configuration did not know are known by now.
    for (const auto& [id, node] : VoterSet(next).nodes()) {
        if (!node.key.directory.is_zero()) continue;
        VoterNode known = node;
        const auto progress = replicas_.find(id);
        if (id == config_.self.id) {
            known.key.directory = config_.self.directory;
        } else if (progress != replicas_.end()) {
            known.key.directory = progress->second.key.directory;
        }
        next = next.with(std::move(known));
    }
    fx.append = VotersChange{std::move(next), !voters_.has_records()};
}

}  // namespace sealane::broker::quorum
