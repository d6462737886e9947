#pragma once
// OptionTable<C>: the options of a program or a topic, once: key, member, limits, documentation.
// Reading files, setting and printing single values (DescribeConfigs, AlterConfigs), and the
// reference pages all come from the same rows. Defaults are those of a default-constructed C.
//   OptionTable<LogConfig> table;
//   table.add("log.segment.bytes", &LogConfig::segment_bytes,
//             {.limits = bytes(14), .doc = "A segment is closed at this size."});
//   table.add("x.y", [](auto& c) -> auto& { return c.inner.y; }, {...});   // nested members

#include "common/config/object_reader.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sealane::config {

struct OptionRow {
    Limits limits = {};
    std::string_view doc;
    bool required = false;
    bool dynamic = false;            // may be changed while the program runs
    bool secret = false;             // never printed
    std::string shown_default = {};  // instead of the member's own, where that says little
};

// A row without its type, for documentation.
struct OptionDoc {
    std::string key;
    std::string type;
    std::string fallback;  // the default as it would stand in a file
    std::string allowed;   // "0 to 2147483647", empty when anything goes
    std::string doc;
    bool required = false;
    bool dynamic = false;
    bool secret = false;
};

// "| key | type | default | allowed | dynamic | meaning |" with one line a row.
[[nodiscard]] std::string markdown_table(const std::vector<OptionDoc>& rows);
[[nodiscard]] std::string describe_limits(const Limits& limits);

template <class C>
class OptionTable {
 public:
    // `member`: a pointer to member, or a callable from C& (and const C&) to the member.
    template <class Member>
    OptionTable& add(std::string key, Member member, OptionRow row) {
        using T = std::remove_cvref_t<decltype(std::invoke(member, std::declval<C&>()))>;
        const C defaults{};
        Bound bound;
        bound.doc = {
            .key = key,
            .type = Codec<T>::type_name(row.limits),
            .fallback = row.required ? std::string()
                        : row.shown_default.empty()
                            ? Codec<T>::text(std::invoke(member, defaults), row.limits)
                            : row.shown_default,
            .allowed = describe_limits(row.limits),
            .doc = std::string(row.doc),
            .required = row.required,
            .dynamic = row.dynamic,
            .secret = row.secret,
        };
        const Limits limits = row.limits;
        bound.read_key = [key, member, limits, required = row.required](ObjectReader& r, C& c) {
            T& target = std::invoke(member, c);
            return required ? r.required(key, target, limits) : r.optional(key, target, limits);
        };
        bound.read_value = [member, limits](const ValueSite& site, C& c) {
            return Codec<T>::read(site, limits, std::invoke(member, c));
        };
        bound.text = [member, limits](const C& c) {
            return Codec<T>::text(std::invoke(member, c), limits);
        };
        index_.emplace(key, rows_.size());
        rows_.push_back(std::move(bound));
        return *this;
    }

    // All rows, in table order. The caller finishes the reader.
    void read(ObjectReader& reader, C& out) const {
        for (const Bound& row : rows_) row.read_key(reader, out);
    }
    // Sets one option from text; kInvalidConfig says what is wrong with key or value.
    [[nodiscard]] Status set(C& out, std::string_view key, std::string_view value) const {
        const auto found = index_.find(key);
        if (found == index_.end()) {
            return fail(
                ErrorCode::kInvalidConfig,
                "unknown option '" + std::string(key) + "'; " + suggest(key, keys())
            );
        }
        Problems problems{std::string()};
        Node node;
        node.kind = Node::Kind::kScalar;
        node.scalar = value;
        const std::string path(key);
        if (rows_[found->second].read_value(ValueSite{node, path, problems}, out)) return {};
        const Problem first = problems.sorted().front();
        return fail(
            ErrorCode::kInvalidConfig,
            first.path + ": " + first.what + (first.mend.empty() ? "" : "; " + first.mend)
        );
    }
    // The value as it would stand in a file; empty for unknown keys.
    [[nodiscard]] std::string get(const C& from, std::string_view key) const {
        const auto found = index_.find(key);
        return found == index_.end() ? std::string() : rows_[found->second].text(from);
    }
    [[nodiscard]] const OptionDoc* find(std::string_view key) const {
        const auto found = index_.find(key);
        return found == index_.end() ? nullptr : &rows_[found->second].doc;
    }
    [[nodiscard]] std::vector<std::string_view> keys() const {
        std::vector<std::string_view> all;
        for (const Bound& row : rows_) all.push_back(row.doc.key);
        return all;
    }
    [[nodiscard]] std::vector<OptionDoc> docs() const {
        std::vector<OptionDoc> all;
        for (const Bound& row : rows_) all.push_back(row.doc);
        return all;
    }

 private:
    struct Bound {
        OptionDoc doc;
        std::function<bool(ObjectReader&, C&)> read_key;
        std::function<bool(const ValueSite&, C&)> read_value;
        std::function<std::string(const C&)> text;
    };
    std::vector<Bound> rows_;
    std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace sealane::config
