#include "common/config/yaml.hpp"

#include "common/config/scalar.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <set>
#include <sstream>

namespace sealane::config {

namespace {

Mark mark_of(const YAML::Mark& mark) {
    return {mark.line + 1, mark.column + 1};
}

// Thrown out of the library's parser to stop it; never leaves this file.
struct Abandoned {};

// Builds the tree from the library's events. The library keeps no tree itself, so bounds hold while
// it reads.
class TreeBuilder final : public YAML::EventHandler {
 public:
    explicit TreeBuilder(Problems& problems) : problems_(problems) {}

    Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        Node node;
        node.mark = mark_of(mark);
        add(std::move(node));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        problems_.add(mark_of(mark), {}, "aliases (*name) are not allowed", "write the value out");
        OnNull(mark, 0);
    }
    void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
        problems_.add(
            mark_of(mark), {}, "anchors (&" + name + ") are not allowed", "write the value out"
        );
    }
    void OnScalar(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, const std::string& value
    ) override {
        check_tag(mark, tag);
        Node node;
        node.kind = Node::Kind::kScalar;
        node.mark = mark_of(mark);
        node.scalar = value;
        node.quoted = tag == "!";
        add(std::move(node));
    }
    void OnSequenceStart(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value
    ) override {
        open(mark, tag, Node::Kind::kSequence);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(
        const YAML::Mark& mark, const std::string& tag, YAML::anchor_t, YAML::EmitterStyle::value
    ) override {
        open(mark, tag, Node::Kind::kMapping);
    }
    void OnMapEnd() override { close(); }

 private:
    // A sequence or mapping whose end has not come yet.
    struct Open {
        Node node;
        std::set<std::string> keys;
        bool has_key = false;    // mapping: a key waits for its value
        bool keep_value = true;  // false: the key was refused
        std::string key;
        Mark key_mark;
    };

    void check_tag(const YAML::Mark& mark, const std::string& tag) {
        if (tag.empty() || tag == "?" || tag == "!") return;
        problems_.add(mark_of(mark), {}, "tags (" + tag + ") are not allowed", "leave it out");
    }
    void count(Mark mark) {
        if (++nodes_ <= kYamlNodesMax) return;
        problems_.add(
            mark, {}, "the file has more than " + std::to_string(kYamlNodesMax) + " values"
        );
        throw Abandoned{};
    }
    void open(const YAML::Mark& mark, const std::string& tag, Node::Kind kind) {
        check_tag(mark, tag);
        if (open_.size() >= static_cast<std::size_t>(kYamlDepthMax)) {
            problems_.add(
                mark_of(mark), {}, "nested deeper than " + std::to_string(kYamlDepthMax) + " levels"
            );
            throw Abandoned{};
        }
        Open next;
        next.node.kind = kind;
        next.node.mark = mark_of(mark);
        open_.push_back(std::move(next));
    }
    void close() {
        Node node = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(node));
    }
    void add(Node node) {
        count(node.mark);
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == Node::Kind::kSequence) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.has_key) {
            take_key(parent, node);
        } else {
            parent.has_key = false;
            if (!parent.keep_value) return;
            parent.node.entries.push_back({std::move(parent.key), parent.key_mark, std::move(node)}
            );
        }
    }
    void take_key(Open& parent, const Node& node) {
        parent.has_key = true;
        parent.key_mark = node.mark;
        parent.key = node.scalar;
        parent.keep_value = false;
        if (node.kind != Node::Kind::kScalar) {
            problems_.add(
                node.mark, {}, std::string("a key must be text, this is ") + describe(node.kind)
            );
        } else if (node.scalar == "<<" && !node.quoted) {
            problems_.add(node.mark, {}, "merge keys (<<) are not allowed", "write the keys out");
        } else if (!parent.keys.insert(node.scalar).second) {
            problems_.add(
                node.mark,
                {},
                "key '" + node.scalar + "' is here a second time",
                "keep one of the two"
            );
        } else {
            parent.keep_value = true;
        }
    }

    Problems& problems_;
    Node root_;
    std::vector<Open> open_;
    std::size_t nodes_ = 0;
};

// The library guesses encodings; only UTF-8 without NUL gets as far as that.
bool is_utf8_text(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto lead = static_cast<unsigned char>(text[i]);
        if (lead == 0) return false;
        const std::size_t more = lead < 0x80                    ? 0
                                 : lead >= 0xC2 && lead <= 0xDF ? 1
                                 : (lead & 0xF0U) == 0xE0       ? 2
                                 : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                                : 4;
        if (more == 4 || text.size() - i <= more) return false;
        for (std::size_t k = 1; k <= more; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80) return false;
        }
        i += more + 1;
    }
    return true;
}

}  // namespace

Node parse_yaml(std::string_view text, Problems& problems) {
    if (text.size() > kYamlBytesMax) {
        problems.add({}, {}, "the file is larger than " + format_bytes(kYamlBytesMax));
        return {};
    }
    if (!is_utf8_text(text)) {
        problems.add({}, {}, "the file is not UTF-8 text");
        return {};
    }
    // Blank lines at the end would let the library take an unclosed quotation for a closed one.
    text = text.substr(0, text.find_last_not_of(" \r\n") + 1);
    TreeBuilder builder(problems);
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        parser.HandleNextDocument(builder);
        Node root = builder.take();
        if (parser.HandleNextDocument(builder)) {
            problems.add(
                builder.take().mark, {}, "a second document begins here", "keep one per file"
            );
        }
        return root;
    } catch (const Abandoned&) {
        return {};
    } catch (const YAML::Exception& error) {
        problems.add(error.mark.is_null() ? Mark{} : mark_of(error.mark), {}, error.msg);
    } catch (const std::exception& error) {
        problems.add({}, {}, std::string("not YAML: ") + error.what());
    }
    return {};
}

}  // namespace sealane::config
