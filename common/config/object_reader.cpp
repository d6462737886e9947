#include "common/config/object_reader.hpp"

namespace sealane::config {

ObjectReader::ObjectReader(const Node& node, Problems& problems, std::string path)
    : node_(&node), problems_(&problems), path_(std::move(path)) {
    if (node.kind == Node::Kind::kScalar || node.kind == Node::Kind::kSequence) {
        problems_->add(
            node.mark,
            path_,
            std::string("expected a mapping of keys, found ") + describe(node.kind)
        );
    }
}

std::string ObjectReader::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const Node* ObjectReader::take(std::string_view key) {
    known_.emplace(key);
    return node_->find(key);
}

void ObjectReader::missing(std::string_view key) {
    const bool readable = node_->kind == Node::Kind::kMapping || node_->kind == Node::Kind::kNull;
    if (!readable) return;  // said already
    problems_->add(
        node_->mark,
        path_,
        "key '" + std::string(key) + "' is missing",
        "add '" + std::string(key) + ":'"
    );
}

bool ObjectReader::object(std::string_view key, const std::function<void(ObjectReader&)>& body) {
    const Node* value = take(key);
    if (value == nullptr) return false;
    ObjectReader inner(*value, *problems_, path_of(key));
    body(inner);
    inner.finish();
    return true;
}

bool ObjectReader::required_object(
    std::string_view key, const std::function<void(ObjectReader&)>& body
) {
    if (object(key, body)) return true;
    missing(key);
    return false;
}

bool ObjectReader::each(std::string_view key, const std::function<void(ObjectReader&)>& body) {
    const Node* value = take(key);
    if (value == nullptr) return false;
    if (value->kind == Node::Kind::kScalar || value->kind == Node::Kind::kMapping) {
        problems_->add(
            value->mark,
            path_of(key),
            std::string("expected a list, found ") + describe(value->kind),
            "begin each item with '- '"
        );
        return true;
    }
    std::size_t index = 0;
    for (const Node& item : value->items) {
        ObjectReader inner(item, *problems_, path_of(key) + "[" + std::to_string(index++) + "]");
        body(inner);
        inner.finish();
    }
    return true;
}

void ObjectReader::rest(const std::function<void(const NodeEntry&, const std::string&)>& body) {
    for (const NodeEntry& entry : node_->entries) {
        if (known_.insert(entry.key).second) body(entry, path_of(entry.key));
    }
}

void ObjectReader::finish() {
    std::vector<std::string_view> absent;  // keys already written are not what was meant
    for (const std::string& key : known_) {
        if (node_->find(key) == nullptr) absent.push_back(key);
    }
    for (const NodeEntry& entry : node_->entries) {
        if (known_.contains(entry.key)) continue;
        problems_->add(
            entry.key_mark, path_, "unknown key '" + entry.key + "'", suggest(entry.key, absent)
        );
    }
}

Mark ObjectReader::mark_of(std::string_view key) const {
    const Node* value = node_->find(key);
    return value == nullptr ? node_->mark : value->mark;
}

void ObjectReader::wrong(std::string_view key, std::string what, std::string mend) {
    problems_->add(mark_of(key), path_of(key), std::move(what), std::move(mend));
}

}  // namespace sealane::config
