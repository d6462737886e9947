#include "broker/log/epoch_cache.hpp"

#include "common/base/mutants.hpp"

#include <algorithm>
#include <functional>

namespace sealane::broker {

std::optional<EpochCache> EpochCache::from(std::vector<EpochStart> entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].epoch.value < 0 || entries[i].start.value < 0) return std::nullopt;
        if (i == 0) continue;
        if (entries[i].epoch <= entries[i - 1].epoch || entries[i].start <= entries[i - 1].start) {
            return std::nullopt;
        }
    }
    EpochCache cache;
    cache.entries_ = std::move(entries);
    return cache;
}

bool EpochCache::assign(LeaderEpoch epoch, Offset start) {
    if (epoch.value < 0 || start.value < 0) return false;
    if (!entries_.empty() && entries_.back().epoch == epoch && entries_.back().start <= start) {
        return false;
    }
    while (!entries_.empty() && (entries_.back().epoch >= epoch || entries_.back().start >= start)
    ) {
        entries_.pop_back();
    }
    entries_.push_back({epoch, start});
    return true;
}

bool EpochCache::truncate_from_end(Offset end) {
    const std::size_t before = entries_.size();
    while (!entries_.empty() && entries_.back().start >= end) entries_.pop_back();
    return entries_.size() != before;
}

bool EpochCache::truncate_from_start(Offset start) {
    const auto after =
        std::ranges::upper_bound(entries_, start, std::ranges::less{}, &EpochStart::start);
    if (after == entries_.begin()) return false;
    const auto covering = std::prev(after);
    if (covering == entries_.begin() && covering->start == start) return false;
    covering->start = start;
    entries_.erase(entries_.begin(), covering);
    return true;
}

EpochEnd EpochCache::end_of(LeaderEpoch epoch, Offset log_end) const {
    if (epoch.value < 0 || entries_.empty() || epoch > latest()) return {};
    if (epoch == latest()) return {epoch, log_end};
    const auto after =
        std::ranges::upper_bound(entries_, epoch, std::ranges::less{}, &EpochStart::epoch);
    // Older than the first: it ended, at the latest, where the first known one begins.
    if (after == entries_.begin()) return {epoch, after->start};
    if (SEALANE_MUTANT(5)) return {epoch, after->start};
    return {std::prev(after)->epoch, after->start};
}

LeaderEpoch EpochCache::epoch_at(Offset offset) const {
    const auto after =
        std::ranges::upper_bound(entries_, offset, std::ranges::less{}, &EpochStart::start);
    return after == entries_.begin() ? kNoLeaderEpoch : std::prev(after)->epoch;
}

}  // namespace sealane::broker
