#include "common/config/node.hpp"

namespace sealane::config {

const Node* Node::find(std::string_view key) const {
    if (kind != Kind::kMapping) return nullptr;
    for (const NodeEntry& entry : entries) {
        if (entry.key == key) return &entry.value;
    }
    return nullptr;
}

const char* describe(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::kNull:
            return "nothing";
        case Node::Kind::kScalar:
            return "a value";
        case Node::Kind::kSequence:
            return "a list";
        case Node::Kind::kMapping:
            return "a mapping";
    }
    return "nothing";
}

}  // namespace sealane::config
