#pragma once
// LogState: what a partition derives from its log and must find again after a restart (idempotent
// producers, origins of mirrored batches). The log drives it: admit() and apply() on appends, a
// snapshot file at every roll and clean stop, and at recovery load() of the newest snapshot at or
// below the recovery point followed by apply() of every batch after it.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sealane::kafka {
class RecordBatchView;
}

namespace sealane::broker {

// Who appends. Clients are held to sequence rules; a coordinator writes its own records; as-is
// batches were admitted by another leader and carry offsets already.
enum class AppendOrigin { kClient, kCoordinator, kAsIs };

// An append that was already there: answer with these, write nothing.
struct DuplicateAppend {
    Offset base_offset;
    Offset last_offset;
    WallTime timestamp;
};

// Records of one producer that an aborted transaction left in the log (KIP-98).
struct AbortedRange {
    ProducerId producer;
    Offset first;  // of its records here
    Offset last;   // its marker
    friend bool operator==(const AbortedRange&, const AbortedRange&) = default;
};

class LogState {
 public:
    virtual ~LogState() = default;

    // The suffix of its snapshot files, without the dot: "snapshot" for producer state in Kafka's
    // format, "origins" for mirrored origins. A literal; one state per suffix and log.
    [[nodiscard]] virtual std::string_view suffix() const = 0;

    // Asked right before offsets are assigned to one append (one or more batches, all written or
    // none), when every earlier append has been applied: appends of one log never overlap. Empty:
    // go on. A duplicate: answered as such. An error: the append is refused with it.
    [[nodiscard]] virtual Result<std::optional<DuplicateAppend>> admit(
        std::span<const kafka::RecordBatchView> batches, AppendOrigin origin
    ) {
        (void)batches;
        (void)origin;
        return std::nullopt;
    }
    // A batch is in the log (offset and epoch assigned). Called in offset order, without gaps in
    // calls; must not suspend and must be cheap.
    virtual void apply(const kafka::RecordBatchView& batch, AppendOrigin origin) = 0;
    // The log now starts here: entries about older offsets may go. Optional.
    virtual void log_starts_at(Offset start) { (void)start; }

    // Asked when the log is cleaned (compaction). Whether this batch has to leave its header when
    // none of its records stays: a replica that is copied anew derives the state from headers.
    [[nodiscard]] virtual bool keeps_header(const kafka::RecordBatchView& batch) const {
        (void)batch;
        return false;
    }
    // What replaces a control batch of a type of its own once the batches behind it may be thinned
    // out; the same offsets. Nothing: it stays as it is.
    [[nodiscard]] virtual std::optional<BufferSlice> when_cleaned(
        const kafka::RecordBatchView& control
    ) const {
        (void)control;
        return std::nullopt;
    }
    // Aborted transactions with an offset in [from, to), in the order of their markers.
    [[nodiscard]] virtual std::vector<AbortedRange> aborted_in(Offset from, Offset to) const {
        (void)from;
        (void)to;
        return {};
    }

    // Back to the state of an empty log. Truncation is clear(), load() and apply() again.
    virtual void clear() = 0;
    // The state after every batch below `end`. load() of the same bytes restores it.
    [[nodiscard]] virtual BufferSlice snapshot(Offset end) const = 0;
    // kMalformed or kCorrupt: the file is ignored and an older one, or the whole log, replayed.
    [[nodiscard]] virtual Status load(BufferSlice bytes) = 0;
};

}  // namespace sealane::broker
