#pragma once
// Whether a file is still the one that was read.

#include <cstdint>
#include <string>

namespace sealane::identity {

// What changes when a file is written or replaced.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;  // -1: absent
    std::int64_t modified_ns = 0;
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
[[nodiscard]] FileStamp stamp_of(const std::string& path);

}  // namespace sealane::identity
