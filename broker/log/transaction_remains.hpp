#pragma once
// TransactionRemains: what a pass over a log, from its start on, knows of transactions (KIP-98):
// which batches an aborted one left, and whether a marker still has anything that it speaks of.
// A core.

#include "broker/log/log_state.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <map>
#include <set>
#include <vector>

namespace sealane::broker {

class TransactionRemains {
 public:
    explicit TransactionRemains(std::vector<AbortedRange> aborted);

    // Every batch of the log, in order. For data: whether an aborted transaction wrote it.
    [[nodiscard]] bool is_aborted(const kafka::RecordBatchView& batch);
    // For a marker: whether no batch of its transaction was met, so that it speaks of nothing.
    [[nodiscard]] bool ends_nothing(const kafka::RecordBatchView& marker, bool is_abort);

 private:
    void begin_up_to(Offset offset);
    std::vector<AbortedRange> aborted_;  // by first offset
    std::size_t next_ = 0;
    std::map<ProducerId, Offset> in_aborted_;  // the marker of its aborted transaction
    std::set<ProducerId> met_;                 // whose transaction, open here, left a batch
};

}  // namespace sealane::broker
