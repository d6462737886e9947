#include "common/config/json.hpp"

#include "common/config/scalar.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

namespace sealane::config {

namespace {

// A number as JSON writes it: yaml's "1.", ".5" and "+1" are none.
bool is_json_number(std::string_view text) {
    if (parse_int(text)) return true;
    const auto dot = text.find('.');
    return dot != std::string_view::npos && parse_int(text.substr(0, dot)) &&
           dot + 1 < text.size() && parse_double(text);
}

void append(const Node& node, const std::string& indent, std::string& out) {
    const std::string deeper = indent + "  ";
    const auto separate = [&](bool first) { out += (first ? "\n" : ",\n") + deeper; };
    bool first = true;
    switch (node.kind) {
        case Node::Kind::kNull:
            out += "null";
            return;
        case Node::Kind::kScalar:
            out += !node.quoted && (parse_bool(node.scalar) || is_json_number(node.scalar))
                       ? node.scalar
                       : json_quote(node.scalar);
            return;
        case Node::Kind::kSequence:
            out += '[';
            for (const Node& item : node.items) {
                separate(first);
                append(item, deeper, out);
                first = false;
            }
            out += first ? "]" : "\n" + indent + "]";
            return;
        case Node::Kind::kMapping:
            out += '{';
            for (const NodeEntry& entry : node.entries) {
                separate(first);
                out += json_quote(entry.key) + ": ";
                append(entry.value, deeper, out);
                first = false;
            }
            out += first ? "}" : "\n" + indent + "}";
            return;
    }
}

}  // namespace

std::string to_json(const Node& node) {
    std::string out;
    append(node, "", out);
    return out + "\n";
}

std::string json_quote(std::string_view text) {
    return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

}  // namespace sealane::config
