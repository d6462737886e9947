#pragma once
// Time index of one segment (formats: segments and indexes): an entry says that every record up to
// its offset has at most its timestamp, and that the batch ending at that offset has it. A core;
// the file is `<base>.timeindex`:
//
// | at | size | field                                           |
// |---:|-----:|-------------------------------------------------|
// |  0 |    8 | largest timestamp so far, ms                    |
// |  8 |    4 | last offset - base of the first batch having it |
//
// Big-endian; timestamps strictly increase, offsets do not decrease.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"

#include <optional>
#include <vector>

namespace sealane::broker {

class TimeIndex {
 public:
    static constexpr std::size_t kEntrySize = 12;
    struct Entry {
        WallTime timestamp;
        std::uint32_t relative_offset = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };

    // kCorrupt as for OffsetIndex::decode.
    [[nodiscard]] static Result<TimeIndex> decode(ByteView bytes);
    [[nodiscard]] BufferSlice encode(std::size_t first) const;

    // Adds the entry if its timestamp is above the last one's and it has one.
    void append_if_later(Entry entry);
    // The last entry whose timestamp is at most `at`.
    [[nodiscard]] std::optional<Entry> floor(WallTime at) const;
    // Drops entries whose offset is at or after this one.
    void truncate(std::uint32_t relative_offset);
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }

 private:
    std::vector<Entry> entries_;
};

}  // namespace sealane::broker
