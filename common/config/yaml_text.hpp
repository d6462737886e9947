#pragma once
// A Node tree as YAML text again, for programs that complete a file and keep the result: two
// spaces a level, keys in their order, comments gone. parse_yaml(to_yaml(tree)) gives the tree.

#include "common/config/node.hpp"

#include <string>

namespace sealane::config {

[[nodiscard]] std::string to_yaml(const Node& node);

// Trees made by programs. A scalar is written plain: for text that YAML would read otherwise, set
// `quoted`.
[[nodiscard]] Node scalar_node(std::string text);
[[nodiscard]] Node mapping_node();
[[nodiscard]] Node sequence_node();
// Sets a key of a mapping, replacing what it had.
void set_entry(Node& mapping, const std::string& key, Node value);

}  // namespace sealane::config
