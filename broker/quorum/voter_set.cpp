#include "broker/quorum/voter_set.hpp"

#include "common/base/assert.hpp"

#include <utility>

namespace sealane::broker::quorum {

VoterSet::VoterSet(const std::vector<VoterNode>& nodes) {
    for (const VoterNode& node : nodes) nodes_.insert_or_assign(node.key.id, node);
}

const VoterNode* VoterSet::find(BrokerId id) const {
    const auto found = nodes_.find(id);
    return found == nodes_.end() ? nullptr : &found->second;
}

bool VoterSet::contains(const ReplicaKey& key) const {
    const VoterNode* node = find(key.id);
    return node != nullptr && node->key.fits(key);
}

VoterSet VoterSet::with(VoterNode node) const {
    VoterSet changed = *this;
    const BrokerId id = node.key.id;
    changed.nodes_.insert_or_assign(id, std::move(node));
    return changed;
}

VoterSet VoterSet::without(BrokerId id) const {
    VoterSet changed = *this;
    changed.nodes_.erase(id);
    return changed;
}

void VoterHistory::add(Offset at, VoterSet set) {
    SEALANE_ASSERT(records_.empty() || records_.rbegin()->first < at);
    records_.insert_or_assign(at, std::move(set));
}

void VoterHistory::truncate(Offset end) {
    records_.erase(records_.lower_bound(end), records_.end());
}

void VoterHistory::trim(Offset start) {
    const auto kept = records_.lower_bound(start);
    if (kept == records_.begin()) return;
    base_ = std::prev(kept)->second;
    from_record_ = true;
    records_.erase(records_.begin(), kept);
}

void VoterHistory::reset(VoterSet base, bool from_record) {
    base_ = std::move(base);
    from_record_ = from_record;
    records_.clear();
}

const VoterSet& VoterHistory::latest() const {
    return records_.empty() ? base_ : records_.rbegin()->second;
}

const VoterSet& VoterHistory::at(Offset end) const {
    const auto after = records_.lower_bound(end);
    return after == records_.begin() ? base_ : std::prev(after)->second;
}

std::optional<Offset> VoterHistory::latest_offset() const {
    if (records_.empty()) return std::nullopt;
    return records_.rbegin()->first;
}

}  // namespace sealane::broker::quorum
