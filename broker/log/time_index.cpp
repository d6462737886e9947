#include "broker/log/time_index.hpp"

#include "common/base/endian.hpp"

namespace sealane::broker {

Result<TimeIndex> TimeIndex::decode(ByteView bytes) {
    if (bytes.size() % kEntrySize != 0) {
        return fail(
            ErrorCode::kCorrupt,
            "time index of " + std::to_string(bytes.size()) + " bytes, no multiple of 12"
        );
    }
    TimeIndex index;
    index.entries_.reserve(bytes.size() / kEntrySize);
    for (std::size_t at = 0; at < bytes.size(); at += kEntrySize) {
        const Entry entry{
            WallTime{load_be<std::int64_t>(bytes.data() + at)},
            load_be<std::uint32_t>(bytes.data() + at + 8)
        };
        const bool increases = index.entries_.empty() ||
                               (entry.timestamp > index.entries_.back().timestamp &&
                                entry.relative_offset >= index.entries_.back().relative_offset);
        if (!increases || entry.timestamp.ms < 0 || entry.relative_offset > INT32_MAX) {
            return fail(
                ErrorCode::kCorrupt, "time index does not increase at byte " + std::to_string(at)
            );
        }
        index.entries_.push_back(entry);
    }
    return index;
}

BufferSlice TimeIndex::encode(std::size_t first) const {
    SEALANE_ASSERT(first <= entries_.size());
    MutableBuffer bytes((entries_.size() - first) * kEntrySize);
    std::byte* at = bytes.data();
    for (std::size_t i = first; i < entries_.size(); ++i, at += kEntrySize) {
        store_be(at, entries_[i].timestamp.ms);
        store_be(at + 8, entries_[i].relative_offset);
    }
    return std::move(bytes).freeze();
}

void TimeIndex::append_if_later(Entry entry) {
    if (entry.timestamp.ms < 0) return;
    if (!entries_.empty()) {
        if (entry.timestamp <= entries_.back().timestamp) return;
        SEALANE_ASSERT(entry.relative_offset >= entries_.back().relative_offset);
    }
    entries_.push_back(entry);
}

std::optional<TimeIndex::Entry> TimeIndex::floor(WallTime at) const {
    const auto after =
        std::ranges::upper_bound(entries_, at, std::ranges::less{}, &Entry::timestamp);
    if (after == entries_.begin()) return std::nullopt;
    return *std::prev(after);
}

void TimeIndex::truncate(std::uint32_t relative_offset) {
    while (!entries_.empty() && entries_.back().relative_offset >= relative_offset) {
        entries_.pop_back();
    }
}

}  // namespace sealane::broker
