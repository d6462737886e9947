#pragma once
// YAML text to a Node tree (YAML 1.2 as far as yaml-cpp reads it), strictly: one document, unique
// keys that are plain scalars, no anchors, aliases, tags or merge keys, bounded depth and size. The
// only place that knows the YAML library.

#include "common/config/node.hpp"
#include "common/config/problems.hpp"

#include <string_view>

namespace sealane::config {

inline constexpr std::size_t kYamlBytesMax = 4 * 1024 * 1024;
inline constexpr int kYamlDepthMax = 32;
inline constexpr std::size_t kYamlNodesMax = 200'000;

// The tree, as far as it could be read; what is wrong goes to `problems`. A tree with problems is
// good for finding more of them, not for use.
[[nodiscard]] Node parse_yaml(std::string_view text, Problems& problems);

// `text` as a YAML scalar on one line, quoted when it would otherwise be read as something else.
[[nodiscard]] std::string yaml_quote(std::string_view text);

}  // namespace sealane::config
