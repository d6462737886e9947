#pragma once
// The file form of MirrorConfig: YAML, keys in dotted style, strict. Example: mirror/README.md.

#include "mirror/config/mirror_config.hpp"

#include <string>
#include <string_view>

namespace sealane::mirror {

// kBadConfig has file, line, column and the way to mend it, for every problem found. Also
// validated.
[[nodiscard]] Result<MirrorConfig> parse_config(std::string_view text, std::string file);

}  // namespace sealane::mirror
