#pragma once
// AbortedTransactions: the aborted transactions of one partition that have data in it, in the order
// of their markers (KIP-98). Readers of committed records get those that overlap what they read. A
// decider; the `.txnindex` file beside each segment is written from it in Kafka's format.
//
// About 32 bytes of memory each, and each stands for a batch and a marker in the log: never more
// than a fifth of the log.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

#include <vector>

namespace sealane::broker {

struct AbortedTransaction {
    ProducerId producer;
    Offset first;        // of its records here
    Offset last;         // its marker
    Offset last_stable;  // after it ended: every transaction that ended later begins there or above
    friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

class AbortedTransactions {
 public:
    // Markers come in offset order.
    void add(const AbortedTransaction& aborted);
    void log_starts_at(Offset start);
    void clear() { all_.clear(); }
    // Those with an offset in [from, to), in the order of their markers, which for one producer is
    // that of its transactions.
    [[nodiscard]] std::vector<AbortedTransaction> overlapping(Offset from, Offset to) const;
    [[nodiscard]] const std::vector<AbortedTransaction>& all() const { return all_; }

    // The `.txnindex` of the segment [base, end): per entry int16 version 0, then int64 producer
    // id, first, last and last stable offset. Empty: no transaction was aborted in it.
    [[nodiscard]] BufferSlice index_file(Offset base, Offset end) const;

 private:
    std::vector<AbortedTransaction> all_;
};

}  // namespace sealane::broker
