#pragma once
// One record of a batch, as producers give it and as readers see it (KIP-82 for headers).

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::kafka {

struct RecordHeader {
    std::string key;
    std::optional<BufferSlice> value;
    friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

// Slices alias the batch they were read from, or its decompressed records.
struct Record {
    Offset offset = kNoOffset;  // set by readers; builders number records themselves
    WallTime timestamp;
    std::optional<BufferSlice> key;
    std::optional<BufferSlice> value;  // nothing: a tombstone
    std::vector<RecordHeader> headers;
    friend bool operator==(const Record&, const Record&) = default;
};

// A record of plain text.
[[nodiscard]] inline Record text_record(
    std::optional<std::string_view> key, std::optional<std::string_view> value, WallTime at = {}
) {
    const auto slice = [](std::optional<std::string_view> text) {
        return text ? std::optional(BufferSlice::copy_of(*text)) : std::nullopt;
    };
    Record record;
    record.timestamp = at;
    record.key = slice(key);
    record.value = slice(value);
    return record;
}

}  // namespace sealane::kafka
