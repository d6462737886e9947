#pragma once
// Paths as text, compared without looking at any disk.

#include <string>
#include <string_view>

namespace sealane::topology {

// Without "." parts, doubled and trailing slashes; ".." takes the part before it away.
[[nodiscard]] std::string normal_path(std::string_view path);
// True when `path` is `folder` or below it; both normal.
[[nodiscard]] bool lies_within(std::string_view path, std::string_view folder);

}  // namespace sealane::topology
