#include "broker/log/transaction_remains.hpp"

#include <algorithm>

namespace sealane::broker {

TransactionRemains::TransactionRemains(std::vector<AbortedRange> aborted)
    : aborted_(std::move(aborted)) {
    std::ranges::sort(aborted_, {}, &AbortedRange::first);
}

void TransactionRemains::begin_up_to(Offset offset) {
    for (; next_ < aborted_.size() && aborted_[next_].first <= offset; ++next_) {
        in_aborted_.insert_or_assign(aborted_[next_].producer, aborted_[next_].last);
    }
}

bool TransactionRemains::is_aborted(const kafka::RecordBatchView& batch) {
    begin_up_to(batch.last_offset());
    if (!batch.is_transactional()) return false;
    met_.insert(batch.producer_id());
    // The marker itself may be gone already: what lies behind it belongs to another transaction.
    const auto found = in_aborted_.find(batch.producer_id());
    return found != in_aborted_.end() && batch.last_offset() < found->second;
}

bool TransactionRemains::ends_nothing(const kafka::RecordBatchView& marker, bool is_abort) {
    begin_up_to(marker.last_offset());
    if (is_abort) in_aborted_.erase(marker.producer_id());
    return met_.erase(marker.producer_id()) == 0;
}

}  // namespace sealane::broker
