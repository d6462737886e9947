#include "common/config/yaml_text.hpp"

#include "common/config/yaml.hpp"

namespace sealane::config {
namespace {

std::string quote(const std::string& text) {
    const std::string quoted = yaml_quote(text);
    return quoted.starts_with('"') ? quoted : "\"" + quoted + "\"";
}

std::string inline_text(const Node& node) {
    switch (node.kind) {
        case Node::Kind::kNull:
            return "~";
        // What was quoted stays a string, whatever it looks like; what was plain stays plain.
        case Node::Kind::kScalar:
            return node.quoted ? quote(node.scalar) : node.scalar;
        case Node::Kind::kSequence:
            return "[]";
        case Node::Kind::kMapping:
            return "{}";
    }
    return {};
}

bool is_block(const Node& node) {
    return !node.items.empty() || !node.entries.empty();
}

void write(std::string& out, const Node& node, std::size_t depth) {
    const std::string pad(2 * depth, ' ');
    for (const NodeEntry& entry : node.entries) {
        out += pad + yaml_quote(entry.key) + ":";
        if (is_block(entry.value)) {
            out += "\n";
            write(out, entry.value, depth + 1);
        } else {
            out += " " + inline_text(entry.value) + "\n";
        }
    }
    for (const Node& item : node.items) {
        if (!is_block(item)) {
            out += pad + "- " + inline_text(item) + "\n";
            continue;
        }
        // The item's first line stands behind the dash.
        std::string block;
        write(block, item, depth + 1);
        block[2 * depth] = '-';
        out += block;
    }
}

}  // namespace

std::string to_yaml(const Node& node) {
    if (!is_block(node)) return inline_text(node) + "\n";
    std::string out;
    write(out, node, 0);
    return out;
}

Node scalar_node(std::string text) {
    Node node;
    node.kind = Node::Kind::kScalar;
    node.scalar = std::move(text);
    return node;
}

Node mapping_node() {
    Node node;
    node.kind = Node::Kind::kMapping;
    return node;
}

Node sequence_node() {
    Node node;
    node.kind = Node::Kind::kSequence;
    return node;
}

void set_entry(Node& mapping, const std::string& key, Node value) {
    mapping.kind = Node::Kind::kMapping;
    for (NodeEntry& entry : mapping.entries) {
        if (entry.key == key) {
            entry.value = std::move(value);
            return;
        }
    }
    mapping.entries.push_back({key, {}, std::move(value)});
}

}  // namespace sealane::config
