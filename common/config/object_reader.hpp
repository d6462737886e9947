#pragma once
// ObjectReader: reads one mapping into a struct, strictly.
//   ObjectReader r(node, problems);
//   r.required("node.id", config.node_id, range(0, INT32_MAX));
//   r.optional("admin.address", config.admin_address);
//   r.each("listeners", [&](ObjectReader& item) { ... });
//   r.finish();              // keys that nobody asked for are refused, with a suggestion
// A member keeps its value when its key is absent or wrong. `problems` collects everything.

#include "common/config/codec.hpp"

#include <functional>
#include <set>
#include <string>

namespace sealane::config {

class ObjectReader {
 public:
    // `node` and `problems` must outlive the reader. Anything but a mapping is a problem (an empty
    // value counts as an empty mapping) and then every key is absent.
    ObjectReader(const Node& node, Problems& problems, std::string path = {});

    // Returns whether `out` was set. A missing key is a problem.
    template <class T>
    bool required(std::string_view key, T& out, const Limits& limits = {}) {
        const Node* value = take(key);
        if (value == nullptr) {
            missing(key);
            return false;
        }
        return read(key, *value, out, limits);
    }
    // Returns whether `out` was set.
    template <class T>
    bool optional(std::string_view key, T& out, const Limits& limits = {}) {
        const Node* value = take(key);
        return value != nullptr && read(key, *value, out, limits);
    }
    // Runs `body` on the mapping under `key`, and finishes it. Returns whether the key is there.
    bool object(std::string_view key, const std::function<void(ObjectReader&)>& body);
    bool required_object(std::string_view key, const std::function<void(ObjectReader&)>& body);
    // Runs `body` on each mapping of the list under `key`. Returns whether the key is there.
    bool each(std::string_view key, const std::function<void(ObjectReader&)>& body);
    // Every entry of this mapping that nobody took yet, in file order; they count as taken.
    void rest(const std::function<void(const NodeEntry&, const std::string& path)>& body);

    // Reports the keys that nobody took. Without it they would pass unseen; object() and each()
    // call it for their readers.
    void finish();

    // The node of a key (null when absent) and its mark (the mapping's own when absent), for checks
    // across keys. Asking does not take the key.
    [[nodiscard]] const Node* peek(std::string_view key) const { return node_->find(key); }
    [[nodiscard]] Mark mark_of(std::string_view key) const;
    [[nodiscard]] Mark mark() const { return node_->mark; }
    [[nodiscard]] std::string path_of(std::string_view key) const;
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] Problems& problems() { return *problems_; }
    void wrong(std::string_view key, std::string what, std::string mend = {});

 private:
    [[nodiscard]] const Node* take(std::string_view key);
    void missing(std::string_view key);
    template <class T>
    bool read(std::string_view key, const Node& value, T& out, const Limits& limits) {
        const std::string path = path_of(key);
        return Codec<T>::read(ValueSite{value, path, *problems_}, limits, out);
    }

    const Node* node_;
    Problems* problems_;
    std::string path_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace sealane::config
