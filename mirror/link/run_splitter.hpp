#pragma once
// RunSplitter: cuts the batches of one source partition, as they arrive, into runs of consecutive
// offsets that the target can append. Nothing falls out unseen: whatever lies between two runs is
// a hole with a reason, or the end with a cause.

#include "common/kafka/records/mirror_run.hpp"
#include "common/kafka/records/record_batch.hpp"
#include "mirror/link/link_types.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sealane::mirror {

struct SourceRun {
    Offset expected;  // the position at the target that it continues, -1: there is none yet
    Offset base;      // of the first batch
    Offset end;       // one past the last batch
    std::int8_t hole_reason = kafka::kNoHole;
    std::vector<std::string> origin_chain;  // behind the source cluster, nearest first
    BufferSlice records;
    std::int64_t record_count = 0;
    friend bool operator==(const SourceRun&, const SourceRun&) = default;
};

class RunSplitter {
 public:
    struct Rules {
        LinkKind kind = LinkKind::kReplica;
        // Aggregates: records that came from there (their origin chain names it) are passed over.
        std::string target_cluster_id;
        bool source_compacts = false;  // holes between batches are its doing
    };
    // `position`: the target's next expected source offset; `read_from`: where reading began. They
    // differ when a gap was entered into the ledger. Nothing: the target knows no position, the
    // first batch decides.
    RunSplitter(Rules rules, std::optional<Offset> position, Offset read_from);

    struct Outcome {
        std::vector<SourceRun> runs;
        std::optional<StopCause> stop;  // the runs before it are good
    };
    // `records`: whole batches (an incomplete one at the end is corrupt).
    [[nodiscard]] Outcome split(const BufferSlice& records);

    // The source offset up to which everything was looked at.
    [[nodiscard]] Offset read_position() const { return read_position_; }

 private:
    // What the last run announcement of the source (itself a target of mirrors) still covers.
    struct Announced {
        std::vector<std::string> chain;
        std::vector<std::int32_t> crcs;
        std::size_t at = 0;
    };
    [[nodiscard]] std::optional<StopCause> check_position(const kafka::RecordBatchView& batch);
    // Whether the batch is data to carry; passed over, or a stop, otherwise.
    [[nodiscard]] Result<bool> is_carried(
        const kafka::RecordBatchView& batch, const std::vector<std::string>& chain
    );
    [[nodiscard]] std::vector<std::string> take_chain(const kafka::RecordBatchView& batch);
    void pass_over(const kafka::RecordBatchView& batch);

    Rules rules_;
    std::optional<Offset> expected_;
    Offset read_position_;
    bool first_ = true;
    std::int8_t hole_reason_ = kafka::kNoHole;
    Announced announced_;
};

}  // namespace sealane::mirror
