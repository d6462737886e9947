#pragma once
// Node: a configuration file as a tree that remembers where everything stood. What the YAML reader
// (yaml.hpp) makes and the ObjectReader (object_reader.hpp) consumes; nothing of the YAML library
// shows. Plain data.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealane::config {

// A place in a file, counted from 1. Line 0: nowhere in particular.
struct Mark {
    int line = 0;
    int column = 0;
    friend auto operator<=>(const Mark&, const Mark&) = default;
};

struct NodeEntry;

struct Node {
    enum class Kind : std::uint8_t { kNull, kScalar, kSequence, kMapping };
    Kind kind = Kind::kNull;
    Mark mark;
    std::string scalar;              // kScalar: the text, unquoted
    bool quoted = false;             // kScalar: was in quotes, so it is a string
    std::vector<Node> items;         // kSequence
    std::vector<NodeEntry> entries;  // kMapping, in file order, keys unique

    // The value of `key` in a mapping; null when absent or not a mapping.
    [[nodiscard]] const Node* find(std::string_view key) const;
};

struct NodeEntry {
    std::string key;
    Mark key_mark;
    Node value;
};

// "a list", "a mapping", "nothing" or "a value", for messages.
[[nodiscard]] const char* describe(Node::Kind kind);

}  // namespace sealane::config
