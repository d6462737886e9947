#include "broker/log/offset_index.hpp"

#include "common/base/endian.hpp"

namespace sealane::broker {

Result<OffsetIndex> OffsetIndex::decode(ByteView bytes) {
    if (bytes.size() % kEntrySize != 0) {
        return fail(
            ErrorCode::kCorrupt,
            "offset index of " + std::to_string(bytes.size()) + " bytes, no multiple of 8"
        );
    }
    OffsetIndex index;
    index.entries_.reserve(bytes.size() / kEntrySize);
    for (std::size_t at = 0; at < bytes.size(); at += kEntrySize) {
        const Entry entry{
            load_be<std::uint32_t>(bytes.data() + at), load_be<std::uint32_t>(bytes.data() + at + 4)
        };
        const bool increases = index.entries_.empty() ||
                               (entry.relative_offset > index.entries_.back().relative_offset &&
                                entry.position > index.entries_.back().position);
        if (!increases || entry.relative_offset > INT32_MAX || entry.position > INT32_MAX) {
            return fail(
                ErrorCode::kCorrupt, "offset index does not increase at byte " + std::to_string(at)
            );
        }
        index.entries_.push_back(entry);
    }
    return index;
}

BufferSlice OffsetIndex::encode(std::size_t first) const {
    SEALANE_ASSERT(first <= entries_.size());
    MutableBuffer bytes((entries_.size() - first) * kEntrySize);
    std::byte* at = bytes.data();
    for (std::size_t i = first; i < entries_.size(); ++i, at += kEntrySize) {
        store_be(at, entries_[i].relative_offset);
        store_be(at + 4, entries_[i].position);
    }
    return std::move(bytes).freeze();
}

void OffsetIndex::append(Entry entry) {
    SEALANE_ASSERT(
        entries_.empty() || (entry.relative_offset > entries_.back().relative_offset &&
                             entry.position > entries_.back().position)
    );
    entries_.push_back(entry);
}

std::uint32_t OffsetIndex::floor(std::uint32_t relative_offset) const {
    const auto after = std::ranges::upper_bound(
        entries_, relative_offset, std::ranges::less{}, &Entry::relative_offset
    );
    return after == entries_.begin() ? 0 : std::prev(after)->position;
}

void OffsetIndex::truncate(std::uint32_t position) {
    while (!entries_.empty() && entries_.back().position >= position) entries_.pop_back();
}

}  // namespace sealane::broker
