#pragma once
// Node trees as JSON and back, for tools that print configurations (`--output json`). Programs that
// build JSON documents of their own use Boost.JSON directly.

#include "common/config/node.hpp"

#include <string>
#include <string_view>

namespace sealane::config {

// Scalars that read as booleans, numbers or null become such, quoted ones stay strings. Indented by
// two spaces, keys in file order, ends with a newline.
[[nodiscard]] std::string to_json(const Node& node);
// `text` as a JSON string, quotes included.
[[nodiscard]] std::string json_quote(std::string_view text);

}  // namespace sealane::config
