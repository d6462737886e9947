#pragma once
// What replicas hold on their disks at the end, batch by batch, and that they agree.

#include "common/base/ids.hpp"
#include "tests/checker/violation.hpp"

#include <cstdint>
#include <vector>

namespace sealane::checker {

struct StoredBatch {
    Offset base;
    Offset last;
    LeaderEpoch epoch;
    std::uint64_t digest = 0;  // of all its bytes
    friend bool operator==(const StoredBatch&, const StoredBatch&) = default;
};

// Where the first record of a leader epoch is, as the replica says.
struct EpochMark {
    LeaderEpoch epoch;
    Offset start;
    friend bool operator==(const EpochMark&, const EpochMark&) = default;
};

struct StoredLog {
    BrokerId node;
    std::vector<EpochMark> epochs;
    std::vector<StoredBatch> batches;  // as they lie in the files
    Offset start;                      // what lies below was removed on purpose
    Offset high_watermark;             // as this replica knew it
    bool readable = true;              // the files end in whole batches
};

// Each log by itself: offsets rise without gaps, epochs never fall (torn-log).
[[nodiscard]] std::vector<Violation> check_stored(
    const TopicPartition& partition, const StoredLog& log
);
// What a replica says of epochs is what its batches say; an epoch that has no record yet may stand
// at the end (wrong-epochs).
[[nodiscard]] std::vector<Violation> check_epochs(
    const TopicPartition& partition, const StoredLog& log
);
// All replicas hold the same bytes up to the lowest of their high watermarks, from the highest of
// their starts on; kWhole: up to their
// ends, which must be equal (diverged-replicas).
enum class Agreement { kUpToHighWatermark, kWhole };
[[nodiscard]] std::vector<Violation> check_replicas(
    const TopicPartition& partition, const std::vector<StoredLog>& replicas, Agreement agreement
);

}  // namespace sealane::checker
