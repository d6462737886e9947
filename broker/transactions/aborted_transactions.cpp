#include "broker/transactions/aborted_transactions.hpp"

#include "common/base/assert.hpp"
#include "common/base/endian.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {
constexpr std::size_t kEntrySize = 2 + 4 * 8;
}

void AbortedTransactions::add(const AbortedTransaction& aborted) {
    SEALANE_ASSERT(all_.empty() || all_.back().last < aborted.last);
    all_.push_back(aborted);
}

void AbortedTransactions::log_starts_at(Offset start) {
    const auto kept = std::ranges::lower_bound(all_, start, {}, &AbortedTransaction::last);
    all_.erase(all_.begin(), kept);
}

std::vector<AbortedTransaction> AbortedTransactions::overlapping(Offset from, Offset to) const {
    std::vector<AbortedTransaction> found;
    auto at = std::ranges::lower_bound(all_, from, {}, &AbortedTransaction::last);
    for (; at != all_.end(); ++at) {
        if (at->first < to) found.push_back(*at);
        if (at->last_stable >= to) break;
    }
    return found;
}

BufferSlice AbortedTransactions::index_file(Offset base, Offset end) const {
    const auto begin = std::ranges::lower_bound(all_, base, {}, &AbortedTransaction::last);
    const auto stop = std::ranges::lower_bound(all_, end, {}, &AbortedTransaction::last);
    if (begin >= stop) return {};
    MutableBuffer bytes(static_cast<std::size_t>(stop - begin) * kEntrySize);
    std::byte* to = bytes.data();
    for (auto at = begin; at != stop; ++at, to += kEntrySize) {
        store_be(to, std::int16_t{0});
        store_be(to + 2, at->producer.value);
        store_be(to + 10, at->first.value);
        store_be(to + 18, at->last.value);
        store_be(to + 26, at->last_stable.value);
    }
    return std::move(bytes).freeze();
}

}  // namespace sealane::broker
