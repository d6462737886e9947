#pragma once
// Offset index of one segment (formats: segments and indexes): sparse pairs of a batch's last
// offset and its file position. A core; the file is `<base>.index`:
//
// | at | size | field                       |
// |---:|-----:|-----------------------------|
// |  0 |    4 | last offset of batch - base |
// |  4 |    4 | position of batch           |
//
// Big-endian; both columns strictly increase.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

#include <vector>

namespace sealane::broker {

class OffsetIndex {
 public:
    static constexpr std::size_t kEntrySize = 8;
    struct Entry {
        std::uint32_t relative_offset;
        std::uint32_t position;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    // Reads a file's content. kCorrupt when its size is no multiple of the entry size or a column
    // does not increase (as in a file with unused, preallocated entries).
    [[nodiscard]] static Result<OffsetIndex> decode(ByteView bytes);
    // The entries from `first` on as they stand in the file.
    [[nodiscard]] BufferSlice encode(std::size_t first) const;

    // Both above those of the last entry.
    void append(Entry entry);
    // The position of the last entry whose offset is at most `relative_offset`; 0 without one.
    [[nodiscard]] std::uint32_t floor(std::uint32_t relative_offset) const;
    // Drops entries at or after this file position.
    void truncate(std::uint32_t position);
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
    std::vector<Entry> entries_;
};

}  // namespace sealane::broker
