#pragma once
// Leader epoch cache: which leader epoch wrote from which offset on (KIP-101, KIP-279, KIP-320;
// formats: leader-epoch queries). A core: the file around it is leader-epoch-checkpoint.
// Invariant: both columns of `entries` strictly increase.

#include "common/base/ids.hpp"

#include <optional>
#include <vector>

namespace sealane::broker {

struct EpochStart {
    LeaderEpoch epoch;
    Offset start;
    friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

// The answer of OffsetForLeaderEpoch; both -1 when nothing is known.
struct EpochEnd {
    LeaderEpoch epoch = kNoLeaderEpoch;
    Offset end = kNoOffset;
    friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
};

class EpochCache {
 public:
    EpochCache() = default;
    // Entries that break the invariant are refused (nullopt).
    [[nodiscard]] static std::optional<EpochCache> from(std::vector<EpochStart> entries);

    // Epoch `epoch` writes from `start` on. Entries that contradict it (higher or equal epoch, or
    // a start at or after it) go. True when anything changed.
    bool assign(LeaderEpoch epoch, Offset start);
    // The log ends at `end` now: forgets epochs that start at or after it.
    bool truncate_from_end(Offset end);
    // The log starts at `start` now: the entry that covers it starts there, older ones go.
    bool truncate_from_start(Offset start);

    // KIP-279: the largest known epoch <= `epoch` and where it ends; `log_end` ends the latest.
    [[nodiscard]] EpochEnd end_of(LeaderEpoch epoch, Offset log_end) const;
    // The epoch that wrote `offset`, -1 when unknown.
    [[nodiscard]] LeaderEpoch epoch_at(Offset offset) const;
    [[nodiscard]] LeaderEpoch latest() const {
        return entries_.empty() ? kNoLeaderEpoch : entries_.back().epoch;
    }
    [[nodiscard]] const std::vector<EpochStart>& entries() const { return entries_; }

 private:
    std::vector<EpochStart> entries_;
};

}  // namespace sealane::broker
