#pragma once
// PositionKeeper: for partitions that want it, asks the target where they continue and has the
// consumer half read from there; writes gaps into the ledger where the link's policy says so.

#include "mirror/ledger/gap_ledger.hpp"
#include "mirror/link/link_board.hpp"

namespace sealane::mirror {

class PositionKeeper {
 public:
    PositionKeeper(LinkBoard& board, GapLedger& ledger, runtime::TaskGroup& tasks)
        : board_(board), ledger_(ledger), tasks_(tasks) {}

    // Runs until the group stops.
    [[nodiscard]] runtime::Task<void> loop();

 private:
    [[nodiscard]] bool has_work() const;
    [[nodiscard]] Instant next_wake() const;
    [[nodiscard]] runtime::Task<void> write_gaps();
    [[nodiscard]] runtime::Task<void> ask_positions();
    void take_answer(
        const std::pair<std::string, PartitionId>& key,
        const kafka::MirrorPositionsResponse::Partition& answer
    );
    void begin(
        const std::pair<std::string, PartitionId>& key,
        CarriedPartition& carried,
        const kafka::MirrorPositionsResponse::Partition& answer
    );

    LinkBoard& board_;
    GapLedger& ledger_;
    runtime::TaskGroup& tasks_;
};

}  // namespace sealane::mirror
