#include "mirror/offsets/group_sync.hpp"

#include "common/base/assert.hpp"
#include "common/base/mutants.hpp"

#include <algorithm>

namespace sealane::mirror {

void GroupSync::on_source(const GroupPartition& which, Offset offset, std::string metadata) {
    Entry& entry = entries_[which];
    if (entry.source != kNoOffset && offset < entry.source) entry.moved_back = true;
    if (offset != entry.source) entry.done = kNoOffset;
    entry.source = offset;
    entry.metadata = std::move(metadata);
}

void GroupSync::on_target(const GroupPartition& which, std::optional<Offset> committed) {
    Entry& entry = entries_[which];
    entry.read = true;
    entry.target = committed.value_or(kNoOffset);
}

std::vector<GroupPartition> GroupSync::unread() const {
    std::vector<GroupPartition> all;
    for (const auto& [which, entry] : entries_)
        if (!entry.read) all.push_back(which);
    return all;
}

std::vector<GroupSync::Pending> GroupSync::pending() const {
    std::vector<Pending> all;
    for (const auto& [which, entry] : entries_)
        if (entry.read && entry.source >= Offset(0) && entry.done != entry.source)
            all.push_back({which, entry.source, entry.metadata});
    return all;
}

std::optional<Offset> GroupSync::decide(
    const GroupPartition& which, std::optional<Offset> translated, Offset high_watermark
) {
    const auto found = entries_.find(which);
    if (found == entries_.end() || !found->second.read) return std::nullopt;
    Entry& entry = found->second;
    // While it has not arrived there is no exact place for it: the next round sees.
    if (!translated || (*translated > high_watermark && !SEALANE_MUTANT(19))) return std::nullopt;
    if (*translated == entry.target || (*translated < entry.target && !entry.moved_back)) {
        entry.done = entry.source;
        return std::nullopt;
    }
    return translated;
}

void GroupSync::on_written(
    const GroupPartition& which, Offset source_offset, Offset target_offset
) {
    const auto found = entries_.find(which);
    if (found == entries_.end()) return;
    Entry& entry = found->second;
    entry.target = target_offset;
    if (entry.source != source_offset) return;
    entry.done = source_offset;
    entry.moved_back = false;
}

}  // namespace sealane::mirror
